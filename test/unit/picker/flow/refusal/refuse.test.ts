import { describe, expect, it } from "@jest/globals";
import { missReasons } from "#objective";
import {
  goneWhileQueued,
  refusalKinds,
  refusalRules,
  type RefusalKind,
} from "../../../../../picker/flow/refusal/outcomes.ts";
import { refuse, refusedAtExpiry, refusedAtLimit } from "../../../../../picker/flow/refusal/refuse.ts";

const waits = { untilRoomMs: () => 3000, untilEndpointMs: () => 30_000 };
const noJitter = () => 0.5;

describe("refuse", () => {
  it.each([
    ["saturated", 429, "shed", "rejected-saturated", 3],
    ["infeasible", 429, "shed", "rejected-saturated", 3],
    ["late", 429, "shed", "rejected-ttl-expired", 3],
    ["queue-full", 429, "queue_full", "rejected-saturated", 3],
    ["queue-full-no-endpoints", 503, "no_endpoints", "rejected-no-endpoints", 30],
    ["displaced", 429, "evicted", "evicted-priority", 3],
    ["ttl-expired", 429, "ttl_expired", "rejected-ttl-expired", 3],
    ["ttl-expired-no-endpoints", 503, "no_endpoints", "rejected-no-endpoints", 30],
    ["evicted", 429, "evicted", "evicted", 3],
    ["no-endpoints", 503, "no_endpoints", "rejected-no-endpoints", 30],
    ["filtered-out", 429, "no_endpoints", "rejected-saturated", 3],
    ["no-band", 503, "queue_full", undefined, 3],
    ["shutting-down", 503, "shutting_down", "rejected-shutting-down", 1],
    ["shutting-down-queued", 503, "shutting_down", "rejected-shutting-down", 1],
  ] as const)("answers %s with %i, %s, %s, retry after %i s", (kind, status, reason, droppedReason, retryAfter) => {
    expect(refuse(kind, waits, noJitter)).toEqual({
      kind: "refuse",
      status,
      reason,
      droppedReason,
      message: refusalRules[kind].message,
      retryAfterSeconds: retryAfter,
    });
  });

  it("has a rule for every kind, none of them an internal error, each with a reason that attainment knows", () => {
    expect(Object.keys(refusalRules).toSorted()).toEqual([...refusalKinds].toSorted());
    for (const rule of Object.values(refusalRules)) {
      expect([429, 503]).toContain(rule.status);
      expect(missReasons).toContain(rule.reason);
      expect(rule.message).not.toBe("");
      expect(rule.status === 503).toBe(
        rule.reason === "no_endpoints" && rule.droppedReason !== "rejected-saturated"
          ? true
          : rule.reason === "shutting_down" || rule === refusalRules["no-band"],
      );
    }
  });

  it("covers every outcome of the field but its dispatch", () => {
    const covered = new Set([
      ...Object.values(refusalRules).map((rule) => rule.fieldOutcome),
      goneWhileQueued.fieldOutcome,
    ]);
    covered.delete(undefined);
    expect([...covered].map(String).toSorted()).toEqual([
      "EvictedContextCancelled",
      "EvictedNoEndpoints",
      "EvictedOther",
      "EvictedTTL",
      "RejectedCapacity",
      "RejectedNoEndpoints",
      "RejectedOther",
    ]);
  });

  it("asks only for the wait it names", () => {
    const never = (): never => {
      throw new Error("not to be asked");
    };
    expect(refuse("queue-full", { ...waits, untilEndpointMs: never }, noJitter).retryAfterSeconds).toBe(3);
    expect(refuse("no-endpoints", { ...waits, untilRoomMs: never }, noJitter).retryAfterSeconds).toBe(30);
    const nothing = { untilRoomMs: never, untilEndpointMs: never };
    expect(refuse("shutting-down", nothing, noJitter).retryAfterSeconds).toBe(1);
  });
});

describe("refusedAtLimit, refusedAtExpiry", () => {
  it.each<[Parameters<typeof refusedAtLimit>[0], boolean, RefusalKind]>([
    ["band-requests", false, "queue-full"],
    ["band-bytes", false, "queue-full"],
    ["global-requests", false, "queue-full"],
    ["global-bytes", false, "queue-full"],
    ["dynamic-bands", false, "no-band"],
    ["band-requests", true, "queue-full-no-endpoints"],
    ["dynamic-bands", true, "queue-full-no-endpoints"],
  ])("%s, pool empty %p: %s", (limit, isPoolEmpty, want) => expect(refusedAtLimit(limit, isPoolEmpty)).toBe(want));

  it("names the missing endpoints where the pool is empty", () => {
    expect(refusedAtExpiry(true)).toBe("ttl-expired-no-endpoints");
    expect(refusedAtExpiry(false)).toBe("ttl-expired");
  });
});
