import { hasEarlierHead } from "../flow.ts";
import { nothing, ReadyHeap, type Fairness } from "./fairness.ts";

/** The best head over all flows, by the ordering of the band. */
export const globalStrict = (): Fairness => ({
  ready: new ReadyHeap((flow) => flow.queue.firstKey ?? Infinity, hasEarlierHead),
  joined: nothing,
  served: nothing,
  settled: nothing,
  forgetAfterMs: 0,
});
