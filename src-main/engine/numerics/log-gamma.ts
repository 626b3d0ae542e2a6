/** @file The logarithm of the gamma function, in plain numbers. */

/** log Γ(x), x > 0: Stirling's series from 10 on, to 10⁻¹². */
export const logGamma = (x: number): number =>
  x < 10
    ? logGamma(x + 1) - Math.log(x)
    : (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);

/** ln of the density of Student's t with so many degrees of freedom and scale 1, at its mode. */
export const logStudentMode = (degrees: number): number => logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * Math.log(Math.PI * degrees);
