/** @file Which part of a model is being evaluated: a fault deep in its mathematics can then say where. */

let current: string | undefined;

/** Evaluates f as this part: 'layer 2 (dense)'. Parts may lie in parts; the innermost counts. f is synchronous. */
export function inPart<Result>(name: string, f: () => Result): Result {
  const outer = current;
  current = name;
  try {
    return f();
  } finally {
    current = outer;
  }
}

export const currentPart = (): string | undefined => current;
