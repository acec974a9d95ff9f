import { expectedTokens, hasEarlierHead } from "../flow.ts";
import type { FairnessSettings } from "../settings.ts";
import type { FlowRequest } from "../../flow-request.ts";
import { ReadyHeap, type Fairness } from "./fairness.ts";

type Settings = Extract<FairnessSettings, { readonly kind: "weighted-cost" }>;

/**
 * Start-time fair queueing by tokens. A flow's rank is the virtual time at which its next request starts: tokens by weight
 * already charged. Dispatch charges the expected tokens, the end of a request corrects them. A flow that comes back starts
 * level with the one that is furthest behind, so idling earns nothing; a debt stays.
 * Source: Goyal, Vin, Cheng, "Start-time Fair Queuing", 1996.
 */
export function weightedCost({ flowWeights, objectiveWeights }: Settings): Fairness {
  let virtualTime = 0;
  const weightOf = ({ fairnessId, objective }: FlowRequest): number =>
    (flowWeights.get(fairnessId) ?? 1) * (objectiveWeights.get(objective) ?? 1);
  const ready = new ReadyHeap((flow) => flow.rank, hasEarlierHead);
  return {
    ready,
    joined: (flow) => {
      flow.rank = Math.max(flow.rank, ready.next()?.rank ?? virtualTime);
    },
    served: (flow, request, tokens) => {
      virtualTime = Math.max(virtualTime, flow.rank);
      flow.rank += tokens / weightOf(request);
    },
    settled: (flow, request, { promptTokens, outputTokens }) => {
      const correction = promptTokens + outputTokens - expectedTokens(request);
      if (Number.isFinite(correction)) flow.rank += correction / weightOf(request);
    },
    forgetAfterMs: undefined,
  };
}
