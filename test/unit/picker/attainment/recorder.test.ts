import { describe, expect, it } from "@jest/globals";
import { MetricRegistry, objectiveMetrics, pickerMetrics, renderText, requestMetrics } from "#metrics";
import { missReasons } from "#objective";
import type { RequestEnd } from "../../../../picker/attainment/outcome.ts";
import { AttainmentRecorder } from "../../../../picker/attainment/recorder.ts";
import { summarise } from "../../../../picker/attainment/summary.ts";
import { DecisionLog } from "../../../../picker/decision/decision-log.ts";
import { arrivalOf, exampleTable, readerWith, routeTo } from "../../../support/attainment.ts";

function setUp() {
  const registry = new MetricRegistry();
  const log = new DecisionLog(100);
  const recorder = new AttainmentRecorder({ registry, pool: "pool", log, isKnownModel: (model) => model === "llama" });
  recorder.useObjectives(exampleTable);
  const count = (objective: string, verdict: "met" | "missed" | "excluded" | "untargeted") =>
    registry.value(objectiveMetrics.requestsTotal, { pool: "pool", objective, verdict });
  return { registry, log, recorder, count };
}

const ended = (part: Partial<RequestEnd>): RequestEnd => ({
  ending: "responded",
  refusal: undefined,
  responseStatus: 200,
  reader: readerWith({ firstTokenAtMs: 400, lastTokenAtMs: 800, tokenEvents: 11 }),
  endedAtMs: 900,
  ...part,
});

describe("AttainmentRecorder", () => {
  it("has every series of a configured objective at 0 before any request", () => {
    const { registry } = setUp();
    const page = renderText(registry);
    for (const objective of ["chat", "batch", "plain"]) {
      for (const verdict of ["met", "missed", "excluded", "untargeted"]) {
        expect(page).toContain(
          `attain_objective_requests_total{pool="pool",objective="${objective}",verdict="${verdict}"} 0\n`,
        );
      }
      for (const reason of missReasons) {
        expect(page).toContain(
          `attain_objective_missed_total{pool="pool",objective="${objective}",reason="${reason}"} 0\n`,
        );
      }
    }
  });

  it("has each threshold as an exact bucket edge", () => {
    const { registry } = setUp();
    expect(registry.histogramOf(requestMetrics.ttftSeconds)?.edges).toContain(0.5);
    expect(registry.histogramOf(requestMetrics.tpotSeconds)?.edges).toContain(0.05);
    expect(registry.histogramOf(requestMetrics.durationSeconds)?.edges).toContain(60);
  });

  it("counts one verdict a request, its dimensions, its reason and its tokens", () => {
    const { registry, recorder, count } = setUp();
    const good = recorder.arrived(arrivalOf("chat"));
    recorder.dispatched(good, routeTo("a", "llama"));
    recorder.firstToken(good, 400);
    recorder.finished(good, ended({}));
    const late = recorder.arrived(arrivalOf("chat"));
    recorder.dispatched(late, routeTo("a", "llama"));
    recorder.finished(late, ended({ reader: readerWith({ firstTokenAtMs: 501, lastTokenAtMs: 600, tokenEvents: 4 }) }));
    expect([count("chat", "met"), count("chat", "missed")]).toEqual([1, 1]);
    const labels = { pool: "pool", objective: "chat" } as const;
    expect(registry.value(objectiveMetrics.missedTotal, { ...labels, reason: "ttft" })).toBe(1);
    expect(registry.value(objectiveMetrics.dimensionTotal, { ...labels, dimension: "ttft", verdict: "missed" })).toBe(
      1,
    );
    expect(registry.value(objectiveMetrics.dimensionTotal, { ...labels, dimension: "tpot", verdict: "met" })).toBe(2);
    expect(registry.value(objectiveMetrics.outputTokensTotal, { ...labels, verdict: "met" })).toBe(11);
    expect(registry.value(requestMetrics.inFlight, labels)).toBe(0);
  });

  it("publishes TTFT at the first token, before the verdict", () => {
    const { registry, recorder, count } = setUp();
    const record = recorder.arrived(arrivalOf("chat"));
    recorder.dispatched(record, routeTo("a", "llama"));
    recorder.firstToken(record, 400);
    expect(registry.histogramOf(requestMetrics.ttftSeconds, { objective: "chat", model: "llama" })?.count).toBe(1);
    expect(count("chat", "met")).toBe(0);
    expect(registry.value(requestMetrics.inFlight, { pool: "pool", objective: "chat" })).toBe(1);
  });

  it("never makes a label of what a client sends", () => {
    const { registry, recorder } = setUp();
    for (let i = 0; i < 1000; i++) {
      const record = recorder.arrived(arrivalOf(`made-up-${i}`));
      recorder.dispatched(record, routeTo("a", `model-${i}`));
      recorder.firstToken(record, 5);
      recorder.finished(record, ended({}));
    }
    const page = renderText(registry);
    expect(page).not.toMatch(/made-up|model-\d/);
    expect(registry.histogramOf(requestMetrics.ttftSeconds, { objective: "unknown", model: "other" })?.count).toBe(
      1000,
    );
    expect(registry.value(pickerMetrics.unknownModelRequestsTotal)).toBe(1000);
  });

  it("sums up the same numbers for people", () => {
    const { registry, recorder } = setUp();
    const record = recorder.arrived(arrivalOf("batch"));
    recorder.finished(
      record,
      ended({ ending: "refused", refusal: "no_endpoints", responseStatus: 0, reader: undefined }),
    );
    const rows = summarise(registry, "pool", exampleTable);
    expect(rows.map(({ name }) => name)).toEqual(["chat", "batch", "plain"]);
    expect(rows[0]).toMatchObject({ met: 0, missed: 0, attainment: undefined, budgetRemaining: undefined });
    expect(rows[1]).toMatchObject({ missed: 1, attainment: 0, missedBy: { no_endpoints: 1 } });
  });

  it("keeps the last decisions, newest first, without anything of the body", () => {
    const { recorder, log } = setUp();
    for (let i = 0; i < 150; i++) {
      recorder.finished(recorder.arrived({ ...arrivalOf("chat"), id: `r-${i}` }), ended({ endedAtMs: i }));
    }
    expect(log.list(() => true, 1000)).toHaveLength(100);
    expect(log.list(() => true, 2).map(({ id }) => id)).toEqual(["r-149", "r-148"]);
    expect(log.list(({ verdict }) => verdict === "missed", 10)).toEqual([]);
  });
});
