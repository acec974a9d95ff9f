/** One distribution drawn: bars of the recent window, a line since the start, and the threshold. */
import uPlot from "uplot";
import type { Bars } from "./distribution.ts";
import { duration } from "./format.ts";

const height = 150;
const narrowest = 200;

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Bars at x = index, each as wide as one step; nothing after the last. */
function dataOf({ recent, sinceStart, thresholdAt, bounds }: Bars): uPlot.AlignedData {
  const within = (bar: number): boolean => thresholdAt !== undefined && bar < thresholdAt;
  const pick = (isWanted: (bar: number) => boolean): (number | null)[] => [
    ...recent.map((share, bar) => (isWanted(bar) ? (share ?? null) : null)),
    null,
  ];
  const line = sinceStart.map((share) => share ?? null);
  return [
    bounds.map((_, index) => index),
    pick((bar) => thresholdAt === undefined && bar >= 0),
    pick(within),
    pick((bar) => thresholdAt !== undefined && !within(bar)),
    [...line, line.at(-1) ?? null],
  ];
}

/** Bound labels that fit: about one for each 48 pixels. */
function labelled(bounds: readonly number[], width: number): readonly number[] {
  const step = Math.max(1, Math.ceil(bounds.length / Math.max(2, Math.floor(width / 48))));
  return bounds.map((_, index) => index).filter((index) => index % step === 0);
}

function drawThreshold(plot: uPlot, { thresholdAt, bounds }: Bars): void {
  if (thresholdAt === undefined) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(thresholdAt, "x", true));
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("--ink");
  ctx.lineWidth = 2 * ratio;
  ctx.setLineDash([5 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  const isLeft = x < bbox.left + bbox.width / 2;
  ctx.font = `600 ${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = isLeft ? "left" : "right";
  ctx.textBaseline = "top";
  ctx.fillText(`≤ ${duration(bounds[thresholdAt])}`, x + (isLeft ? 5 : -5) * ratio, bbox.top + 2 * ratio);
  ctx.restore();
}

const boundName = (bound: number | undefined): string =>
  bound === undefined || bound === Infinity ? "∞" : duration(bound).replaceAll(" ", "");

function axes(bounds: () => readonly number[]): uPlot.Axis[] {
  const axis = { stroke: () => colour("--quiet"), ticks: { show: false }, font: "11px system-ui, sans-serif" };
  return [
    {
      ...axis,
      size: 24,
      gap: 4,
      grid: { show: false },
      splits: (plot) => [...labelled(bounds(), plot.width)],
      values: (_plot, splits) => splits.map((index) => boundName(bounds()[index])),
    },
    {
      ...axis,
      size: 44,
      grid: { stroke: () => colour("--line"), width: 1 },
      values: (_plot, splits) => splits.map((value) => `${Math.round(value * 100)} %`),
    },
  ];
}

/** In the order of the data: bars without a threshold, within it, beyond it, and the line since the start. */
function series(): uPlot.Series[] {
  const hidden = { points: { show: false } };
  const paths = uPlot.paths.bars!({ align: 1, size: [0.92, Infinity], radius: 0.08 });
  const bars = (name: string): uPlot.Series => ({ ...hidden, fill: () => colour(name), width: 0, paths });
  const line = { ...hidden, stroke: () => colour("--ink"), width: 1.5, paths: uPlot.paths.stepped!({ align: 1 }) };
  return [{}, bars("--neutral"), bars("--met"), bars("--missed"), line];
}

/** A chart that is made once and told of new bars. */
export class DistributionChart {
  readonly #host: HTMLElement;
  #bars: Bars;
  #plot: uPlot;

  /** @param host takes the canvas; its width is the chart's */
  constructor(host: HTMLElement, bars: Bars) {
    this.#host = host;
    this.#bars = bars;
    this.#plot = new uPlot(this.#options(), dataOf(bars), host);
    new ResizeObserver(() => this.#fit()).observe(host);
  }

  show(bars: Bars): void {
    if (JSON.stringify(bars) === JSON.stringify(this.#bars)) return;
    this.#bars = bars;
    this.#plot.setData(dataOf(bars));
  }

  /** Colours changed. */
  repaint(): void {
    this.#plot.redraw(false, true);
  }

  #fit(): void {
    const width = this.#width();
    if (width !== this.#plot.width) this.#plot.setSize({ width, height });
  }

  #width(): number {
    return Math.max(narrowest, this.#host.clientWidth);
  }

  #options(): uPlot.Options {
    return {
      width: this.#width(),
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 22, 0, 0],
      scales: {
        x: { time: false, range: () => [0, this.#bars.bounds.length - 1] },
        y: { range: (_plot, _low, high) => [0, Math.max(0.05, high * 1.15)] },
      },
      axes: axes(() => this.#bars.bounds),
      series: series(),
      hooks: { draw: [(plot) => drawThreshold(plot, this.#bars)] },
    };
  }
}
