/** @file Which rows stand behind a point of a plot: a few of each bin, so that a click can show them. */

/** At most this many of each bin are kept. */
export const examplesKept = 24;

/** The first rows of each bin, as indices. `binOf` gives each of the `rows` rows its bin. */
export function examplesByBin(rows: number, bins: number, binOf: (row: number) => number): number[][] {
  const examples: number[][] = Array.from({ length: bins }, () => []);
  for (let row = 0; row < rows; row++) {
    const bin = examples[binOf(row)]!;
    if (bin.length < examplesKept) bin.push(row);
  }
  return examples;
}

/** The rows of the largest values, the largest first. */
export const rowsOfLargest = (values: Float64Array): number[] => [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, examplesKept);
