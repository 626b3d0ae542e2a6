import { expect, it } from 'vitest';
import { examples } from './examples.testing';
import { charts } from './index';
import { layOnPaper, screenPaper } from './paper';
import { paintSvg } from './svg-painter';

const provenance = { run: 'first "try" <1>', method: 'Bayes by Backprop', dataset: 'Drawn digits', draws: 100 };
const size = { width: 480, height: 280, view: undefined, provenance };

it.each([
  [
    'reliability-diagram',
    layOnPaper(
      { ...size, figure: charts['reliability-diagram'].figure(examples['reliability-diagram']), table: () => ({}), title: 'Reliability', logY: false },
      screenPaper('Reliability'),
    ),
  ],
  [
    'uncertainty-histogram',
    layOnPaper(
      { ...size, figure: charts['uncertainty-histogram'].figure(examples['uncertainty-histogram']), table: () => ({}), title: 'Uncertainty', logY: true },
      screenPaper('Uncertainty'),
    ),
  ],
])('exports %s as ever', async (id, page) => {
  await expect(paintSvg(page, charts[id as keyof typeof charts].title, provenance)).toMatchFileSnapshot(`./snapshots/${id}.svg`);
});

it('stands alone: sized, with fonts to fall back on and its provenance inside, escaped', () => {
  const { figure } = charts['class-histogram'];
  const svg = paintSvg(
    layOnPaper({ ...size, figure: figure(examples['class-histogram']), table: () => ({}), title: 'A & B', logY: false }, screenPaper('A & B')),
    'A & B',
    provenance,
  );
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="480" height="\d+" viewBox="0 0 480 \d+" font-family="[^"]*sans-serif"/);
  expect(svg).toContain('<title>A &amp; B</title>');
  const [, metadata] = /<metadata>(.*)<\/metadata>/.exec(svg)!;
  const unescaped = metadata!.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  expect(JSON.parse(unescaped)).toEqual({ creator: 'Credence', ...provenance });
  expect(svg.replaceAll(/&(amp|lt|gt|quot);/g, '')).not.toContain('&');
});
