import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { renderMisses, type MissesView } from "../../../console/explain-misses.ts";
import { renderRequest } from "../../../console/explain-request.ts";
import type { ExplainedDecision } from "../../../picker/decision/decision-log.ts";
import { groupMisses, lookNext } from "../../../picker/decision/miss-cause.ts";
import { candidateOf, choiceWith, explained, refused, shed } from "../../support/explained.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const here = new URL("./", import.meta.url);

const request = (record: ExplainedDecision): string =>
  renderRequest(record, { endedAgoSeconds: 12.4, lookNext: lookNext(record) });

const misses = (records: readonly ExplainedDecision[], part: Partial<MissesView> = {}): string =>
  renderMisses({
    objective: "chat",
    last: "10m",
    missed: records.length,
    dropped: 0,
    truncated: false,
    groups: groupMisses(records),
    ...part,
  });

const unknownMetrics = candidateOf("default/m2", {
  total: 3.25,
  scores: { "queue-scorer": 0.75, "prefix-cache-scorer": 0.5 },
  unknownTo: ["queue-scorer"],
  metrics: "unknown",
  metricsAgeSeconds: undefined,
  waitingRequests: undefined,
  runningRequests: undefined,
  kvCacheUsageRatio: undefined,
  prefixMatchedBlocks: undefined,
});

const queued = choiceWith({
  inPool: 12,
  eligible: 11,
  considered: 9,
  candidates: [
    candidateOf("default/m1", { total: 3.5, waitingRequests: 7, kvCacheUsageRatio: 0.95, metrics: "stale", metricsAgeSeconds: 4.2 }),
    candidateOf("default/m0", { total: 2, scores: { "queue-scorer": 1, "prefix-cache-scorer": 0 } }),
    unknownMetrics,
  ],
  because: "prefix-cache-scorer put it +1.50 ahead of default/m0, over queue-scorer (−0.50)",
});

const slow = (id: string, overSeconds: number, endpoint = "default/m1"): ExplainedDecision =>
  explained({ id, endpoint, overSeconds: { ttft: overSeconds }, choice: queued });

const texts: Readonly<Record<string, () => string>> = {
  "request-missed-ttft": () => request(explained({ choice: queued })),
  "request-met": () =>
    request(explained({ verdict: "met", reason: undefined, ttftSeconds: 0.4, dimensions: { ttft: "met", tpot: "met" }, overSeconds: {} })),
  "request-refused": () => request(refused),
  "request-shed": () => request(shed),
  "request-invalid": () =>
    request(
      explained({
        ...refused,
        verdict: "excluded",
        reason: undefined,
        outcome: "invalid",
        refusal: "invalid",
        refusalStatus: 400,
        waits: { ...refused.waits, queueSeconds: undefined, scheduleSeconds: undefined },
        choice: undefined,
      }),
    ),
  "request-not-streamed": () =>
    request(
      explained({
        reason: "e2e",
        streamed: false,
        ttftSeconds: undefined,
        tpotSeconds: undefined,
        elapsedSeconds: 25,
        dimensions: { e2e: "missed" },
        thresholdSeconds: { e2e: 20 },
        overSeconds: { e2e: 5 },
        inputTokens: undefined,
        cachedTokens: undefined,
        waits: { ...explained().waits, firstByteSeconds: 24.9, decodeSeconds: 0.09 },
        choice: choiceWith({
          inPool: 1,
          eligible: 1,
          considered: 1,
          candidates: [candidateOf("default/m1")],
          because: "it is the only endpoint of the pool",
          prefix: undefined,
        }),
      }),
    ),
  "misses-by-cause": () =>
    misses([
      slow("a1", 0.112),
      slow("a2", 0.9),
      slow("a3", 0.05),
      slow("a4", 0.2),
      explained({ id: "b1", reason: "tpot", endpoint: "default/m2", overSeconds: { tpot: 0.012 } }),
      explained({ id: "c1", reason: "upstream_error", outcome: "upstream-error", responseStatus: 503, overSeconds: {} }),
      refused,
    ]),
  "misses-none": () => misses([], { objective: undefined, last: undefined }),
  "misses-not-whole": () => misses([slow("a1", 0.112)], { objective: undefined, last: undefined, dropped: 37, truncated: true }),
};

describe("attain explain", () => {
  it.each(Object.entries(texts))("%s", (name, text) => {
    const golden = new URL(`${name}.txt`, here);
    if (approving) writeFileSync(golden, `${text()}\n`);
    expect(`${text()}\n`).toBe(readFileSync(golden, "utf8"));
  });

  it("has a text for every case and no other", () => {
    const recorded = readdirSync(here).filter((file) => file.endsWith(".txt"));
    expect(recorded.toSorted()).toEqual(
      Object.keys(texts)
        .map((name) => `${name}.txt`)
        .toSorted(),
    );
  });
});
