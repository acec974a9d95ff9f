import { describe, expect, it } from "@jest/globals";
import { judge } from "#objective";
import type { Clock } from "#shell";
import { observationOf, type RequestEnd } from "../../../../picker/attainment/outcome.ts";
import { DecisionLog } from "../../../../picker/decision/decision-log.ts";
import { BodyModesSeen } from "../../../../picker/shell/body-modes-seen.ts";
import { requestsPage } from "../../../../picker/shell/decision-page.ts";
import { arrivalOf, chatLevel, readerWith, routeTo } from "../../../support/attainment.ts";

const clock: Clock = { nowMs: () => 100_000, wallMs: () => Date.parse("2026-06-01T00:00:00Z") };

function logOf(count: number): DecisionLog {
  const log = new DecisionLog(1000);
  for (let i = 0; i < count; i++) {
    const end: RequestEnd = {
      ending: "responded",
      refusal: undefined,
      responseStatus: i % 2 === 0 ? 200 : 503,
      reader: readerWith({ firstTokenAtMs: i * 1000 + 100, lastTokenAtMs: i * 1000 + 120, tokenEvents: 2 }),
      endedAtMs: i * 1000 + 200,
    };
    const record = {
      arrival: { ...arrivalOf("chat", i * 1000), id: `r${i}` },
      route: routeTo("a", "llama", i * 1000 + 1),
    };
    const observation = observationOf(record, end);
    log.add(record, end, observation, judge(observation, chatLevel, { priority: 2 }));
  }
  return log;
}

async function page(log: DecisionLog, query: string) {
  const { status, body } = await requestsPage(log, new URLSearchParams(query), clock);
  return { status, value: JSON.parse(String(body)) as { error?: string; requests: { id: string }[] } };
}

const idsOf = async (log: DecisionLog, query: string): Promise<readonly string[]> =>
  (await page(log, query)).value.requests.map(({ id }) => id);

describe("/debug/requests", () => {
  const log = logOf(100);

  it("says when it was made, what is kept, and every record in full", async () => {
    const { status, value } = await page(log, "limit=1&verdict=met");
    expect(status).toBe(200);
    expect(value).toMatchObject({
      now: "2026-06-01T00:00:00.000Z",
      nowMs: 100_000,
      kept: { remarkable: 50, others: 50, maxRecords: 1000 },
      requests: [
        { id: "r98", objective: "chat", verdict: "met", waits: { firstByteSeconds: 0.099 }, endpoint: "default/a" },
      ],
    });
  });

  it.each([
    { query: "limit=3", want: ["r99", "r98", "r97"] },
    { query: "limit=2&verdict=missed", want: ["r99", "r97"] },
    { query: "since=1.799s", want: ["r99"] },
    { query: "since=1.8s", want: ["r99", "r98"] },
    { query: "id=r7", want: ["r7"] },
    { query: "objective=batch", want: [] },
  ])("finds by $query", async ({ query, want }) => expect(await idsOf(log, query)).toEqual(want));

  it("gives a hundred unless more are asked for", async () => {
    const many = logOf(150);
    expect(await idsOf(many, "")).toHaveLength(100);
    expect(await idsOf(many, "limit=5000")).toHaveLength(150);
  });

  it.each([
    { query: "verdict=late", error: 'verdict: found "late"; allowed: met, missed, excluded, untargeted' },
    { query: "limit=0", error: "limit: a whole number from 1 to 5000 is allowed" },
    { query: "limit=many", error: "limit: a whole number from 1 to 5000 is allowed" },
    { query: "since=yesterday", error: "since: a duration such as 90s or 10m is allowed" },
  ])("refuses $query", async ({ query, error }) => {
    expect(await page(log, query)).toMatchObject({ status: 400, value: { error } });
  });
});

describe("BodyModesSeen", () => {
  it("says nothing before the first stream, then what the last one said and how long ago", () => {
    let nowMs = 1000;
    const seen = new BodyModesSeen(() => nowMs);
    expect(seen.state()).toEqual({ lastStreamAgeSeconds: undefined });
    seen.saw({ requestBodyMode: "FULL_DUPLEX_STREAMED", responseBodyMode: "STREAMED" });
    nowMs = 3000;
    expect(seen.state()).toEqual({
      requestBodyMode: "FULL_DUPLEX_STREAMED",
      responseBodyMode: "STREAMED",
      lastStreamAgeSeconds: 2,
    });
    seen.saw(undefined);
    expect(seen.state()).toEqual({ lastStreamAgeSeconds: 0 });
  });
});
