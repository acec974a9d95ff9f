import { unreachable } from "#errors";
import type { Milliseconds } from "#units";

/** Arrivals per second over the time of a run. */
export type RateCurve =
  | { readonly kind: "constant"; readonly perSecond: number }
  /** A cosine from `lowPerSecond` at the start up to `highPerSecond` at half a period and back. */
  | {
      readonly kind: "wave";
      readonly lowPerSecond: number;
      readonly highPerSecond: number;
      readonly periodMs: Milliseconds;
    }
  /** Each rate holds from its time on; 0 before the first. Times rise. */
  | { readonly kind: "steps"; readonly steps: readonly RateStep[] };

export type RateStep = { readonly fromMs: Milliseconds; readonly perSecond: number };

/** The rate at an instant of the run, per second. */
export function rateAt(curve: RateCurve, atMs: Milliseconds): number {
  switch (curve.kind) {
    case "constant":
      return curve.perSecond;
    case "wave": {
      const rise = (1 - Math.cos((2 * Math.PI * atMs) / curve.periodMs)) / 2;
      return curve.lowPerSecond + (curve.highPerSecond - curve.lowPerSecond) * rise;
    }
    case "steps":
      return curve.steps.findLast(({ fromMs }) => fromMs <= atMs)?.perSecond ?? 0;
    default:
      return unreachable(curve);
  }
}

/** The highest rate of the curve, per second. */
export function peakRate(curve: RateCurve): number {
  switch (curve.kind) {
    case "constant":
      return curve.perSecond;
    case "wave":
      return Math.max(curve.lowPerSecond, curve.highPerSecond);
    case "steps":
      return Math.max(0, ...curve.steps.map(({ perSecond }) => perSecond));
    default:
      return unreachable(curve);
  }
}
