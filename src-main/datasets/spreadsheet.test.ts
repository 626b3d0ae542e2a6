import { strToU8, zipSync } from 'fflate';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable } from './read-table';
import { parseSpreadsheet } from './spreadsheet';

/** A workbook as spreadsheet programs write it: shared and inline strings, numbers, a formula, a gap, rows without cells. */
const sheet = `<?xml version="1.0"?><worksheet><sheetData>
  <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>price &amp; tax</t></is></c><c r="C1" t="s"><v>1</v></c></row>
  <row r="2" spans="1:3"/>
  <row r="3"><c r="A3"><v>1.5</v></c><c r="C3" t="str"><f>UPPER("x")</f><v>X</v></c></row>
  <row r="4"><c r="A4" s="2"><v>44197</v></c><c r="B4"><v>-2E-3</v></c><c r="C4" t="b"/></row>
</sheetData></worksheet>`;
const parts = {
  'xl/workbook.xml': '<workbook><sheets><sheet name="First" sheetId="7" r:id="rId3"/><sheet name="Second" sheetId="8" r:id="rId4"/></sheets></workbook>',
  'xl/_rels/workbook.xml.rels':
    '<Relationships><Relationship Target="worksheets/sheet2.xml" Id="rId4"/><Relationship Id="rId3" Target="worksheets/sheet1.xml"/></Relationships>',
  'xl/sharedStrings.xml': '<sst><si><t>size</t></si><si><r><t xml:space="preserve">a </t></r><r><t>b</t></r><rPh><t>reading</t></rPh></si></sst>',
  'xl/worksheets/sheet1.xml': sheet,
};
const workbook = (level: 0 | 6) => Buffer.from(zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])), { level }));

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'credence-sheet-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('parseSpreadsheet', () => {
  it.each([0, 6] as const)('reads the first sheet, at compression %i', (level) =>
    expect(parseSpreadsheet(workbook(level))).toEqual([
      ['size', 'price & tax', 'a b'],
      ['1.5', '', 'X'],
      ['44197', '-2E-3', ''],
    ]),
  );

  it('says what to do with a damaged workbook', () => {
    expect(() => parseSpreadsheet(workbook(6).subarray(0, 400))).toThrow(/save the table as CSV/);
    expect(() => parseSpreadsheet(Buffer.from(zipSync({ 'word/document.xml': strToU8('<w/>') })))).toThrow(/has no sheet/);
  });
});

describe('readTable', () => {
  const read = async (content: Buffer | string) => {
    await writeFile(join(folder, 'file'), content);
    return readTable(join(folder, 'file'));
  };
  it('knows a workbook by its content', async () => expect((await read(workbook(6))).names).toEqual(['size', 'price & tax', 'a b']));
  it('names columns that have no or equal names, and knows a missing value by its words', async () =>
    expect(await read('x,,x\n1,NA,?\n2,b,3')).toEqual({
      names: ['x', 'column 2', 'x (3)'],
      cells: [
        ['1', '', ''],
        ['2', 'b', '3'],
      ],
      firstLine: 2,
    }));
  it('takes a first row of numbers as values', async () => expect((await read('1;2\n3;4')).names).toEqual(['column 1', 'column 2']));
  it('refuses other files with advice', async () => {
    await expect(read(Buffer.from('d0cf11e0a1b11ae1000000', 'hex'))).rejects.toThrow(/save it as .xlsx or CSV/);
    await expect(read(Buffer.from([0x61, 0x2c, 0xe4, 0x0a]))).rejects.toThrow(/UTF-8/);
    await expect(read('')).rejects.toMatchObject({ code: 'invalid-file' });
  });
});
