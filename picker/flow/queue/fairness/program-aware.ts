import type { Milliseconds } from "#units";
import type { Flow } from "../flow.ts";
import type { FairnessSettings } from "../settings.ts";
import { AttainedOrder } from "./attained-order.ts";
import { nothing, type Fairness } from "./fairness.ts";

type Settings = Extract<FairnessSettings, { readonly kind: "program-aware" }>;

const outputTokenCost = 2;
/** Half-lives after which the instant that service is told of is moved, long before a number overflows. */
const longestPast = 256;

/**
 * Least attained service: the highest sum of (1 - attained service) and head wait, each weighted and relative to the largest
 * among the flows that wait. A flow's rank is its attained service: prompt tokens plus twice the output tokens of requests
 * that have ended, fading exponentially. Source: llm-d-router, program-aware-fairness, strategy las.
 */
export function programAware({ serviceWeight, headWaitWeight, halfLifeMs, forgetAfterMs }: Settings): Fairness {
  let epochMs: Milliseconds = 0;
  const attained = (flow: Flow, atMs: Milliseconds): number =>
    flow.rank === 0 || halfLifeMs === 0 ? flow.rank : flow.rank * 2 ** ((flow.rankedAtMs - atMs) / halfLifeMs);
  const ready = new AttainedOrder({ serviceWeight, headWaitWeight }, (flow) => attained(flow, epochMs));
  return {
    ready,
    joined: nothing,
    served: nothing,
    settled: (flow, _request, { promptTokens, outputTokens }, nowMs) => {
      const cost = promptTokens + outputTokenCost * outputTokens;
      if (!Number.isFinite(cost)) return;
      flow.rank = attained(flow, nowMs) + cost;
      flow.rankedAtMs = nowMs;
      if (nowMs - epochMs <= longestPast * halfLifeMs) return;
      epochMs = nowMs;
      ready.rebase();
    },
    forgetAfterMs,
  };
}
