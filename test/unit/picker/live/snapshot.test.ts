import { beforeEach, describe, expect, it } from "@jest/globals";
import { requestMetrics } from "#metrics";
import { ObjectiveTable } from "#objective";
import { summarise } from "../../../../picker/attainment/summary.ts";
import type { FlowStatus } from "../../../../picker/flow/flow-status.ts";
import { liveSnapshot, type LiveSnapshot } from "../../../../picker/live/snapshot.ts";
import { LiveWindows, sampleStepMs } from "../../../../picker/live/windows.ts";
import { objective } from "../../../support/attainment.ts";
import { endpointOf, flowStatusOf } from "../../../support/flow-status.ts";
import { livePicker, livePool } from "../../../support/live-picker.ts";

let picker: ReturnType<typeof livePicker>;
let table: ObjectiveTable;
let windows: LiveWindows;
let flow: FlowStatus;

beforeEach(() => {
  picker = livePicker();
  ({ table } = picker);
  const sources = {
    registry: picker.registry,
    pool: livePool,
    objectives: () => table,
    snapshot: () => picker.snapshot,
  };
  windows = new LiveWindows(sources, 0);
  flow = flowStatusOf({});
});

const at = (nowMs: number): LiveSnapshot =>
  liveSnapshot({
    version: "1.2.3",
    registry: picker.registry,
    pool: livePool,
    objectives: table,
    snapshot: picker.snapshot,
    ledger: picker.ledger,
    windows,
    flow: () => flow,
    staleAfterMs: 2000,
    nowMs,
    wallMs: 1_700_000_000_000 + nowMs,
  });

const of = (snapshot: LiveSnapshot, name: string) => snapshot.objectives.find((one) => one.name === name)!;

/** Samples as the shell does, up to this instant. */
function runUntil(untilMs: number, fromMs = 0): void {
  for (let nowMs = fromMs + sampleStepMs; nowMs <= untilMs; nowMs += sampleStepMs) windows.sample(nowMs);
}

describe("liveSnapshot", () => {
  it("has the summaries of /debug/state", () => {
    picker.respond("a", 1000, 400);
    picker.respond("b", 1500, 700);
    const summaries = summarise(picker.registry, livePool, table);
    expect(at(2000).objectives).toMatchObject(summaries);
    expect(of(at(2000), "chat")).toMatchObject({ met: 1, missed: 1, missedBy: { ttft: 1 }, attainment: 0.5 });
  });

  it("says nothing of ratios before anything was judged", () => {
    const { windows: judged, attainment, budgetRemaining, steps } = of(at(1000), "chat");
    expect([attainment, budgetRemaining]).toEqual([undefined, undefined]);
    expect(judged).toEqual(
      [300, 3600].map((windowSeconds) => ({
        windowSeconds,
        coveredSeconds: 1,
        met: 0,
        missed: 0,
        attainment: undefined,
        burn: undefined,
      })),
    );
    expect(steps).toEqual({ met: [], missed: [] });
  });

  it("burns as fast as the window missed, over the error budget", () => {
    for (let request = 0; request < 98; request++) picker.respond(`good ${request}`, 1000, 100);
    for (let request = 0; request < 2; request++) picker.respond(`late ${request}`, 1000, 900);
    const { windows: judged, target } = of(at(4000), "chat");
    expect(target).toBe(0.99);
    for (const { burn, met, missed, coveredSeconds } of judged) {
      expect([met, missed, coveredSeconds]).toEqual([98, 2, 4]);
      expect(burn).toBeCloseTo(2, 9);
    }
  });

  it("forgets after five minutes in one window what the hour still has", () => {
    picker.respond("late", 1000, 900);
    runUntil(360_000);
    picker.respond("good", 360_500, 100);
    const [fiveMinutes, hour] = of(at(361_000), "chat").windows;
    expect(fiveMinutes).toMatchObject({ coveredSeconds: 300, met: 1, missed: 0, burn: 0 });
    expect(hour).toMatchObject({ coveredSeconds: 361, met: 1, missed: 1 });
    expect(hour?.burn).toBeCloseTo(50, 9);
  });

  it("has no burn for an objective without targets", () => {
    picker.respond("a", 1000, 100, "plain");
    expect(of(at(2000), "plain").windows.map(({ burn }) => burn)).toEqual([undefined, undefined]);
  });

  it("tells met and missed step by step", () => {
    picker.respond("a", 1000, 100);
    runUntil(5000);
    picker.respond("b", 6000, 100);
    picker.respond("c", 6000, 900);
    runUntil(10_000, 5000);
    picker.respond("not sampled yet", 11_000, 100);
    expect(of(at(11_000), "chat").steps).toEqual({ met: [1, 1], missed: [0, 1] });
  });

  it("has the buckets since the start and of the last five minutes, with the threshold as an edge", () => {
    picker.respond("early", 1000, 400);
    runUntil(600_000);
    picker.respond("recent", 600_500, 700);
    const { edges, objectives } = at(601_000);
    const { ttft } = objectives[0]!.distributions;
    const edge = edges.ttft!.indexOf(0.5);
    expect(edge).toBeGreaterThan(0);
    const within = (counts: readonly number[]) => counts.slice(0, edge + 1).reduce((sum, count) => sum + count, 0);
    const all = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
    expect([within(ttft!.sinceStart), all(ttft!.sinceStart)]).toEqual([1, 2]);
    expect([within(ttft!.recent), all(ttft!.recent)]).toEqual([0, 1]);
    expect(ttft!.recent).toHaveLength(edges.ttft!.length + 1);
    expect(ttft!.recentQuantiles.p50).toBeGreaterThan(0.5);
  });

  it("begins its distributions again when a reload changes the edges", () => {
    picker.respond("a", 1000, 400);
    runUntil(10_000);
    picker.registry.setEdges(requestMetrics.ttftSeconds, [0.123]);
    picker.respond("b", 11_000, 400);
    const { ttft } = of(at(12_000), "chat").distributions;
    expect(ttft!.recent).toEqual(ttft!.sinceStart);
    expect(ttft!.recent.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it("follows objectives that come and go", () => {
    runUntil(5000);
    table = new ObjectiveTable([{ objective: objective("new"), level: undefined }]);
    runUntil(10_000, 5000);
    expect(at(11_000).objectives.map(({ name }) => name)).toEqual(["new"]);
    expect(at(11_000).objectives[0]!.windows[0]).toMatchObject({ coveredSeconds: 1 });
  });

  it("says of each endpoint what is known, and its share of the picks of the last five minutes", () => {
    for (let pick = 0; pick < 6; pick++) picker.pick("default/b");
    runUntil(600_000);
    expect(at(600_000).endpoints.map(({ recentPicksShare }) => recentPicksShare)).toEqual([undefined, undefined]);
    for (const endpoint of ["default/a", "default/a", "default/a", "default/b"]) picker.pick(endpoint);
    const { endpoints, endpointStates, endpointCount } = at(601_000);
    expect(endpoints).toMatchObject([
      {
        id: "default/a",
        state: "stale",
        waitingRequests: 2,
        kvCacheUsageRatio: 0.25,
        picks: 3,
        recentPicksShare: 0.75,
      },
      { id: "default/b", state: "unknown", picks: 7, recentPicks: 1, recentPicksShare: 0.25 },
    ]);
    expect(endpoints[1]!.waitingRequests).toBeUndefined();
    expect([endpointStates, endpointCount]).toEqual([{ fresh: 0, stale: 1, unknown: 1 }, 2]);
  });

  it("has the saturation of the pool and of each endpoint, and its capacity, as flow control has them", () => {
    const full = endpointOf("default/a", { capacity: 12.5, saturation: 0.75 });
    const { saturation } = flow;
    flow = flowStatusOf({ saturation: { ...saturation, saturation: 0.5, endpoints: [full] } });
    const snapshot = at(1000);
    expect(snapshot.saturation).toBe(0.5);
    expect(snapshot.endpoints.map((one) => [one.saturation, one.capacity])).toEqual([
      [0.75, 12.5],
      [undefined, undefined],
    ]);
  });

  it("counts refusals by status and reason", () => {
    picker.refuse("a", 1000);
    const snapshot = at(1000);
    expect(snapshot.refusals).toEqual([{ code: "503", count: 1 }]);
    expect(of(snapshot, "chat").missedBy).toEqual({ no_endpoints: 1 });
  });

  it("stays bounded with many objectives and endpoints", () => {
    const names = Array.from({ length: 80 }, (_, index) => `o${index}`);
    table = new ObjectiveTable(names.map((name) => ({ objective: objective(name), level: undefined })));
    expect(at(1000).objectives).toHaveLength(50);
  });
});
