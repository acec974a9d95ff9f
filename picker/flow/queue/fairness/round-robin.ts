import { nothing, ReadyHeap, type Fairness } from "./fairness.ts";

/**
 * One request a turn, over the fairness ids in their order. A flow's rank is the round of its next turn. A flow that was
 * skipped keeps its turn, one at most.
 */
export function roundRobin(): Fairness {
  let round = 0;
  let cursor = "";
  let started = false;
  return {
    ready: new ReadyHeap(
      (flow) => flow.rank,
      (a, b) => a.fairnessId < b.fairnessId,
    ),
    joined: (flow) => {
      flow.rank = !started || flow.fairnessId > cursor ? round : round + 1;
    },
    served: (flow) => {
      if (!started || flow.rank > round || (flow.rank === round && flow.fairnessId > cursor)) cursor = flow.fairnessId;
      started = true;
      round = Math.max(round, flow.rank);
      flow.rank = round + 1;
    },
    settled: nothing,
    forgetAfterMs: 0,
  };
}
