/** @file Draws a layout with Chart.js on a canvas: scales, ticks and the plot's frame are dictated, nothing is left to its judgement. */
import {
  BarController,
  BarElement,
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
} from 'chart.js';
import type { ChartConfiguration, ChartDataset, Plugin, ScaleOptions } from 'chart.js';
import type { AxisLayout, LaidMark, Layout } from './scene';
import { fonts, labelSize, tickSize } from './text';

Chart.register(BarController, BarElement, Filler, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, ScatterController);

type Dataset = ChartDataset<'line' | 'bar' | 'scatter'>;
type Configuration = ChartConfiguration<'line' | 'bar' | 'scatter'>;

/** Points may stand half outside the plot, px. */
const pointClip = 5;

const pairs = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from({ length: x.length }, (_, i) => ({ x: x[i]!, y: y[i]! }));

/** Chart.js paints the last dataset first, so `order` counts up to keep ours. */
function datasets(mark: LaidMark): Dataset[] {
  switch (mark.type) {
    case 'line':
      return [
        {
          type: 'line',
          data: pairs(mark.x, mark.y),
          borderColor: mark.color,
          borderWidth: mark.width,
          borderDash: [...mark.dash],
          pointRadius: 0,
          borderJoinStyle: 'round',
          fill: false,
        },
      ];
    case 'band': {
      const edge = { type: 'line', borderWidth: 0, pointRadius: 0 } as const;
      // '+1' fills up to the next dataset, which is the lower edge.
      return [
        { ...edge, data: pairs(mark.x, mark.high), backgroundColor: mark.color, fill: '+1' },
        { ...edge, data: pairs(mark.x, mark.low), fill: false },
      ];
    }
    case 'points':
      return [
        {
          type: 'scatter',
          data: pairs(mark.x, mark.y),
          pointRadius: mark.radius,
          pointHoverRadius: mark.radius,
          pointBorderColor: mark.color,
          pointBackgroundColor: mark.hollow ? 'transparent' : mark.color,
          pointBorderWidth: mark.hollow ? 1.25 : 0,
        },
      ];
    case 'boxes':
      return [
        {
          type: 'bar',
          data: Array.from({ length: mark.x.length }, (_, i) => ({ x: mark.x[i]!, y: [mark.low[i]!, mark.high[i]!] })) as unknown as [number, number][], // floating bars on a linear axis: runtime form, not typed
          backgroundColor: [...mark.colors],
          barThickness: mark.width,
          grouped: false,
          borderWidth: 0,
          inflateAmount: 0,
        },
      ];
    case 'texts':
      return []; // drawn by `lettering`
  }
}

/** Texts inside the plot, names, swatches, title and notes: Chart.js has no such thing. */
const lettering = (current: () => Layout): Plugin => ({
  id: 'lettering',
  beforeDraw: ({ ctx }) => {
    const layout = current();
    if (layout.theme.name === 'light' || layout.theme.name === 'dark') return; // on screen the page shines through
    ctx.fillStyle = layout.theme.background;
    ctx.fillRect(0, 0, layout.width, layout.height);
  },
  afterDraw: ({ ctx }) => {
    const layout = current();
    const family = fonts[layout.font];
    ctx.save();
    ctx.textBaseline = 'middle';
    for (const mark of layout.marks) {
      if (mark.type !== 'texts') continue;
      ctx.font = `${mark.size}px ${family}`;
      ctx.textAlign = 'center';
      mark.text.forEach((text, i) => {
        ctx.fillStyle = mark.colors[i]!;
        ctx.fillText(text, layout.x.scale.at(mark.x[i]!), layout.y.scale.at(mark.y[i]!) + mark.dy);
      });
    }
    for (const { text, x, y, anchor, size, color, bold } of layout.texts) {
      ctx.font = `${bold ? '600 ' : ''}${size}px ${family}`;
      ctx.textAlign = anchor === 'middle' ? 'center' : anchor;
      ctx.fillStyle = color;
      ctx.fillText(text, x, y);
    }
    for (const { kind, x, y, color, dash, hollow } of layout.swatches) {
      ctx.strokeStyle = ctx.fillStyle = color;
      ctx.lineWidth = kind === 'line' ? 1.75 : 1.25;
      ctx.setLineDash([...dash]);
      ctx.beginPath();
      if (kind === 'line') {
        ctx.moveTo(x, y);
        ctx.lineTo(x + 18, y);
        ctx.stroke();
      } else if (kind === 'dot') {
        ctx.arc(x + 9, y, 3.5, 0, 2 * Math.PI);
        if (hollow) ctx.stroke();
        else ctx.fill();
      } else ctx.fillRect(x, y - 5, 18, 10);
    }
    ctx.restore();
  },
});

function scaleOptions(axis: AxisLayout, which: 'x' | 'y', { theme, font, plot, height }: Layout): ScaleOptions<'linear'> {
  return {
    type: (axis.scale.log ? 'logarithmic' : 'linear') as 'linear',
    position: which === 'x' ? 'bottom' : 'left',
    offset: false,
    min: axis.scale.domain[0],
    max: axis.scale.domain[1],
    title: { display: true, text: axis.label, color: theme.muted, font: { size: labelSize, family: fonts[font] }, padding: 2 },
    border: { color: theme.axis },
    grid: { color: theme.grid, tickColor: theme.axis, tickLength: 5, drawOnChartArea: which === 'y', offset: false },
    ticks: {
      color: theme.muted,
      font: { size: tickSize, family: fonts[font] },
      autoSkip: false,
      minRotation: 0,
      maxRotation: 0,
      padding: 3,
      callback: (_value, i) => axis.ticks[i]?.text ?? '',
    },
    afterBuildTicks: (scale) => {
      scale.ticks = axis.ticks.map(({ value, text }) => ({ value, label: text }));
    },
    // The layout has decided how much room an axis takes.
    afterFit: (scale) => {
      scale.paddingLeft = scale.paddingRight = scale.paddingTop = scale.paddingBottom = 0;
      if (which === 'x') scale.height = height - plot.bottom - footer(height, plot.bottom);
      else scale.width = plot.left;
    },
  };
}

/** Room below the x axis for notes; the axis itself takes 44 px. */
const footer = (height: number, bottom: number): number => height - bottom - 44;

const datasetsOf = (layout: Layout): Configuration['data']['datasets'] => {
  const sets = layout.marks.flatMap(datasets);
  return sets.map((set, i) => ({ ...set, order: sets.length - i, clip: set.type === 'scatter' ? pointClip : 0 })) as Configuration['data']['datasets'];
};

const optionsOf = (layout: Layout, devicePixelRatio: number): NonNullable<Configuration['options']> => ({
  devicePixelRatio,
  responsive: false,
  maintainAspectRatio: false, // else a resize would keep the first width : height
  animation: false,
  events: [],
  layout: {
    autoPadding: false,
    padding: { left: 0, top: layout.plot.top, right: layout.width - layout.plot.right, bottom: footer(layout.height, layout.plot.bottom) },
  },
  scales: { x: scaleOptions(layout.x, 'x', layout), y: scaleOptions(layout.y, 'y', layout) },
});

export interface CanvasPainter {
  /** The chart that Chart.js holds: tests compare its geometry with the layout. */
  readonly chart: Chart<'line' | 'bar' | 'scatter'>;
  paint(layout: Layout): void;
  destroy(): void;
}

/** Draws layouts on `canvas`, with `pixelRatio` device pixels per px. Must be destroyed. */
export function makeCanvasPainter(canvas: HTMLCanvasElement, first: Layout, pixelRatio: number): CanvasPainter {
  let current = first;
  canvas.width = first.width;
  canvas.height = first.height;
  const chart = new Chart(canvas, {
    type: 'line',
    data: { datasets: datasetsOf(first) },
    options: optionsOf(first, pixelRatio),
    plugins: [lettering(() => current)],
  } as Configuration);
  return {
    chart,
    paint(layout) {
      const resized = layout.width !== current.width || layout.height !== current.height;
      current = layout;
      chart.data.datasets = datasetsOf(layout);
      chart.options = optionsOf(layout, pixelRatio) as typeof chart.options;
      if (resized) chart.resize(layout.width, layout.height);
      chart.update('none');
    },
    destroy: () => chart.destroy(),
  };
}
