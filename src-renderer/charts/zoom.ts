/** @file Views of part of the plane. */
import type { Layout, View } from './scene';

const span = (a: number, b: number): [number, number] => (a < b ? [a, b] : [b, a]);

/** The rectangle between two corners in px; `null` if it is too small to be meant. */
export function viewOfRectangle({ x, y, plot }: Layout, x0: number, y0: number, x1: number, y1: number): View | null {
  if (Math.abs(x1 - x0) < 6 || Math.abs(y1 - y0) < 6) return null;
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  const [left, right] = [within(x0, plot.left, plot.right), within(x1, plot.left, plot.right)];
  const [top, bottom] = [within(y0, plot.top, plot.bottom), within(y1, plot.top, plot.bottom)];
  return { x: span(x.scale.invert(left), x.scale.invert(right)), y: span(y.scale.invert(top), y.scale.invert(bottom)) };
}

/** Shrinks (factor < 1) or widens the view about a point in px, which stays where it is. */
export function viewAbout({ x, y, plot }: Layout, px: number, py: number, factor: number): View {
  const toward = (edge: number, centre: number) => centre + (edge - centre) * factor;
  return {
    x: span(x.scale.invert(toward(plot.left, px)), x.scale.invert(toward(plot.right, px))),
    y: span(y.scale.invert(toward(plot.bottom, py)), y.scale.invert(toward(plot.top, py))),
  };
}
