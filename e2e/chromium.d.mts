/** A Chromium that starts, or why there is none. */
export function findChromium(): { readonly path: string; readonly reason?: undefined } | { readonly path?: undefined; readonly reason: string };
