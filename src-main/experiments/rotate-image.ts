/** @file Rotation of an image about its centre by cubic splines. */

const pole = Math.sqrt(3) - 2;

/** Turns samples into cubic B-spline coefficients in place, along one line of `length` samples `stride` apart; mirrored at its ends. */
function prefilter(line: Float64Array, start: number, stride: number, length: number): void {
  if (length < 2) return;
  const at = (i: number) => start + i * stride;
  const gain = (1 - pole) * (1 - 1 / pole);
  for (let i = 0; i < length; i++) line[at(i)]! *= gain;
  const far = pole ** (length - 1);
  let [first, power] = [line[at(0)]! + far * line[at(length - 1)]!, pole];
  for (let i = 1; i < length - 1; i++, power *= pole) first += power * (line[at(i)]! + far * line[at(length - 1 - i)]!);
  line[at(0)] = first / (1 - far * far);
  for (let i = 1; i < length; i++) line[at(i)]! += pole * line[at(i - 1)]!;
  line[at(length - 1)] = ((pole * line[at(length - 2)]! + line[at(length - 1)]!) * pole) / (pole * pole - 1);
  for (let i = length - 2; i >= 0; i--) line[at(i)] = pole * (line[at(i + 1)]! - line[at(i)]!);
}

/** The four cubic B-spline weights of a point `t` in [0, 1) past the second of its four neighbours. */
function cubicWeights(t: number): readonly [number, number, number, number] {
  const s = 1 - t;
  return [s ** 3 / 6, (4 - 6 * t * t + 3 * t ** 3) / 6, (4 - 6 * s * s + 3 * s ** 3) / 6, t ** 3 / 6];
}

/** Index mirrored about the first and the last sample. */
function mirrored(i: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const j = ((i % period) + period) % period;
  return j < length ? j : period - j;
}

/** What each pixel of the rotated image is made of: the same for all images of one shape. */
export interface RotationPlan {
  readonly height: number;
  readonly width: number;
  /** Per pixel 16 coefficients' places; −1 first where the point lies outside. [height × width × 16] */
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** Rotation by `degrees` (counter-clockwise, as one looks at it) within the image's own frame. */
export function planRotation(height: number, width: number, degrees: number): RotationPlan {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [cy, cx] = [(height - 1) / 2, (width - 1) / 2];
  const [offsetY, offsetX] = [cy - (cos * cy + sin * cx), cx - (-sin * cy + cos * cx)];
  const places = new Int32Array(16 * height * width).fill(-1);
  const weights = new Float64Array(16 * height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const y = cos * row + sin * column + offsetY;
      const x = -sin * row + cos * column + offsetX;
      if (y < 0 || y > height - 1 || x < 0 || x > width - 1) continue;
      const [top, left] = [Math.floor(y), Math.floor(x)];
      const [wy, wx] = [cubicWeights(y - top), cubicWeights(x - left)];
      const pixel = 16 * (row * width + column);
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j < 4; j++) {
          places[pixel + 4 * i + j] = mirrored(top - 1 + i, height) * width + mirrored(left - 1 + j, width);
          weights[pixel + 4 * i + j] = wy[i]! * wx[j]!;
        }
      }
    }
  }
  return { height, width, places, weights };
}

/**
 * The images [rows × height × width] as `scipy.ndimage.rotate(image, degrees, reshape=False, order=3, cval=background)` gives them.
 *
 * @see Unser, Aldroubi & Eden (1993), B-Spline Signal Processing; Thévenaz, Blu & Unser (2000), Interpolation Revisited.
 */
export function rotateImages(images: Float32Array, { height, width, places, weights }: RotationPlan, background: number): Float32Array {
  const size = height * width;
  const rotated = new Float32Array(images.length);
  const coefficients = new Float64Array(size);
  for (let first = 0; first < images.length; first += size) {
    coefficients.set(images.subarray(first, first + size));
    for (let column = 0; column < width; column++) prefilter(coefficients, column, width, height);
    for (let row = 0; row < height; row++) prefilter(coefficients, row * width, 1, width);
    for (let pixel = 0; pixel < size; pixel++) {
      if (places[16 * pixel]! < 0) {
        rotated[first + pixel] = background;
        continue;
      }
      let value = 0;
      for (let i = 16 * pixel; i < 16 * pixel + 16; i++) value += weights[i]! * coefficients[places[i]!]!;
      rotated[first + pixel] = value;
    }
  }
  return rotated;
}
