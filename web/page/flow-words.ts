/** What flow control does, in words. */
import { count, duration, share } from "./format.ts";
import type { Flow, Outcome } from "./snapshot.ts";

const modes: Readonly<Record<Flow["mode"], string>> = {
  normal: "dispatching by metrics and count",
  "concurrency-only": "dispatching by count: no fresh metrics",
  "no-endpoints": "no endpoints: requests wait for the first one",
};

/** What it decides from, and whether that is carried out. */
export function stateInWords({ admission, enforcement, mode }: Flow): string {
  const legacy = admission === "legacy" ? ["nothing waits: sheddable requests are refused while the pool is full"] : [];
  const observe = enforcement === "observe" ? ["observing: nothing is refused or held, and this is what would be"] : [];
  return [modes[mode], ...legacy, ...observe].join("; ");
}

/** Whether somebody should look. */
export const stateOf = ({ mode }: Flow): "normal" | "attention" => (mode === "normal" ? "normal" : "attention");

const outcomes: Readonly<Partial<Record<string, string>>> = {
  "client-gone": "client left",
  saturated: "saturated",
  infeasible: "would be late",
  late: "too late",
  "queue-full": "queue full",
  "queue-full-no-endpoints": "queue full without endpoints",
  displaced: "displaced",
  "ttl-expired": "waited too long",
  "ttl-expired-no-endpoints": "no endpoint in time",
  evicted: "evicted",
  "no-endpoints": "no endpoint",
  "filtered-out": "filtered out",
  "no-band": "no queue for its priority",
  "shutting-down": "shutting down",
  "shutting-down-queued": "shutting down while it waited",
};

const rate = (perSecond: number | undefined): string =>
  perSecond === undefined
    ? ""
    : ` (${perSecond >= 10 ? perSecond.toFixed(0) : String(Number(perSecond.toPrecision(2)))}/s)`;

const oneOutcome = ({ outcome, count: times, perSecond }: Outcome): string =>
  `${outcomes[outcome] ?? outcome} ${count(times)}${rate(perSecond)}`;

/** What left without an endpoint, most first. */
export function unservedInWords({ outcomes: all }: Flow, recentSeconds: number): string {
  const unserved = all.filter(({ outcome }) => outcome !== "dispatched").toSorted((a, b) => b.count - a.count);
  const during = `in the last ${duration(recentSeconds)}`;
  if (all.length === 0) return `No request was decided ${during}.`;
  if (unserved.length === 0) return `Every request was dispatched ${during}.`;
  return `Not dispatched ${during}: ${unserved.map(oneOutcome).join(", ")}.`;
}

/** Bands that are left out, in words; empty where none is. */
export const omittedInWords = ({ omittedBands }: Flow): string =>
  omittedBands === 0 ? "" : `${count(omittedBands)} more of lower priorities.`;

/** The demand that waits for the first endpoint; empty where nothing does. */
export function heldInWords({ held, expectedColdStartSeconds }: Flow): string {
  if (held.requests === 0) return "";
  const requests = held.requests === 1 ? "1 request waits" : `${count(held.requests)} requests wait`;
  const oldest = held.oldestAgeSeconds === undefined ? "" : `, the oldest for ${duration(held.oldestAgeSeconds)}`;
  return `${requests} for the first endpoint (${count(held.tokens)} tokens)${oldest}; a start is expected to take ${duration(expectedColdStartSeconds)}.`;
}

/** What enforcing would have done; empty where it is enforced. */
export function wouldInWords({ enforcement, would }: Flow, recentSeconds: number): string {
  if (enforcement === "enforce") return "";
  const during = `in the last ${duration(recentSeconds)}`;
  if (would.length === 0) return `Enforcing would have changed nothing ${during}.`;
  const each = would.map(({ objective, refusedShare, ttftMetShare }) => {
    const inTime = ttftMetShare === undefined ? "" : `, first token in time for ${share(ttftMetShare, 1)} of the rest`;
    return `${objective} ${share(refusedShare, 1)} refused${inTime}`;
  });
  return `Enforcing, ${during}: ${each.join("; ")}.`;
}
