import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RunId } from '../../contract/ids';
import { float32 } from '../../engine/numerics/host-tensor';
import { storedDraw, writeDraw } from './draws';

it('reads back what it wrote, in the precision asked for, and explains a draw that has gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'credence-draws-'));
  const weights = { 'dense1.kernel': float32([1, 2], Float32Array.of(1 / 3, -2)) };
  for (const [precision, third] of [
    ['float32', Math.fround(1 / 3)],
    ['float16', 0.333251953125],
  ] as const) {
    const written = await writeDraw(folder, RunId.parse('run-test'), { step: 12, member: 3, weights }, precision);
    const draw = storedDraw(folder, { ...written, step: 12 });
    expect([draw.step, draw.member]).toEqual([12, 3]);
    const { shape, data } = (await draw.load())['dense1.kernel']!;
    expect([shape, [...data]]).toEqual([
      [1, 2],
      [third, -2],
    ]);
    await rm(join(folder, written.file));
    await expect(draw.load()).rejects.toMatchObject({ code: 'not-found', message: expect.stringMatching(/dropped this draw for a newer one/) as string });
  }
  expect(() => storedDraw(folder, { file: 'run-test/step-000000012.safetensors', sha256: '', step: 12 })).toThrow(/not the name of a kept draw/);
  await rm(folder, { recursive: true });
});
