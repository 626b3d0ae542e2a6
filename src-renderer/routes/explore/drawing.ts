/** @file From a drawing to an image as MNIST has them: the ink's longer side 20 of 28 pixels, its centre of mass in the middle. */

/** Ink in [0, 1], row-major. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly ink: ArrayLike<number>;
}

const inkShare = 20 / 28;

/** Pixels 0–255, [height × width]; all 0 where there is no ink. @see LeCun et al. (1998), Gradient-based learning applied to document recognition, sec. III A */
export function centred({ width, height, ink }: Drawing, [rows, columns]: readonly [height: number, width: number]): number[] {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (ink[y * width + x]! > 0.05) [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  if (right < 0) return Array.from({ length: rows * columns }, () => 0);

  const scale = (inkShare * Math.min(rows, columns)) / (Math.max(right - left, bottom - top) + 1);
  let [mass, mx, my] = [0, 0, 0];
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const value = ink[y * width + x]!;
      mass += value;
      mx += value * (x + 0.5);
      my += value * (y + 0.5);
    }
  const [cx, cy] = [mx / mass, my / mass];
  // Each image pixel is the mean ink of the part of the drawing that it covers.
  return Array.from({ length: rows * columns }, (_, i) => {
    const [u, v] = [i % columns, Math.floor(i / columns)];
    const x0 = (u - columns / 2) / scale + cx;
    const y0 = (v - rows / 2) / scale + cy;
    return Math.round(255 * mean({ width, height, ink }, x0, y0, 1 / scale));
  });
}

/** Mean over the square of side `side` at (x0, y0), sampled so that no pixel of the drawing is missed; outside there is no ink. */
function mean({ width, height, ink }: Drawing, x0: number, y0: number, side: number): number {
  const samples = Math.max(2, Math.ceil(side));
  let sum = 0;
  for (let j = 0; j < samples; j++)
    for (let i = 0; i < samples; i++) {
      const x = Math.floor(x0 + ((i + 0.5) * side) / samples);
      const y = Math.floor(y0 + ((j + 0.5) * side) / samples);
      if (x >= 0 && x < width && y >= 0 && y < height) sum += ink[y * width + x]!;
    }
  return sum / samples ** 2;
}
