/** Which requests are traced from their start, and which are kept for how they ended. */
import type { HeaderView } from "#extproc";
import type { Judgement, RequestObservation } from "#objective";
import type { Ratio } from "#units";
import { parseTraceparent, type TraceParent } from "./trace-context.ts";

/** As OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG say. */
export type Sampling = {
  /** Whether the caller's decision counts where there is one. */
  readonly parentBased: boolean;
  /** Share of the other requests. */
  readonly ratio: Ratio;
};

/** Why a trace was kept. */
export type KeptBy = "parent" | "ratio" | "outcome";

/** What the request headers decide. */
export type TraceDecision = {
  readonly parent: TraceParent | undefined;
  /** Undefined: not sampled; the trace is kept only for how the request ends. */
  readonly sampledBy: Exclude<KeptBy, "outcome"> | undefined;
};

const unsampledRoot: TraceDecision = { parent: undefined, sampledBy: undefined };
const sampledRoot: TraceDecision = { parent: undefined, sampledBy: "ratio" };

/** Parent-based ratio: the caller's decision, else a throw of the dice. */
export function traceDecision(
  headers: Pick<HeaderView, "get">,
  { parentBased, ratio }: Sampling,
  random: () => Ratio,
): TraceDecision {
  const parent = parseTraceparent(headers.get("traceparent"));
  if (parent === undefined) return random() < ratio ? sampledRoot : unsampledRoot;
  if (parentBased) return { parent, sampledBy: parent.sampled ? "parent" : undefined };
  return { parent, sampledBy: random() < ratio ? "ratio" : undefined };
}

/** Missed, shed or failed: kept whether or not it was sampled. */
export const isKeptForItsOutcome = (
  { outcome }: Pick<RequestObservation, "outcome">,
  { verdict }: Pick<Judgement, "verdict">,
): boolean => verdict === "missed" || outcome.kind === "refused" || outcome.kind === "upstream-error";
