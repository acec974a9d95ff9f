import { describe, expect, it } from "@jest/globals";
import { recordOf } from "../../../load/outcome.ts";
import { Durations, quantileOf } from "../../../load/quantiles.ts";
import { ReportBuilder } from "../../../load/report.ts";
import { voidReasons, type RunHealth } from "../../../load/run-health.ts";
import { exchangeOf, levelOf, objectiveOf, optionsOf } from "./builders.ts";

const health: RunHealth = {
  latenessMs: { p50: 1, p90: 2, p99: 3, max: 4 },
  cpuShare: 0.2,
  eventLoopDelayMs: { p50: 0, p99: 1, max: 2 },
};

describe("recordOf", () => {
  it("measures from the intended time and from the send", () => {
    expect(recordOf(exchangeOf(), 500)).toMatchObject({
      outcome: "completed",
      intendedAtMs: 500,
      latenessMs: 10,
      ttftMs: 100,
      ttftFromSendMs: 90,
      tpotMs: 10,
      e2eMs: 210,
      e2eFromSendMs: 200,
      outputTokens: 11,
      tokenSource: "usage",
      judgement: { verdict: "met", ttft: "met", tpot: "met" },
    });
  });

  it("judges the same response differently on the two clocks where lateness decides", () => {
    const record = recordOf(exchangeOf({ objective: objectiveOf({ level: levelOf({ ttftMs: 95 }) }) }), 0);
    expect(record.judgement).toMatchObject({ verdict: "missed", reason: "ttft" });
    expect(record.judgementFromSend.verdict).toBe("met");
  });

  it("counts token events where there is no usage", () => {
    const observed = {
      firstTokenAtMs: 1100,
      lastTokenAtMs: 1200,
      tokenEvents: 6,
      usageOutputTokens: undefined,
      sawEnd: true,
      failed: false,
    };
    expect(recordOf(exchangeOf({ response: { observed } }), 0)).toMatchObject({
      outputTokens: 6,
      tokenSource: "estimated",
      tpotMs: 20,
    });
  });

  const cut = {
    firstTokenAtMs: 1100,
    lastTokenAtMs: 1200,
    tokenEvents: 6,
    usageOutputTokens: undefined,
    sawEnd: false,
    failed: false,
  };
  const unseen = { ...cut, firstTokenAtMs: undefined, lastTokenAtMs: undefined, tokenEvents: 0 };
  const status = (code: number, droppedReason?: string) => ({
    response: { status: code, droppedReason, streamed: false, observed: unseen },
  });
  it.each([
    {
      name: "a truncated stream",
      fields: { response: { observed: cut } },
      outcome: "truncated",
      verdict: "missed",
      reason: "upstream_error",
    },
    {
      name: "an error in the stream",
      fields: { response: { observed: { ...cut, failed: true } } },
      outcome: "stream-error",
      verdict: "missed",
      reason: "upstream_error",
    },
    {
      name: "a reset",
      fields: { ending: "reset", response: { observed: cut } },
      outcome: "reset",
      verdict: "missed",
      reason: "upstream_error",
    },
    {
      name: "no connection",
      fields: { ending: "reset", response: null },
      outcome: "reset",
      verdict: "missed",
      reason: "upstream_error",
    },
    { name: "500", fields: status(500), outcome: "http-error", verdict: "missed", reason: "upstream_error" },
    { name: "400", fields: status(400), outcome: "http-error", verdict: "excluded", reason: undefined },
    { name: "429 without a reason", fields: status(429), outcome: "http-error", verdict: "missed", reason: "shed" },
    {
      name: "429 saturated",
      fields: status(429, "rejected-saturated"),
      outcome: "http-error",
      verdict: "missed",
      reason: "shed",
    },
    {
      name: "429 TTL",
      fields: status(429, "rejected-ttl-expired"),
      outcome: "http-error",
      verdict: "missed",
      reason: "ttl_expired",
    },
    {
      name: "429 evicted",
      fields: status(429, "evicted"),
      outcome: "http-error",
      verdict: "missed",
      reason: "evicted",
    },
    {
      name: "503 no endpoints",
      fields: status(503, "rejected-no-endpoints"),
      outcome: "http-error",
      verdict: "missed",
      reason: "no_endpoints",
    },
    {
      name: "503 shutting down",
      fields: status(503, "rejected-shutting-down"),
      outcome: "http-error",
      verdict: "missed",
      reason: "shutting_down",
    },
    {
      name: "unfinished before the deadline",
      fields: { ending: "unfinished", endedAtMs: 1050, response: null },
      outcome: "unfinished",
      verdict: "excluded",
      reason: undefined,
    },
    {
      name: "a timeout after the deadline",
      fields: { ending: "timeout", endedAtMs: 9000, response: null },
      outcome: "timeout",
      verdict: "missed",
      reason: "client_gone",
    },
    {
      name: "unfinished in mid-stream, slow so far",
      fields: { ending: "unfinished", response: { observed: cut } },
      outcome: "unfinished",
      verdict: "missed",
      reason: "tpot",
    },
  ] as const)("$name is $outcome and $verdict", ({ fields, outcome, verdict, reason }) => {
    const record = recordOf(exchangeOf(fields), 0);
    expect([record.outcome, record.judgement.verdict, record.judgement.reason]).toEqual([outcome, verdict, reason]);
  });
});

describe("quantiles", () => {
  it.each([
    { values: [1], q: 0.99, want: 1 },
    { values: [1, 2, 3, 4], q: 0.5, want: 2 },
    { values: [1, 2, 3, 4], q: 0.9, want: 4 },
    { values: [], q: 0.5, want: undefined },
  ])("$q of $values is $want", ({ values, q, want }) => expect(quantileOf(Float64Array.from(values), q)).toBe(want));

  it("are exact over many values in any order", () => {
    const durations = new Durations();
    for (let i = 0; i < 1000; i++) durations.add(((i * 607) % 1000) + 1);
    expect(durations.quantiles()).toEqual({ p50: 500, p90: 900, p99: 990, max: 1000 });
    expect(durations.quantilesSeconds().p50).toBe(0.5);
    expect(durations.count).toBe(1000);
  });
});

describe("ReportBuilder", () => {
  const chat = objectiveOf({ level: levelOf({ ttftMs: 95 }) });
  const batch = objectiveOf({ name: "batch" });

  it("adds up each objective and the whole", () => {
    const builder = new ReportBuilder(optionsOf({ objectives: [chat, batch], records: true }));
    const met = { objective: chat, sentAtMs: 1000, intendedAtMs: 1010 };
    for (let i = 0; i < 9; i++) builder.add(recordOf(exchangeOf(met), 0));
    builder.add(recordOf(exchangeOf({ objective: chat }), 0));
    builder.add(recordOf(exchangeOf({ objective: batch, ending: "reset", response: null }), 0));
    builder.skip("batch");
    const report = builder.build("2026-01-01T00:00:00.000Z", 2000, health);
    expect(report.objectives.map(({ name }) => name)).toEqual(["chat", "batch"]);
    expect(report.objectives[0]).toMatchObject({
      sent: 10,
      skipped: 0,
      completed: 10,
      failed: 0,
      judged: 10,
      met: 9,
      missed: 1,
      excluded: 0,
      attainment: 0.9,
      target: 0.9,
      targetReached: true,
      missedBy: { ttft: 1 },
      outcomes: { completed: 10 },
      statusCounts: { "200": 10 },
      outputTokens: 110,
      outputTokensPerSecond: 55,
      goodput: { requestsPerSecond: 4.5, outputTokensPerSecond: 49.5 },
    });
    expect(report.objectives[0]?.ttftSeconds).toEqual({ p50: 0.09, p90: 0.09, p99: 0.1, max: 0.1 });
    expect(report.objectives[1]).toMatchObject({
      sent: 1,
      skipped: 1,
      failed: 1,
      judged: 0,
      untargeted: 1,
      attainment: undefined,
      targetReached: undefined,
      outcomes: { reset: 1 },
      statusCounts: {},
    });
    expect(report.objectives[1]?.e2eSeconds.p50).toBeUndefined();
    expect(report.total).toMatchObject({ name: "total", sent: 11, skipped: 1, completed: 10, met: 9, judged: 10 });
    expect(report.records?.length).toBe(11);
    expect(report.elapsedSeconds).toBe(2);
    expect(report.voidBecause).toEqual(["1 arrivals were skipped at the cap on requests in flight"]);
  });

  it("keeps no records unless asked", () => {
    const builder = new ReportBuilder(optionsOf());
    builder.add(recordOf(exchangeOf(), 0));
    expect(builder.build("", 1000, health).records).toBeUndefined();
  });
});

it.each([
  { name: "a quiet generator", change: {}, skipped: 0, want: [] },
  {
    name: "the bounds themselves",
    change: { cpuShare: 0.8, latenessMs: { ...health.latenessMs, p99: 50 } },
    skipped: 0,
    want: [],
  },
  { name: "a busy generator", change: { cpuShare: 0.81 }, skipped: 0, want: [/0\.81 of a core/] },
  {
    name: "late sends",
    change: { latenessMs: { ...health.latenessMs, p99: 51 } },
    skipped: 0,
    want: [/51\.0 ms late/],
  },
  { name: "skipped arrivals", change: {}, skipped: 2, want: [/2 arrivals/] },
])("voidReasons of $name", ({ change, skipped, want }) => {
  expect(voidReasons({ ...health, ...change }, skipped, 50)).toEqual(want.map((part) => expect.stringMatching(part)));
});
