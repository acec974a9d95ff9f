import type { Milliseconds } from "#units";
import type { FlowSettings } from "../settings.ts";

type WaitSettings = Pick<FlowSettings, "admission" | "enforcement" | "ttl" | "holdForZero">;

const noLimit: Milliseconds = Number.POSITIVE_INFINITY;

/**
 * How long a request may wait whose pool gets its first endpoint at the last moment: without endpoints, and then for room.
 * What requests say of themselves only shortens it. 0: nothing waits; Infinity: as long as its client does.
 */
export function longestWaitMs({ admission, enforcement, ttl, holdForZero }: WaitSettings): Milliseconds {
  if (admission === "legacy" || enforcement === "observe") return 0;
  const { budgetMs, learned } = holdForZero;
  const heldMs = budgetMs === undefined ? noLimit : Math.max(budgetMs, learned?.maxBudgetMs ?? 0);
  const ttlsMs = [...ttl.ofBandMs.values(), ttl.dynamicMs, ttl.dynamicNegativeMs];
  return heldMs + Math.max(...ttlsMs.map((ms) => ms ?? noLimit));
}
