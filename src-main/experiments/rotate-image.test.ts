import { expect, it } from 'vitest';
import { planRotation, rotateImages } from './rotate-image';

const [height, width] = [5, 6];
const image = Float32Array.from({ length: height * width }, (_, k) => {
  const [i, j] = [Math.floor(k / width), k % width];
  return (3 * i * i + 5 * j + 2 * i * j) % 11;
});
const rotate = (degrees: number, from = image) => rotateImages(from, planRotation(height, width, degrees), -0.5);

// scipy 1.10.1: ndimage.rotate(image, angle, reshape=False, order=3, cval=-0.5), float64.
const stored: Readonly<Record<number, readonly (readonly number[])[]>> = {
  30: [
    [-0.5, -0.5, 4.074786714, 9.326500249, 5.438945587, -0.5],
    [-0.5, 9.325128909, 2.343062708, 5.182802032, 3.460129284, -0.5],
    [3.67164412, 11.24423393, 7.317119028, 5.980294064, 5.042824573, 4.561866188],
    [-0.5, 6.794391979, 6.623282101, 5.366977939, 6.838235926, -0.5],
    [-0.5, 4.967408089, 5.27295956, 7.759194392, -0.5, -0.5],
  ],
  90: [
    [-0.5, 6.8046875, 4.749588816, 3.798930921, 3.173108553, -0.5],
    [-0.5, 6.348214286, 5.440671992, 5.004229323, 5.200305451, -0.5],
    [-0.5, 4.606026786, 4.344866071, 5.702008929, 7.847098214, -0.5],
    [-0.5, 8.967912946, 10.60369185, 7.455313087, 5.667161067, -0.5],
    [-0.5, 3.369140625, 5.881270559, 4.613178454, 4.922594572, -0.5],
  ],
  137: [
    [-0.5, 3.151925861, 4.676171704, 5.332235714, -0.5, -0.5],
    [-0.5, 4.327339546, 4.966880912, 5.262040159, 7.86162908, -0.5],
    [7.712621043, 6.74292307, 4.807957729, 6.7994392, 4.958726551, 5.11995725],
    [-0.5, 3.685438749, 4.708790294, 10.98940351, 6.470514234, -0.5],
    [-0.5, -0.5, 8.896454537, 7.851849039, 1.793067556, -0.5],
  ],
};

it.each(Object.keys(stored).map(Number))('agrees with scipy at %i°', (angle) => {
  const expected = stored[angle]!.flat();
  rotate(angle).forEach((value, i) => expect(Math.abs(value - expected[i]!), `pixel ${i}: ${value} ≠ ${expected[i]}`).toBeLessThan(2e-6));
});

it('leaves an image as it is at 0°, and turns several as it turns each', () => {
  rotate(0).forEach((value, i) => expect(value).toBeCloseTo(image[i]!, 5));
  const both = rotate(30, Float32Array.from([...image, ...image.map((value) => 2 * value)]));
  expect(both.subarray(0, 30)).toEqual(rotate(30));
  expect(both.subarray(30)).toEqual(
    rotate(
      30,
      image.map((value) => 2 * value),
    ),
  );
});
