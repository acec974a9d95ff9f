import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import { judge } from "#objective";
import { observationOf, type RequestEnd, type RequestRecord } from "../../../../picker/attainment/outcome.ts";
import { DecisionLog, type DecisionRecord } from "../../../../picker/decision/decision-log.ts";
import { arrivalOf, chatLevel, readerWith, routeTo } from "../../../support/attainment.ts";

const ended = (part: Partial<RequestEnd> = {}): RequestEnd => ({
  ending: "responded",
  refusal: undefined,
  responseStatus: 200,
  reader: readerWith({ firstTokenAtMs: 1400, lastTokenAtMs: 1800, tokenEvents: 11 }),
  endedAtMs: 1900,
  ...part,
});

function add(log: DecisionLog, id: string, end: RequestEnd = ended(), routed = true): void {
  const route = routed ? routeTo("a", "llama", 1010) : undefined;
  const record: RequestRecord = { arrival: { ...arrivalOf("chat", 1000), id }, route };
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
