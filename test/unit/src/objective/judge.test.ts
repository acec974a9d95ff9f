import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  dimensions,
  judge,
  verdicts,
  type RequestObservation,
  type RequestOutcome,
  type ServiceLevel,
} from "#objective";

const level: ServiceLevel = {
  thresholds: { ttftMs: 500, tpotMs: 50, e2eMs: 10_000 },
  target: 0.99,
  periodMs: 28 * 86_400_000,
  sheddedAs: "missed",
};
const ttftOnly: ServiceLevel = { ...level, thresholds: { ttftMs: 500 } };
const e2eOnly: ServiceLevel = { ...level, thresholds: { e2eMs: 10_000 } };
const excludesSheds: ServiceLevel = { ...level, sheddedAs: "excluded" };
const normal = { priority: 0 };
const sheddable = { priority: -1 };

const streamed = (part: Partial<RequestObservation>): RequestObservation => ({
  outcome: { kind: "completed" },
  elapsedMs: 3000,
  ttftMs: 400,
  tpotMs: 40,
  streamed: true,
  ...part,
});
const refused = (reason: Extract<RequestOutcome, { kind: "refused" }>["reason"]): RequestObservation =>
  streamed({ outcome: { kind: "refused", reason }, ttftMs: undefined, tpotMs: undefined, streamed: undefined });

describe("judge", () => {
  it.each([
    { name: "all within", seen: streamed({}), by: level, want: "met" },
    {
      name: "exactly on every threshold",
      seen: streamed({ ttftMs: 500, tpotMs: 50, elapsedMs: 10_000 }),
      by: level,
      want: "met",
    },
    { name: "TTFT over by a hair", seen: streamed({ ttftMs: 500.001 }), by: level, want: "missed", reason: "ttft" },
    { name: "TPOT over", seen: streamed({ tpotMs: 51 }), by: level, want: "missed", reason: "tpot" },
    { name: "E2E over", seen: streamed({ elapsedMs: 10_001 }), by: level, want: "missed", reason: "e2e" },
    {
      name: "TTFT and TPOT over: the first is named",
      seen: streamed({ ttftMs: 600, tpotMs: 60 }),
      by: level,
      want: "missed",
      reason: "ttft",
    },
    { name: "one output token has no TPOT", seen: streamed({ tpotMs: undefined }), by: level, want: "met" },
    {
      name: "not streamed: E2E decides",
      seen: streamed({ ttftMs: undefined, tpotMs: undefined, streamed: false }),
      by: level,
      want: "met",
    },
    {
      name: "not streamed, E2E over",
      seen: streamed({ ttftMs: undefined, tpotMs: undefined, streamed: false, elapsedMs: 11_000 }),
      by: level,
      want: "missed",
      reason: "e2e",
    },
    {
      name: "not streamed, no E2E target: nothing was promised",
      seen: streamed({ ttftMs: undefined, tpotMs: undefined, streamed: false }),
      by: ttftOnly,
      want: "untargeted",
    },
    { name: "no targets", seen: streamed({ ttftMs: 9999 }), by: undefined, want: "untargeted" },
    { name: "no targets, shed", seen: refused("shed"), by: undefined, want: "untargeted" },
    { name: "shed", seen: refused("shed"), by: level, want: "missed", reason: "shed" },
    { name: "queue full", seen: refused("queue_full"), by: level, want: "missed", reason: "queue_full" },
    { name: "TTL expired", seen: refused("ttl_expired"), by: level, want: "missed", reason: "ttl_expired" },
    { name: "evicted", seen: refused("evicted"), by: level, want: "missed", reason: "evicted" },
    { name: "no endpoint", seen: refused("no_endpoints"), by: level, want: "missed", reason: "no_endpoints" },
    { name: "shutting down", seen: refused("shutting_down"), by: level, want: "missed", reason: "shutting_down" },
    {
      name: "invalid",
      seen: streamed({ outcome: { kind: "invalid" }, ttftMs: undefined }),
      by: level,
      want: "excluded",
    },
    { name: "unobserved", seen: streamed({ outcome: { kind: "unobserved" } }), by: level, want: "excluded" },
    {
      name: "upstream error",
      seen: streamed({ outcome: { kind: "upstream-error" }, ttftMs: undefined, elapsedMs: 20 }),
      by: level,
      want: "missed",
      reason: "upstream_error",
    },
    {
      name: "client left before the first token and the deadline",
      seen: streamed({ outcome: { kind: "client-gone" }, ttftMs: undefined, tpotMs: undefined, elapsedMs: 499 }),
      by: level,
      want: "excluded",
    },
    {
      name: "client left before the first token, after the deadline",
      seen: streamed({ outcome: { kind: "client-gone" }, ttftMs: undefined, tpotMs: undefined, elapsedMs: 501 }),
      by: level,
      want: "missed",
      reason: "client_gone",
    },
    {
      name: "client left before any response headers, after the deadline",
      seen: streamed({
        outcome: { kind: "client-gone" },
        ttftMs: undefined,
        tpotMs: undefined,
        elapsedMs: 501,
        streamed: undefined,
      }),
      by: level,
      want: "missed",
      reason: "client_gone",
    },
    {
      name: "client left in mid-stream, good so far",
      seen: streamed({ outcome: { kind: "client-gone" } }),
      by: level,
      want: "met",
    },
    {
      name: "client left in mid-stream, TTFT missed",
      seen: streamed({ outcome: { kind: "client-gone" }, ttftMs: 501 }),
      by: level,
      want: "missed",
      reason: "ttft",
    },
    {
      name: "client left in mid-stream, TPOT missed so far",
      seen: streamed({ outcome: { kind: "client-gone" }, tpotMs: 51 }),
      by: level,
      want: "missed",
      reason: "tpot",
    },
    {
      name: "client left in mid-stream after one token",
      seen: streamed({ outcome: { kind: "client-gone" }, tpotMs: undefined }),
      by: level,
      want: "met",
    },
    {
      name: "client left in mid-stream, only E2E promised, in time so far",
      seen: streamed({ outcome: { kind: "client-gone" } }),
      by: e2eOnly,
      want: "excluded",
    },
    {
      name: "client left in mid-stream, only E2E promised, late",
      seen: streamed({ outcome: { kind: "client-gone" }, elapsedMs: 10_001 }),
      by: e2eOnly,
      want: "missed",
      reason: "e2e",
    },
  ])("$name", ({ seen, by, want, reason }) => {
    const judgement = judge(seen, by, normal);
    expect([judgement.verdict, judgement.reason]).toEqual([want, reason]);
  });

  it.each([
    { reason: "shed", priority: -1, want: "excluded" },
    { reason: "queue_full", priority: -1, want: "excluded" },
    { reason: "ttl_expired", priority: -1, want: "excluded" },
    { reason: "evicted", priority: -1, want: "excluded" },
    { reason: "no_endpoints", priority: -1, want: "missed" },
    { reason: "shutting_down", priority: -1, want: "missed" },
    { reason: "shed", priority: 0, want: "missed" },
  ] as const)(
    "an objective that excludes sheds: $reason at priority $priority is $want",
    ({ reason, priority, want }) => {
      expect(judge(refused(reason), excludesSheds, { priority }).verdict).toBe(want);
    },
  );

  it("gives no dimension verdict to a refused request", () => {
    expect(judge(refused("shed"), level, sheddable)).toMatchObject({
      ttft: undefined,
      tpot: undefined,
      e2e: undefined,
    });
  });

  it("keeps the TTFT verdict that was settled before the response broke", () => {
    const broken = { outcome: { kind: "upstream-error" } } as const;
    expect(judge(streamed(broken), level, normal)).toMatchObject({ ttft: "met", tpot: undefined, e2e: undefined });
    expect(judge(streamed({ ...broken, ttftMs: undefined, elapsedMs: 501 }), level, normal).ttft).toBe("missed");
    expect(judge(streamed({ ...broken, ttftMs: undefined, elapsedMs: 499 }), level, normal).ttft).toBeUndefined();
  });

  it("gives one verdict per applicable dimension of a completed request", () => {
    expect(judge(streamed({ tpotMs: 99 }), level, normal)).toMatchObject({ ttft: "met", tpot: "missed", e2e: "met" });
  });

  const outcomes: fc.Arbitrary<RequestOutcome> = fc.constantFrom<RequestOutcome>(
    { kind: "completed" },
    { kind: "refused", reason: "shed" },
    { kind: "refused", reason: "no_endpoints" },
    { kind: "upstream-error" },
    { kind: "invalid" },
    { kind: "client-gone" },
    { kind: "unobserved" },
  );
  const observations = fc.record({
    outcome: outcomes,
    elapsedMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
    ttftMs: fc.option(fc.double({ min: 0, max: 1000, noNaN: true }), { nil: undefined }),
    tpotMs: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    streamed: fc.constantFrom(true, false, undefined),
  });

  it("is total: one known verdict, a reason exactly for a miss, and never met beside a missed dimension", () => {
    fc.assert(
      fc.property(observations, fc.constantFrom(level, ttftOnly, e2eOnly, excludesSheds, undefined), (seen, by) => {
        const judgement = judge(seen, by, normal);
        expect(verdicts).toContain(judgement.verdict);
        expect(judgement.reason !== undefined).toBe(judgement.verdict === "missed");
        const settled = dimensions.map((dimension) => judgement[dimension]);
        if (judgement.verdict === "met") {
          expect(settled).not.toContain("missed");
          expect(settled).toContain("met");
        }
      }),
    );
  });

  it("is monotone: a slower completed request is never judged better", () => {
    fc.assert(
      fc.property(observations, fc.double({ min: 0, max: 5000, noNaN: true }), (seen, slower) => {
        const completed = { ...seen, outcome: { kind: "completed" } as const };
        const late = { ...completed, elapsedMs: completed.elapsedMs + slower };
        if (judge(completed, level, normal).verdict === "missed")
          expect(judge(late, level, normal).verdict).toBe("missed");
      }),
    );
  });
});
