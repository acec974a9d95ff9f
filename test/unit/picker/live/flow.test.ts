import { beforeEach, describe, expect, it } from "@jest/globals";
import { MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import type { FlowOutcome } from "../../../../picker/flow/flow-events.ts";
import type { FlowRequest } from "../../../../picker/flow/flow-request.ts";
import type { FlowStatus } from "../../../../picker/flow/flow-status.ts";
import { FlowMetrics } from "../../../../picker/flow/report/flow-metrics.ts";
import { liveFlow, type LiveFlow } from "../../../../picker/live/flow.ts";
import { LiveWindows, sampleStepMs } from "../../../../picker/live/windows.ts";
import { exampleTable } from "../../../support/attainment.ts";
import { bandOf, flowStatusOf } from "../../../support/flow-status.ts";
import { liveSnapshotOfPool } from "../../../support/live-picker.ts";

const pool = "pool";
const objectives = exampleTable.entries.map(({ name }) => name);
const request = (objective: string): FlowRequest => ({
  id: "request-1",
  objective,
  fairnessId: "default-flow",
  priority: 0,
  bytes: 0,
  promptTokens: 1,
  expectedOutputTokens: 1,
  arrivedAtMs: 0,
  expiresAtMs: undefined,
  ttftDeadlineAtMs: undefined,
});

let registry: MetricRegistry;
let metrics: FlowMetrics;
let windows: LiveWindows;

beforeEach(() => {
  registry = new MetricRegistry();
  metrics = new FlowMetrics({ registry, pool });
  metrics.useObjectives(exampleTable);
  const table: ObjectiveTable = exampleTable;
  windows = new LiveWindows({ registry, pool, objectives: () => table, snapshot: liveSnapshotOfPool }, 0);
});

const at = (nowMs: number, status: FlowStatus = flowStatusOf({})): LiveFlow =>
  liveFlow({ registry, pool, status, windows, objectives, nowMs });
const leave = (outcome: FlowOutcome, times = 1, objective = "chat"): void => {
  for (let i = 0; i < times; i++) metrics.left(request(objective), outcome, 0);
};
const would = (objective: string, outcome: FlowOutcome, times: number): void => {
  for (let i = 0; i < times; i++) metrics.would(request(objective), outcome);
};
function runUntil(untilMs: number): void {
  for (let nowMs = sampleStepMs; nowMs <= untilMs; nowMs += sampleStepMs) windows.sample(nowMs);
}

describe("liveFlow", () => {
  it("says what waits, in seconds, and how much each band may use", () => {
    const status = flowStatusOf({
      mode: "concurrency-only",
      enforcement: "observe",
      bands: [bandOf(2, { requests: 3, tokens: 90, oldestAgeMs: 1500 }), bandOf(-1)],
      omittedBands: 4,
      ceilings: new Map([
        [2, 0.9],
        [-1, 1.2],
      ]),
    });
    expect(at(1000, status)).toMatchObject({
      admission: "queue",
      enforcement: "observe",
      mode: "concurrency-only",
      bands: [
        { priority: 2, requests: 3, tokens: 90, oldestAgeSeconds: 1.5, ceiling: 0.9 },
        { priority: -1, requests: 0, tokens: 0, oldestAgeSeconds: undefined, ceiling: 1 },
      ],
      omittedBands: 4,
    });
  });

  it("says what is held for the first endpoint", () => {
    const held = { requests: 2, tokens: 400, oldestAgeMs: 12_000 };
    const { held: told, expectedColdStartSeconds } = at(1000, flowStatusOf({ held, expectedColdStartMs: 90_000 }));
    expect(told).toEqual({ requests: 2, tokens: 400, oldestAgeSeconds: 12 });
    expect(expectedColdStartSeconds).toBe(90);
  });

  it("counts outcomes of all objectives by what they were, with a rate over the time they were counted in", () => {
    leave("dispatched", 6);
    leave("dispatched", 2, "batch");
    leave("ttl-expired", 1, "batch");
    expect(at(4000).outcomes).toEqual([
      { outcome: "dispatched", count: 8, perSecond: 2 },
      { outcome: "ttl-expired", count: 1, perSecond: 0.25 },
    ]);
  });

  it("forgets outcomes after five minutes", () => {
    leave("saturated", 7);
    runUntil(600_000);
    expect(at(600_000).outcomes).toEqual([]);
    leave("saturated", 3);
    expect(at(600_000).outcomes).toEqual([{ outcome: "saturated", count: 3, perSecond: 0.01 }]);
  });

  it("says what enforcing would have done, of objectives that had requests", () => {
    would("batch", "dispatched", 30);
    would("batch", "infeasible", 9);
    would("batch", "displaced", 1);
    would("plain", "dispatched", 4);
    would("plain", "evicted", 1);
    would("batch", "client-gone", 5);
    would("chat", "dispatched", 4);
    for (const verdict of ["met", "met", "met", "missed"] as const) metrics.wouldTtft(request("chat"), verdict);
    expect(at(1000, flowStatusOf({ enforcement: "observe" })).would).toEqual([
      { objective: "chat", refused: 0, refusedShare: 0, ttftMetShare: 0.75 },
      { objective: "batch", refused: 10, refusedShare: 0.25, ttftMetShare: undefined },
      { objective: "plain", refused: 1, refusedShare: 0.25, ttftMetShare: undefined },
    ]);
  });

  it("says so of the last five minutes", () => {
    would("batch", "late", 10);
    runUntil(600_000);
    would("batch", "dispatched", 1);
    expect(at(601_000, flowStatusOf({ enforcement: "observe" })).would).toEqual([
      { objective: "batch", refused: 0, refusedShare: 0, ttftMetShare: undefined },
    ]);
  });

  it("says nothing of it where decisions are enforced", () => {
    would("batch", "late", 10);
    expect(at(1000).would).toEqual([]);
  });

  it("is plain JSON", () => {
    const status = flowStatusOf({ bands: [bandOf(1, { oldestAgeMs: 5 })], ceilings: new Map([[1, 0.5]]) });
    const told = at(1000, status);
    expect(JSON.parse(JSON.stringify(told))).toEqual(told);
  });
});
