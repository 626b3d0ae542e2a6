/** @file Whether the system finds a native library, asked of the system's own loader. */

/** Of libraries by file name, those that cannot be found; on Linux, elsewhere none is looked for. */
export function missingLibraries(names: readonly string[]): string[] {
  return process.platform === 'linux' ? names.filter((name) => !isFound(name)) : [];
}

/** The loader opens the library before Node finds that it is no addon, and closes it again. */
function isFound(name: string): boolean {
  try {
    process.dlopen({ exports: {} }, name);
    return true;
  } catch (error) {
    return !(error instanceof Error && error.message.includes('cannot open shared object file'));
  }
}
