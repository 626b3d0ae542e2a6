/** @file Draws a character as a hand might: outlines bent, stretched and slanted at random, stroked with a pen of varying pressure on 28 × 28 pixels. */
import type { Generator } from './generator';
import { Paper, side } from './pen';

/** One pen stroke through points of a 100 × 100 box, y downwards; `corner` points break the smooth curve. */
interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly corner: boolean;
}
export type Stroke = readonly Anchor[];

/** A character's ways of being written, each a list of strokes. */
export interface Character {
  readonly name: string;
  readonly styles: readonly (readonly Stroke[])[];
}

/** Reads strokes such as '24 8, 74 8!, 46 42' ('!' marks a corner); one string per stroke, one array per style. */
export function character(name: string, ...styles: readonly (readonly string[])[]): Character {
  const anchor = (text: string): Anchor => {
    const [x, y] = text.replace('!', '').trim().split(' ').map(Number) as [number, number];
    return { x, y, corner: text.includes('!') };
  };
  return { name, styles: styles.map((strokes) => strokes.map((stroke) => stroke.split(',').map(anchor))) };
}

const stepsPerSpan = 5;
/** Reused from image to image: the paper, and the points of all strokes, interleaved x, y. */
const paper = new Paper();
const path = new Float64Array(2 * 1024);

/** Catmull–Rom spline through the anchors, each displaced by the hand's imprecision. Returns the end of the stroke in `path`. */
function trace(stroke: Stroke, start: number, imprecision: number, generator: Generator): number {
  const last = stroke.length - 1;
  const xs = stroke.map(({ x }) => x + generator.normal(0, imprecision));
  const ys = stroke.map(({ y }) => y + generator.normal(0, imprecision));
  let end = start;
  for (let i = 0; i < last; i++) {
    const before = i === 0 || stroke[i]!.corner ? i : i - 1;
    const after = i + 1 === last || stroke[i + 1]!.corner ? i + 1 : i + 2;
    const [x0, x1, x2, x3] = [xs[before]!, xs[i]!, xs[i + 1]!, xs[after]!];
    const [y0, y1, y2, y3] = [ys[before]!, ys[i]!, ys[i + 1]!, ys[after]!];
    for (let step = i === 0 ? 0 : 1; step <= stepsPerSpan; step++) {
      const t = step / stepsPerSpan;
      const a = ((2 - t) * t - 1) * t * 0.5;
      const b = ((3 * t - 5) * t * t + 2) * 0.5;
      const c = ((4 - 3 * t) * t + 1) * t * 0.5;
      const d = (t - 1) * t * t * 0.5;
      path[end++] = a * x0 + b * x1 + c * x2 + d * x3;
      path[end++] = a * y0 + b * y1 + c * y2 + d * y3;
    }
  }
  return end;
}

/** Elastic warp: two smooth waves of random direction, length and phase displace every point. */
function warp(end: number, generator: Generator): void {
  for (let wave = 0; wave < 2; wave++) {
    const direction = generator.uniform(0, 2 * Math.PI);
    const frequency = (2 * Math.PI) / generator.uniform(60, 160);
    const [kx, ky] = [Math.cos(direction) * frequency, Math.sin(direction) * frequency];
    const phase = generator.uniform(0, 2 * Math.PI);
    const [ax, ay] = [generator.normal(0, 3.5), generator.normal(0, 3.5)];
    for (let i = 0; i < end; i += 2) {
      const shift = Math.sin(kx * path[i]! + ky * path[i + 1]! + phase);
      path[i]! += ax * shift;
      path[i + 1]! += ay * shift;
    }
  }
}

/** Random slant, rotation and proportions, then scaled into a box of about 20 × 20 pixels near the middle, as MNIST's digits are. */
function place(end: number, generator: Generator): void {
  const angle = generator.normal(0, 0.1);
  const slant = generator.normal(0.12, 0.2);
  const width = Math.exp(generator.normal(0, 0.14));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < end; i += 2) {
    const x = (path[i]! - 50) * width - (path[i + 1]! - 50) * slant;
    const y = path[i + 1]! - 50;
    const turnedX = cos * x - sin * y;
    const turnedY = sin * x + cos * y;
    path[i] = turnedX;
    path[i + 1] = turnedY;
    left = Math.min(left, turnedX);
    right = Math.max(right, turnedX);
    top = Math.min(top, turnedY);
    bottom = Math.max(bottom, turnedY);
  }
  const scale = generator.uniform(15.5, 19) / Math.max(right - left, bottom - top);
  const middleX = side / 2 + Math.max(-2, Math.min(2, generator.normal(0, 0.8))) - (scale * (left + right)) / 2;
  const middleY = side / 2 + Math.max(-2, Math.min(2, generator.normal(0, 0.8))) - (scale * (top + bottom)) / 2;
  for (let i = 0; i < end; i += 2) {
    path[i] = path[i]! * scale + middleX;
    path[i + 1] = path[i + 1]! * scale + middleY;
  }
}

/** Standard normal quantiles at 256 even levels: grain of the ink from single bytes. */
const grainOf = Float64Array.from({ length: 256 }, (_, i) => Math.SQRT2 * inverseErf((i + 0.5) / 128 - 1));

/** erf⁻¹ after Winitzki (2008), relative error below 0.2 %: enough for grain. */
function inverseErf(x: number): number {
  const logarithm = Math.log(1 - x * x);
  const term = 2 / (Math.PI * 0.147) + logarithm / 2;
  return Math.sign(x) * Math.sqrt(Math.sqrt(term * term - logarithm / 0.147) - term);
}

/**
 * Draws `style` into pixels[offset … offset + 784), 0 = paper, 255 = ink.
 * Everything random comes from `generator`, so that an image is a pure function of its address.
 */
export function drawCharacter(style: readonly Stroke[], generator: Generator, pixels: Uint8Array, offset: number): void {
  const imprecision = Math.abs(generator.normal(0, 1.6)) + 1.6;
  const ends: number[] = [];
  for (const stroke of style) ends.push(trace(stroke, ends.at(-1) ?? 0, imprecision, generator));
  warp(ends.at(-1)!, generator);
  place(ends.at(-1)!, generator);

  const radius = Math.min(2.3, Math.max(0.75, 1.25 * Math.exp(generator.normal(0, 0.28))));
  const softness = generator.uniform(1.1, 1.9);
  const pressurePhase = generator.uniform(0, 2 * Math.PI);
  const pressureWave = generator.uniform(0.05, 0.2);
  const pressure = (i: number) => radius * (1 + 0.18 * Math.sin(pressureWave * i + pressurePhase));
  paper.clear();
  ends.forEach((end, stroke) => {
    for (let i = stroke === 0 ? 0 : ends[stroke - 1]!; i + 2 < end; i += 2)
      paper.line(path[i]!, path[i + 1]!, path[i + 2]!, path[i + 3]!, pressure(i), pressure(i + 2), softness);
  });

  const darkness = 255 * generator.uniform(0.86, 1.04);
  const grain = generator.uniform(0.01, 0.07);
  let bytes = 0;
  for (let at = 0; at < side * side; at++) {
    if ((at & 3) === 0) bytes = generator.bits();
    const coverage = Math.min(1, paper.ink[at]!);
    pixels[offset + at] = coverage === 0 ? 0 : Math.min(255, Math.max(0, Math.round(darkness * coverage * (1 + grain * grainOf[bytes & 255]!))));
    bytes >>>= 8;
  }
}
