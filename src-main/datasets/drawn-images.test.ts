import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawPart } from './dataset';
import { drawnDigits } from './drawn-digits';
import { drawnGlyphs } from './drawn-glyphs';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-drawn-'));
});
afterAll(() => rm(folder, { recursive: true }));

const settings = { normalisation: 'mnist', size: 'small', seed: 1 } as const;

/** Class of the training image with the smallest squared distance. */
function nearest(train: RawPart, image: Uint8Array | Float32Array): number {
  let [best, label] = [Infinity, -1];
  for (let row = 0; row < train.rows; row++) {
    let distance = 0;
    for (let i = 0; i < 784 && distance < best; i++) distance += (train.x[row * 784 + i]! - image[i]!) ** 2;
    if (distance < best) [best, label] = [distance, train.y[row]!];
  }
  return label;
}

describe('drawn digits', () => {
  it('are the same for ever: a change to the drawing must raise its version', async () => {
    const { hash } = await drawnDigits.load({ folder }, settings);
    expect(hash).toBe('ef3fd471b0744ba62246618fa0ba5244af60967da40fc33b82a951031334a09c');
  });

  it('are read from disk the second time, and drawn again if the disk holds other bytes', async () => {
    const messages: string[] = [];
    const context = { folder, report: (_: number, message: string) => void messages.push(message) };
    const first = await drawnDigits.load(context, settings);
    expect(messages).toEqual([]);
    await writeFile(join(folder, 'drawn-digits', 'v1-small-seed1', 'test-labels.idx'), 'damaged');
    expect((await drawnDigits.load(context, settings)).hash).toBe(first.hash);
    expect(messages.splice(0)[0]).toBe('Drawing Drawn digits: 0 of 2500 images');
    await writeFile(join(folder, 'drawn-digits', 'v1-small-seed1', 'manifest.json'), '{');
    expect((await drawnDigits.load(context, settings)).hash).toBe(first.hash);
    expect(messages.length).toBeGreaterThan(0);
  });

  it('begin alike in every size, and differ between seeds and parts', async () => {
    const small = await drawnDigits.load({ folder }, settings);
    const medium = await drawnDigits.load({ folder }, { ...settings, size: 'medium' });
    const other = await drawnDigits.load({ folder }, { ...settings, seed: 2 });
    expect(Buffer.compare(medium.train.x.subarray(0, small.train.x.length) as Uint8Array, small.train.x as Uint8Array)).toBe(0);
    expect(Buffer.compare(medium.test.y.subarray(0, 500) as Uint8Array, small.test.y as Uint8Array)).toBe(0);
    expect(other.train.x.subarray(0, 784)).not.toEqual(small.train.x.subarray(0, 784));
    expect(small.test.x.subarray(0, 784)).not.toEqual(small.train.x.subarray(0, 784));
  });

  it('hold all classes about equally, ink in the middle and paper at the border', async () => {
    const { train } = await drawnDigits.load({ folder }, settings);
    for (let label = 0; label < 10; label++) {
      const count = (train.y as Uint8Array).filter((y) => y === label).length;
      expect(Math.abs(count - 200)).toBeLessThan(54); // four standard errors of a binomial(2000, 0.1)
    }
    let [border, all] = [0, 0];
    train.x.forEach((value, i) => {
      const [row, column] = [Math.floor((i % 784) / 28), i % 28];
      all += value;
      if (row === 0 || row === 27 || column === 0 || column === 27) border += value;
    });
    expect(border / all).toBeLessThan(0.001);
    expect(all / train.x.length / 255).toBeGreaterThan(0.1); // MNIST: 0.13
    expect(all / train.x.length / 255).toBeLessThan(0.16);
  });

  it('can be learnt, but not by heart: the nearest of 2000 errs on some, not on many', async () => {
    const { train, test } = await drawnDigits.load({ folder }, settings);
    let errors = 0;
    for (let row = 0; row < 200; row++) if (nearest(train, test.x.subarray(row * 784, (row + 1) * 784)) !== test.y[row]) errors++;
    expect(errors).toBeGreaterThan(2);
    expect(errors).toBeLessThan(40);
  });

  it('stop when cancelled', async () => {
    const load = drawnDigits.load({ folder, signal: AbortSignal.abort() }, { ...settings, seed: 9 });
    await expect(load).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('drawn glyphs', () => {
  it('are test images of other shapes than digits', async () => {
    const { train, test } = await drawnGlyphs.load({ folder }, settings);
    expect([train.rows, test.rows]).toEqual([0, 500]);
    expect(new Set(test.y).size).toBe(drawnGlyphs.classes.length);
    expect(drawnGlyphs.classes.filter((name) => /[0-9IOlSZBQ]/.test(name))).toEqual([]);
  });
});
