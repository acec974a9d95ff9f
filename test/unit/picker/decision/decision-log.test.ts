import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import { judge } from "#objective";
import { observationOf, type RequestEnd, type RequestRecord } from "../../../../picker/attainment/outcome.ts";
import { DecisionLog, type DecisionRecord } from "../../../../picker/decision/decision-log.ts";
import { createScheduler } from "../../../../picker/configuration/create-scheduler.ts";
import { defaultConfiguration } from "../../../../picker/configuration/load.ts";
import { inFlightOf, requestOf, snapshotOf } from "../../../support/scheduling-cycle.ts";
import { arrivalOf, chatLevel, readerWith, routeTo } from "../../../support/attainment.ts";

const ended = (part: Partial<RequestEnd> = {}): RequestEnd => ({
  ending: "responded",
  refusal: undefined,
  responseStatus: 200,
  reader: readerWith({ firstTokenAtMs: 1400, lastTokenAtMs: 1800, tokenEvents: 11 }),
  endedAtMs: 1900,
  ...part,
});

const scheduler = createScheduler(defaultConfiguration(), { random: () => 0 });
const snapshot = snapshotOf(Array.from({ length: 8 }, () => ({})));

function scoresOf(log: DecisionLog) {
  const considered = log.takeScores();
  const request = requestOf("a prompt");
  const inFlight = inFlightOf();
  scheduler.schedule({ request, snapshot, inFlight, nowMs: 1005, subset: undefined, withScores: false, considered });
  return considered;
}

const explainedAll = (log: DecisionLog) => log.find({}, 1000).map((kept) => log.explain(kept));
const missed = (): RequestEnd => ended({ responseStatus: 503 });
const refused = (): RequestEnd =>
  ended({ ending: "refused", refusal: "no_endpoints", refusalStatus: 503, responseStatus: 0, reader: undefined });

function add(log: DecisionLog, id: string, end: RequestEnd = ended(), routed = true): void {
  const route = routed ? routeTo("a", "llama", 1010) : undefined;
  const record: RequestRecord = { arrival: { ...arrivalOf("chat", 1000), id }, route, considered: scoresOf(log) };
  const observation = observationOf(record, end);
  log.add(record, end, observation, judge(observation, chatLevel, { priority: 2 }));
}

const ids = (records: readonly DecisionRecord[]): readonly string[] => records.map(({ id }) => id);
const all = (log: DecisionLog): readonly string[] => ids(log.list(() => true, 100));

describe("DecisionLog", () => {
  it("says everything about a request in spans from its arrival", () => {
    const log = new DecisionLog(1);
    add(log, "r");
    expect(log.list(() => true, 1)).toEqual([
      {
        id: "r",
        objective: "chat",
        verdict: "met",
        reason: undefined,
        dimensions: { ttft: "met", tpot: "met" },
        outcome: "completed",
        refusal: undefined,
        responseStatus: 200,
        endpoint: "default/a",
        queueSeconds: 0.01,
        ttftSeconds: 0.4,
        tpotSeconds: 0.04,
        elapsedSeconds: 0.9,
        promptTokensEstimated: 10,
        outputTokens: 11,
        endedAtMs: 1900,
      },
    ]);
  });

  it("leaves out what a refused request never had", () => {
    const log = new DecisionLog(1);
    add(log, "r", ended({ ending: "refused", refusal: "no_endpoints", responseStatus: 0, reader: undefined }), false);
    expect(log.list(() => true, 1)).toMatchObject([
      {
        verdict: "missed",
        reason: "no_endpoints",
        refusal: "no_endpoints",
        responseStatus: undefined,
        endpoint: undefined,
        queueSeconds: undefined,
        ttftSeconds: undefined,
        tpotSeconds: undefined,
        promptTokensEstimated: undefined,
        outputTokens: 0,
      },
    ]);
  });

  it.each([
    { added: 0, want: [] },
    { added: 2, want: ["1", "0"] },
    { added: 3, want: ["2", "1", "0"] },
    { added: 4, want: ["3", "2", "1"] },
    { added: 8, want: ["7", "6", "5"] },
  ])("keeps the last three of $added, newest first", ({ added, want }) => {
    const log = new DecisionLog(3);
    for (let i = 0; i < added; i++) add(log, String(i));
    expect(all(log)).toEqual(want);
  });

  it("lists what matches, up to the limit", () => {
    const log = new DecisionLog(10);
    for (let i = 0; i < 6; i++) add(log, String(i), ended({ responseStatus: i % 2 === 0 ? 200 : 503 }));
    const missed = (record: DecisionRecord): boolean => record.verdict === "missed";
    expect(ids(log.list(missed, 2))).toEqual(["5", "3"]);
    expect(ids(log.list(missed, 9))).toEqual(["5", "3", "1"]);
  });

  it("keeps nothing where nothing is to be kept", () => {
    const log = new DecisionLog(0);
    add(log, "r");
    expect(all(log)).toEqual([]);
  });

  it("keeps the beginning of a long id, and no more of it in memory", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const log = new DecisionLog(200);
    const longId = (i: number): string => Buffer.alloc(500_000, `${i} `).toString();
    add(log, longId(7));
    expect(log.list(() => true, 1)[0]!.id).toBe("7 ".repeat(64));
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 200; i++) add(log, longId(i));
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
  });
});

describe("DecisionLog of misses and others", () => {
  it("keeps misses and refusals when there is no room for both, and the last of the others", () => {
    const log = new DecisionLog(16);
    add(log, "missed", missed());
    add(log, "refused", refused(), false);
    for (let i = 0; i < 100; i++) add(log, `met-${i}`);
    expect(all(log)).toEqual([...Array.from({ length: 14 }, (_, i) => `met-${99 - i}`), "refused", "missed"]);
  });

  it("leaves an eighth to the others, however many misses there are", () => {
    const log = new DecisionLog(16);
    for (let i = 0; i < 40; i++) add(log, `missed-${i}`, missed());
    expect(all(log)).toHaveLength(16);
    for (let i = 0; i < 3; i++) add(log, `met-${i}`);
    expect(all(log).slice(0, 3)).toEqual(["met-2", "met-1", "missed-39"]);
    expect(all(log).filter((id) => id.startsWith("missed"))).toHaveLength(14);
    for (let i = 40; i < 80; i++) add(log, `missed-${i}`, missed());
    expect(all(log).filter((id) => id.startsWith("met"))).toEqual(["met-2", "met-1"]);
  });

  it("does not let the mistakes of clients push misses out", () => {
    const log = new DecisionLog(8);
    add(log, "missed", missed());
    for (let i = 0; i < 50; i++)
      add(log, `invalid-${i}`, { ...refused(), refusal: "invalid", refusalStatus: 400 }, false);
    expect(all(log)).toContain("missed");
  });

  it("keeps the order of time over both", () => {
    const log = new DecisionLog(100);
    for (let i = 0; i < 30; i++) add(log, String(i), i % 3 === 0 ? missed() : ended());
    expect(all(log)).toEqual(Array.from({ length: 30 }, (_, i) => String(29 - i)));
  });

  it("is bounded in bytes as well", () => {
    const maxBytes = 50_000;
    const log = new DecisionLog(10_000, { maxBytes });
    for (let i = 0; i < 1000; i++) add(log, String(i), i % 2 === 0 ? missed() : ended());
    const { bytes, remarkable, others } = log.state();
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(bytes).toBeGreaterThan(maxBytes * 0.9);
    expect(remarkable! + others!).toBe(all(log).length);
    expect(all(log)[0]).toBe("999");
  });

  it("estimates its memory about right", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const held = (): number => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const log = new DecisionLog(4000, { maxBytes: 1e9 });
    add(log, "warm-up");
    const before = held();
    for (let i = 0; i < 4000; i++) add(log, `request-with-an-id-of-its-own-${i}`, i % 2 === 0 ? missed() : ended());
    const used = held() - before;
    expect(log.state()["bytes"]! / used).toBeGreaterThan(0.7);
    expect(log.state()["bytes"]! / used).toBeLessThan(1.5);
  });

  it("gives the scores of a record that was dropped to another request, and takes them out of the record", () => {
    const log = new DecisionLog(2);
    add(log, "first");
    const [first] = log.find({}, 1);
    expect(log.explain(first!).choice?.candidates).toHaveLength(8);
    const { considered } = first!;
    add(log, "second");
    add(log, "third");
    expect(log.explain(first!).choice).toBeUndefined();
    expect(log.takeScores()).toBe(considered);
  });

  it("hands out no scores where nothing is kept", () => expect(new DecisionLog(0).takeScores()).toBeUndefined());
});

describe("find", () => {
  const log = new DecisionLog(100);
  add(log, "old", ended({ endedAtMs: 1500 }));
  add(log, "missed", missed());
  add(log, "met");

  it.each([
    { name: "everything", query: {}, want: ["met", "missed", "old"] },
    { name: "one id", query: { id: "missed" }, want: ["missed"] },
    { name: "a verdict", query: { verdict: "met" as const }, want: ["met", "old"] },
    { name: "an objective", query: { objective: "chat" }, want: ["met", "missed", "old"] },
    { name: "another objective", query: { objective: "batch" }, want: [] },
    { name: "an instant that counts itself", query: { sinceMs: 1900 }, want: ["met", "missed"] },
  ])("finds by $name", ({ query, want }) => {
    expect(log.find(query, 100).map(({ id }) => id)).toEqual(want);
    expect(log.find(query, 1).map(({ id }) => id)).toEqual(want.slice(0, 1));
  });
});

describe("a record in full", () => {
  it("says what was promised and by how much it was missed", () => {
    const log = new DecisionLog(1);
    add(log, "r", ended({ reader: readerWith({ firstTokenAtMs: 1612, lastTokenAtMs: 1800, tokenEvents: 2 }) }));
    expect(explainedAll(log)).toMatchObject([
      {
        priority: 2,
        reason: "ttft",
        thresholdSeconds: { ttft: 0.5, tpot: 0.05 },
        overSeconds: { ttft: 0.112, tpot: 0.138 },
        streamed: true,
      },
    ]);
  });

  it("misses a first token that never came by what had passed", () => {
    const log = new DecisionLog(1);
    add(log, "r", ended({ ending: "client-gone", reader: undefined, responseStatus: 0 }));
    expect(explainedAll(log)).toMatchObject([{ reason: "client_gone", overSeconds: { ttft: 0.4 } }]);
  });

  it("has the status of a refusal and what was decided over", () => {
    const log = new DecisionLog(1);
    add(log, "r", refused(), false);
    expect(explainedAll(log)).toMatchObject([
      { refusal: "no_endpoints", refusalStatus: 503, endpoint: undefined, choice: { inPool: 8 } },
    ]);
  });

  it.each([
    { known: true, want: "llama" },
    { known: false, want: "other" },
  ])("names a model only where a model server names it ($want)", ({ known, want }) => {
    const log = new DecisionLog(1, { isKnownModel: () => known });
    add(log, "r");
    expect(explainedAll(log)).toMatchObject([{ model: want }]);
  });
});
