/** The path of a Chromium on this machine, if any. */
export function findChromium(): string | undefined;
/** The same, after trying to install one where there is none. */
export function obtainChromium(): { readonly path: string } | { readonly reason: string };
