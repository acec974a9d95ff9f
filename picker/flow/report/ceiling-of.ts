import type { Ratio } from "#units";
import type { FlowStatus } from "../flow-status.ts";

/** How much of the pool a band may use, as a share; undefined: not known. Policies may say more than 1, which counts as 1. */
export function ceilingOf(ceilings: FlowStatus["ceilings"], priority: number): Ratio | undefined {
  const ceiling = ceilings.get(priority);
  return ceiling === undefined ? undefined : Math.min(1, ceiling);
}
