/** @file Words inside a PNG: text chunks (PNG 3rd edition, 11.3.3), which image readers show as metadata. */

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of ISO 3309, as PNG's annex D. */
const crc = (bytes: Uint8Array): number => (bytes.reduce((c, byte) => table[(c ^ byte) & 255]! ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

const headerEnd = 33; // signature 8, IHDR 25 bytes

/** The file with one international text chunk (iTXt, UTF-8) for each entry, after the header. */
export function withText(png: Uint8Array<ArrayBuffer>, entries: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const chunks = Object.entries(entries).map(([keyword, text]) => {
    const body = new TextEncoder().encode(`iTXt${keyword}\0\0\0\0\0${text}`); // not compressed, no language
    const chunk = new Uint8Array(body.length + 8);
    const view = new DataView(chunk.buffer);
    view.setUint32(0, body.length - 4);
    chunk.set(body, 4);
    view.setUint32(body.length + 4, crc(body));
    return chunk;
  });
  const file = new Uint8Array(png.length + chunks.reduce((sum, { length }) => sum + length, 0));
  file.set(png.subarray(0, headerEnd));
  let at = headerEnd;
  for (const chunk of chunks) {
    file.set(chunk, at);
    at += chunk.length;
  }
  file.set(png.subarray(headerEnd), at);
  return file;
}
