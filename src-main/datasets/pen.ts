/** @file A round pen on 28 × 28 pixels: antialiased lines of varying width, computed only near the line. */

export const side = 28;

/** What one image has been inked with: coverage of each pixel, row-major. */
export class Paper {
  /** [side × side], 0 = blank; 1 and more = full. */
  readonly ink = new Float64Array(side * side);

  clear(): void {
    this.ink.fill(0);
  }

  /**
   * Draws the line from (x0, y0) to (x1, y1); the pen's radius goes from r0 to r1. Overlapping lines keep the darker coverage.
   * All in pixels: pixel (column, row) has its centre at (column + ½, row + ½). Coverage falls from 1 to 0 over `softness` across the pen's edge.
   */
  line(x0: number, y0: number, x1: number, y1: number, r0: number, r1: number, softness: number): void {
    const { ink } = this;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const perLength = 1 / Math.max(dx * dx + dy * dy, 1e-12);
    const reach = Math.max(r0, r1) + softness / 2;
    const squaredReach = reach * reach;
    const fromColumn = Math.max(0, Math.ceil(Math.min(x0, x1) - reach - 0.5));
    const toColumn = Math.min(side - 1, Math.floor(Math.max(x0, x1) + reach - 0.5));
    const fromRow = Math.max(0, Math.ceil(Math.min(y0, y1) - reach - 0.5));
    const toRow = Math.min(side - 1, Math.floor(Math.max(y0, y1) + reach - 0.5));
    for (let row = fromRow; row <= toRow; row++) {
      const py = row + 0.5 - y0;
      for (let column = fromColumn; column <= toColumn; column++) {
        const px = column + 0.5 - x0;
        let t = (px * dx + py * dy) * perLength; // the nearest point of the line is at fraction t
        if (t < 0) t = 0;
        else if (t > 1) t = 1;
        const ex = px - t * dx;
        const ey = py - t * dy;
        const squared = ex * ex + ey * ey;
        if (squared >= squaredReach) continue;
        const coverage = (r0 + t * (r1 - r0) - Math.sqrt(squared)) / softness + 0.5;
        const at = row * side + column;
        if (coverage > ink[at]!) ink[at] = coverage;
      }
    }
  }
}
