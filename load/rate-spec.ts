import { parseDuration, type Milliseconds } from "#units";
import type { RateCurve, RateStep } from "./rate.ts";

/** How traffic goes over a run: even, or rising and falling. */
export type LoadShape = "steady" | "wave";
/** Every shape, in the order of help texts. */
export const loadShapes = ["steady", "wave"] as const satisfies readonly LoadShape[];

/** What a written rate depends on beside its text. */
export type RateContext = {
  readonly shape: LoadShape;
  /** Of one wave, low to high to low. */
  readonly wavePeriodMs: Milliseconds;
};

/** What {@link parseRate} reads, for error messages. */
export const rateForm =
  "requests per second as 5, 2..20 (a wave from low to high), or 2/10@30s/2@60s (steps: rate@from), at most 100000";

const maxPerSecond = 100_000;
/** A plain rate under the wave shape swings by this share of itself around itself. */
const waveSwing = 0.8;

const perSecondOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d*\.?\d+$/.test(text) && Number(text) <= maxPerSecond ? Number(text) : undefined;

function stepsOf(texts: readonly string[]): RateCurve | undefined {
  const steps: RateStep[] = [];
  for (const text of texts) {
    const [rate, from = steps.length === 0 ? "0" : "", ...rest] = text.split("@");
    const perSecond = perSecondOf(rate);
    const fromMs = parseDuration(from);
    const previous = steps.at(-1);
    if (perSecond === undefined || fromMs === undefined || rest.length > 0) return undefined;
    if (previous !== undefined && fromMs <= previous.fromMs) return undefined;
    steps.push({ fromMs, perSecond });
  }
  return { kind: "steps", steps };
}

/** Reads a rate; a plain number follows the shape of the run, waves and steps are what they say. Undefined when it is none. */
export function parseRate(text: string, { shape, wavePeriodMs }: RateContext): RateCurve | undefined {
  if (text.includes("/") || text.includes("@")) return stepsOf(text.split("/"));
  const [low, high, ...rest] = text.split("..");
  const lowPerSecond = perSecondOf(low);
  if (lowPerSecond === undefined || rest.length > 0) return undefined;
  if (high !== undefined) {
    const highPerSecond = perSecondOf(high);
    if (highPerSecond === undefined || highPerSecond <= lowPerSecond) return undefined;
    return { kind: "wave", lowPerSecond, highPerSecond, periodMs: wavePeriodMs };
  }
  if (lowPerSecond === 0) return undefined;
  return shape === "steady"
    ? { kind: "constant", perSecond: lowPerSecond }
    : {
        kind: "wave",
        lowPerSecond: lowPerSecond * (1 - waveSwing),
        highPerSecond: lowPerSecond * (1 + waveSwing),
        periodMs: wavePeriodMs,
      };
}
