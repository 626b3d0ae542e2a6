/** @file The first sheet of an XLSX workbook as cells: a zip archive of XML (ECMA-376). Formulas give their stored values, dates their serial numbers. */
import { inflateRawSync } from 'node:zlib';
import { WorkbenchError } from '../contract/errors';

const damaged = (detail: string) =>
  new WorkbenchError('invalid-file', `The workbook cannot be read (${detail}); open it in a spreadsheet program and save the table as CSV`);
/** Bytes one entry may have unpacked: more than any table that belongs in a spreadsheet. */
const largestEntry = 512 * 2 ** 20;

export const isZip = (bytes: Buffer): boolean => bytes.length > 22 && bytes.readUInt32LE(0) === 0x04034b50;

/** Reads entries of a zip archive by its central directory. @see PKWARE APPNOTE 4.3 */
function openZip(bytes: Buffer): (name: string) => string | null {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) throw damaged('the zip archive is cut short');
  const entries = new Map<string, { method: number; size: number; at: number }>();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw damaged('its directory is damaged');
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [number, number, number];
    const entry = { method: bytes.readUInt16LE(at + 10), size: bytes.readUInt32LE(at + 20), at: bytes.readUInt32LE(at + 42) };
    entries.set(bytes.toString('utf8', at + 46, at + 46 + name), entry);
    at += 46 + name + extra + comment;
  }
  return (name) => {
    const entry = entries.get(name);
    if (!entry) return null;
    const begin = entry.at + 30 + bytes.readUInt16LE(entry.at + 26) + bytes.readUInt16LE(entry.at + 28);
    const packed = bytes.subarray(begin, begin + entry.size);
    return (entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: largestEntry })).toString('utf8');
  };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescape = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) =>
    hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : (entities[name ?? ''] ?? whole),
  );

/** Text of the `<t>` elements, without the readings that Japanese cells carry. */
const textOf = (xml: string): string =>
  [...xml.replace(/<rPh[\s\S]*?<\/rPh>/g, '').matchAll(/<t(?:\s[^>]*)?>([\s\S]*?)<\/t>/g)].map(([, text]) => unescape(text!)).join('');

/** 'A' → 0, 'AB' → 27. */
const columnIndex = (letters: string): number => [...letters].reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 64, 0) - 1;

/** @throws WorkbenchError `invalid-file` */
export function parseSpreadsheet(bytes: Buffer): string[][] {
  try {
    return readSheet(bytes);
  } catch (error) {
    throw error instanceof WorkbenchError ? error : damaged(error instanceof Error ? error.message : String(error));
  }
}

function readSheet(bytes: Buffer): string[][] {
  const read = openZip(bytes);
  const sheetId = /<sheet\s[^>]*?\br:id="([^"]+)"/.exec(read('xl/workbook.xml') ?? '')?.[1];
  const relation = [...(read('xl/_rels/workbook.xml.rels') ?? '').matchAll(/<Relationship\s[^>]*>/g)].find(([tag]) => tag.includes(`Id="${sheetId}"`))?.[0];
  const target = relation && /Target="([^"]+)"/.exec(relation)?.[1];
  const sheet = target && read(target.startsWith('/') ? target.slice(1) : `xl/${target}`);
  if (!sheet) throw damaged('it has no sheet');
  const strings = [...(read('xl/sharedStrings.xml') ?? '').matchAll(/<si>([\s\S]*?)<\/si>/g)].map(([, item]) => textOf(item!));

  const rows: string[][] = [];
  for (const [, content] of sheet.matchAll(/<row\b[^>]*?(?:\/>|>([\s\S]*?)<\/row>)/g)) {
    const row: string[] = [];
    for (const [, attributes, inner = ''] of (content ?? '').matchAll(/<c\b([^>]*?)(?:\/>|>([\s\S]*?)<\/c>)/g)) {
      const place = /\br="([A-Z]+)\d+"/.exec(attributes!)?.[1];
      const type = /\bt="(\w+)"/.exec(attributes!)?.[1];
      const value = unescape(/<v[^>]*>([\s\S]*?)<\/v>/.exec(inner)?.[1] ?? '');
      const column = place ? columnIndex(place) : row.length;
      while (row.length < column) row.push('');
      row[column] = (type === 's' ? (strings[Number(value)] ?? '') : type === 'inlineStr' ? textOf(inner) : value).trim();
    }
    if (row.some((cell) => cell !== '')) rows.push(row);
  }
  return rows;
}
