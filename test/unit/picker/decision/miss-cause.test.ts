import { describe, expect, it } from "@jest/globals";
import type { ExplainedDecision } from "../../../../picker/decision/decision-log.ts";
import { groupMisses, lookNext, medianOf, missCause } from "../../../../picker/decision/miss-cause.ts";
import { candidateOf, choiceWith, explained, refused } from "../../../support/explained.ts";

const waits = (part: Partial<ExplainedDecision["waits"]>): ExplainedDecision["waits"] => ({
  receiveSeconds: 0.001,
  parseSeconds: 0.001,
  queueSeconds: 0,
  scheduleSeconds: 0.001,
  firstByteSeconds: 0.1,
  decodeSeconds: 0.5,
  ...part,
});

const tpot: Partial<ExplainedDecision> = { reason: "tpot", overSeconds: { tpot: 0.01 } };

describe("missCause", () => {
  it.each<{ name: string; part: Partial<ExplainedDecision>; want: object }>([
    {
      name: "TTFT does not count decoding",
      part: { waits: waits({}) },
      want: { dimension: "ttft", wait: "firstByte" },
    },
    {
      name: "TTFT may have waited in flow control",
      part: { waits: waits({ queueSeconds: 0.2 }) },
      want: { dimension: "ttft", wait: "queue" },
    },
    {
      name: "TPOT is decoding, whatever took longer before",
      part: { ...tpot, waits: waits({ firstByteSeconds: 9 }) },
      want: { dimension: "tpot", wait: "decode" },
    },
    {
      name: "E2E counts everything",
      part: { reason: "e2e", waits: waits({ receiveSeconds: 3 }) },
      want: { dimension: "e2e", wait: "receive" },
    },
    {
      name: "a broken response has no dimension",
      part: { reason: "upstream_error", outcome: "upstream-error" },
      want: { dimension: undefined, reason: "upstream_error", endpoint: "default/m1" },
    },
  ])("$name", ({ part, want }) => expect(missCause(explained(part))).toMatchObject(want));

  it("knows no wait of a refusal", () => {
    expect(missCause(refused)).toEqual({
      reason: "no_endpoints",
      dimension: undefined,
      wait: undefined,
      endpoint: undefined,
    });
  });

  it("has nothing to say of a request that met its objective", () => {
    const met = explained({ verdict: "met", reason: undefined });
    expect(missCause(met)).toBeUndefined();
    expect(lookNext(met)).toEqual([]);
    expect(groupMisses([met])).toEqual([]);
  });
});

describe("groupMisses", () => {
  const over = (id: string, seconds: number): ExplainedDecision => explained({ id, overSeconds: { ttft: seconds } });

  it("groups by reason, wait and endpoint, the most frequent first, the worst examples first", () => {
    const groups = groupMisses([
      explained({ ...tpot, id: "t" }),
      over("a", 0.1),
      over("b", 0.3),
      over("c", 0.2),
      over("d", 0.05),
      explained({ id: "elsewhere", endpoint: "default/m2" }),
      explained({ id: "queued", waits: waits({ queueSeconds: 2 }) }),
    ]);
    expect(groups.map(({ count, reason, wait, endpoint }) => [count, reason, wait, endpoint])).toEqual([
      [4, "ttft", "firstByte", "default/m1"],
      [1, "tpot", "decode", "default/m1"],
      [1, "ttft", "firstByte", "default/m2"],
      [1, "ttft", "queue", "default/m1"],
    ]);
    expect(groups[0]).toMatchObject({ examples: ["b", "c", "a"], overSeconds: { median: 0.2, max: 0.3 } });
    expect(groupMisses([refused])).toMatchObject([{ overSeconds: undefined, examples: ["refused-1"] }]);
  });
});

describe("what to look at next", () => {
  const chosen = (part: Parameters<typeof candidateOf>[1], runnerUp: Parameters<typeof candidateOf>[1] = {}) =>
    choiceWith({ candidates: [candidateOf("default/m1", part), candidateOf("default/m0", runnerUp)] });

  it.each<{ name: string; record: ExplainedDecision; want: readonly RegExp[] }>([
    {
      name: "a queue at the model server",
      record: explained({ choice: chosen({ waitingRequests: 4 }, { waitingRequests: 3 }) }),
      want: [/^4 requests were waiting at default\/m1/],
    },
    {
      name: "a scorer that outweighed a shorter queue",
      record: explained({ choice: chosen({ waitingRequests: 4 }, { waitingRequests: 0 }) }),
      want: [/^4 requests were waiting/, /^prefix-cache-scorer decided 1 of 1 against a shorter queue \(0 waiting/],
    },
    {
      name: "no queue at all",
      record: explained({ choice: chosen({ waitingRequests: 0 }) }),
      want: [/^nothing was waiting at default\/m1 .* on a prompt of about 500 tokens beside 3 requests/],
    },
    {
      name: "a full cache",
      record: explained({ choice: chosen({ waitingRequests: undefined, kvCacheUsageRatio: 0.97 }) }),
      want: [/KV cache of default\/m1 was 97 % full/],
    },
    {
      name: "metrics that were not fresh",
      record: explained({ choice: chosen({ metrics: "stale", waitingRequests: undefined }) }),
      want: [/^default\/m1 was chosen without fresh metrics in 1 of 1: attain doctor/],
    },
    {
      name: "a crowded batch",
      record: explained({ ...tpot, choice: chosen({ runningRequests: 40 }) }),
      want: [/^40 requests shared the batch of default\/m1/],
    },
    {
      name: "a slow upload",
      record: explained({ waits: waits({ receiveSeconds: 3 }) }),
      want: [/^the request body came in slowly/],
    },
    {
      name: "a slow picker",
      record: explained({ waits: waits({ scheduleSeconds: 3 }) }),
      want: [/attain_picker_decision_duration_seconds and attain_picker_event_loop_delay_seconds/],
    },
    { name: "no endpoint", record: refused, want: [/^the pool has no endpoints: attain status .* attain doctor/] },
    {
      name: "an error of the model server",
      record: explained({ reason: "upstream_error", outcome: "upstream-error", responseStatus: 503 }),
      want: [/^default\/m1 answered 503/],
    },
    {
      name: "a response that broke off",
      record: explained({ reason: "upstream_error", outcome: "upstream-error", responseStatus: 200 }),
      want: [/^the response of default\/m1 broke off/],
    },
    {
      name: "nothing that stands out",
      record: explained({ ...tpot, choice: undefined }),
      want: [/^nothing stands out in the picker: attain_request_ttft_seconds/],
    },
  ])("$name", ({ record, want }) => {
    const lines = lookNext(record);
    expect(lines).toHaveLength(want.length);
    for (const [index, pattern] of want.entries()) expect(lines[index]).toMatch(pattern);
  });

  it("goes by the median of a group", () => {
    const waiting = [9, 0, 5].map((waitingRequests) =>
      explained({ choice: chosen({ waitingRequests }, { waitingRequests: 5 }) }),
    );
    expect(groupMisses(waiting)[0]?.lookNext[0]).toMatch(/^5 requests were waiting/);
  });
});

describe("medianOf", () => {
  it.each([
    { values: [], want: undefined },
    { values: [undefined], want: undefined },
    { values: [3, undefined, 1, 2], want: 2 },
    { values: [1, 2], want: 2 },
  ])("$values is $want", ({ values, want }) => expect(medianOf(values)).toBe(want));
});
