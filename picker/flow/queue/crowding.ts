import type { FlowRequest } from "../flow-request.ts";
import type { Band } from "./band.ts";
import type { Queued } from "./flow.ts";

/** A flow that crowds a band is among those of its youngest requests. */
const looksBack = 16;

/**
 * Who makes place in a full band for an arrival of a flow that has less in it: the youngest request of the flow with the
 * most, of those that enqueued last. One tenant that fills the band then keeps nobody else out.
 * @returns undefined where no flow has more than the arrival's would have, or where the band's policy tells no flows apart
 */
export function crowdingRequest(band: Band, arrival: FlowRequest): Queued | undefined {
  if (band.settings.fairness.kind === "global-strict") return undefined;
  let most = band.queuedOf(arrival) + 1;
  let found: Queued | undefined;
  let one = band.youngest;
  for (let i = 0; i < looksBack && one !== undefined; i++, one = one.older) {
    const { length } = one.flow.queue.items;
    if (length <= most) continue;
    most = length;
    found = one;
  }
  return found;
}
