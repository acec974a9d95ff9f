import { describe, expect, it } from "@jest/globals";
import { objectiveMetrics, requestMetrics } from "#metrics";
import { dimensions, ObjectiveTable, type Dimension, type DimensionVerdict, type LatencyThresholds } from "#objective";
import type { Milliseconds } from "#units";
import type { Api } from "../../../../picker/request/request.ts";
import type { CloseCause } from "../../../../picker/transport/contract.ts";
import { chatLevel, objective } from "../../../support/attainment.ts";
import { PickerCore, pool } from "../../../support/extproc-core.ts";
import {
  anthropicRequest,
  chatRequest,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
} from "../../../support/extproc-messages.ts";
import { loadResponseStreams, type RecordedStream } from "../../../support/response-streams.ts";

const prompt = '{"model":"llama","input":"hi"}';
const requests: Readonly<Record<Api, { readonly path: string; readonly body: string }>> = {
  "openai-chat": { path: "/v1/chat/completions", body: chatRequest },
  "openai-completions": { path: "/v1/completions", body: '{"model":"llama","prompt":"hi"}' },
  "openai-embeddings": { path: "/v1/embeddings", body: prompt },
  "openai-responses": { path: "/v1/responses", body: prompt },
  "anthropic-messages": { path: "/v1/messages", body: anthropicRequest },
  "anthropic-count-tokens": { path: "/v1/messages/count_tokens", body: anthropicRequest },
  "pass-through": { path: "/v1/other", body: "" },
};

/** Code with which the embedded gateway says that the model server broke off. */
const connectError = 10;
const causes: Readonly<Record<RecordedStream["end"], CloseCause>> = {
  body: { kind: "cancelled" },
  "client-abort": { kind: "cancelled" },
  "upstream-reset": { kind: "reset", http2Code: connectError },
};

type Chunks = RecordedStream["chunks"];

const coreWith = (thresholds: LatencyThresholds): PickerCore =>
  new PickerCore({
    objectives: new ObjectiveTable([{ objective: objective("chat"), level: { ...chatLevel, thresholds } }]),
    keptDecisions: 1,
  });

/** The whole exchange, its response in these chunks, which begins when the clock is where it is. */
function play(core: PickerCore, { api, status, contentType, end }: RecordedStream, chunks: Chunks): void {
  const startMs = core.nowMs;
  const { path, body } = requests[api];
  const proxy = core.open().say(requestHeaders({ path })).say(requestBody(body, true));
  proxy.at(startMs + chunks[0]!.atMs).say(responseHeaders(status, contentType));
  for (const { atMs, bytes } of chunks) proxy.at(startMs + atMs).say(responseBody(bytes));
  if (end === "body") proxy.say(responseBody("", true)).at(core.nowMs + 1000);
  proxy.close(causes[end]);
}

type Spans = Readonly<Record<Dimension, Milliseconds | undefined>>;

/** What is measured of a stream whose first and last token came then. */
function spansOf(
  { expected }: RecordedStream,
  firstMs: number | undefined,
  lastMs: number | undefined,
  endMs: number,
): Spans {
  const tokens = expected.usage.outputTokens ?? expected.tokenEvents;
  const isTimed = firstMs !== undefined && lastMs !== undefined;
  return { ttft: firstMs, tpot: isTimed && tokens >= 2 ? (lastMs - firstMs) / (tokens - 1) : undefined, e2e: endMs };
}

function outcomeOf({ status, end, expected }: RecordedStream): string {
  if (status >= 500) return "upstream-error";
  if (status >= 400) return "invalid";
  if (expected.failed || end === "upstream-reset") return "upstream-error";
  if (end === "client-abort") return "client-gone";
  return expected.complete ? "completed" : "upstream-error";
}

type Expected = {
  readonly outcome: string;
  readonly verdict: "met" | "missed" | "excluded";
  readonly reason: string | undefined;
  readonly dimensions: Readonly<Partial<Record<Dimension, DimensionVerdict>>>;
};

/** The table of docs/attainment.md, for what a recorded response can be. */
function expectedOf(stream: RecordedStream, spans: Spans, limits: Readonly<Record<Dimension, number>>): Expected {
  const outcome = outcomeOf(stream);
  const isStreamed = stream.contentType.startsWith("text/event-stream");
  const sides: Partial<Record<Dimension, DimensionVerdict>> = {};
  for (const dimension of dimensions) {
    const span = spans[dimension];
    if (span !== undefined) sides[dimension] = span <= limits[dimension] ? "met" : "missed";
  }
  if (sides.ttft === undefined && isStreamed && spans.e2e! > limits.ttft) sides.ttft = "missed";
  switch (outcome) {
    case "completed": {
      if (spans.ttft === undefined) delete sides.ttft;
      const reason = dimensions.find((dimension) => sides[dimension] === "missed");
      return { outcome, verdict: reason === undefined ? "met" : "missed", reason, dimensions: sides };
    }
    case "client-gone": {
      if (sides.e2e === "met") delete sides.e2e;
      const reason = dimensions.find((dimension) => sides[dimension] === "missed");
      const isSeen = spans.ttft !== undefined;
      const verdict = reason === undefined ? (isSeen ? "met" : "excluded") : "missed";
      return { outcome, verdict, reason: reason !== undefined && !isSeen ? "client_gone" : reason, dimensions: sides };
    }
    case "upstream-error": {
      const settled = sides.ttft === undefined ? {} : { ttft: sides.ttft };
      return { outcome, verdict: "missed", reason: "upstream_error", dimensions: settled };
    }
    default:
      return { outcome, verdict: "excluded", reason: undefined, dimensions: {} };
  }
}

const tokens = (core: PickerCore) => {
  const value = (direction: "input" | "output" | "cached", source: "usage" | "estimated"): number =>
    core.registry.value(requestMetrics.tokensTotal, { pool, direction, source }) ?? 0;
  return {
    input: value("input", "usage"),
    cached: value("cached", "usage"),
    output: value("output", "usage"),
    estimated: value("output", "estimated"),
  };
};

function expectedTokens({ expected }: RecordedStream, times: number) {
  const { inputTokens, cachedTokens, outputTokens } = expected.usage;
  return {
    input: times * (inputTokens ?? 0),
    cached: times * (cachedTokens ?? 0),
    output: times * (outputTokens ?? 0),
    estimated: outputTokens === undefined ? times * expected.tokenEvents : 0,
  };
}

function expectCounters(core: PickerCore, want: Expected, stream: RecordedStream, times: number) {
  const labels = { pool, objective: "chat" };
  expect({ ...core.verdicts() }).toEqual({ met: 0, missed: 0, excluded: 0, untargeted: 0, [want.verdict]: times });
  expect(core.registry.value(objectiveMetrics.missedTotal, labels)).toBe(want.reason === undefined ? 0 : times);
  for (const dimension of dimensions) {
    for (const verdict of ["met", "missed"] as const) {
      expect(core.registry.value(objectiveMetrics.dimensionTotal, { ...labels, dimension, verdict })).toBe(
        want.dimensions[dimension] === verdict ? times : 0,
      );
    }
  }
  expect(tokens(core)).toEqual(expectedTokens(stream, times));
  const { usage, tokenEvents } = stream.expected;
  expect(core.registry.value(objectiveMetrics.outputTokensTotal, labels)).toBe(
    times * (usage.outputTokens ?? tokenEvents),
  );
  expect(core.inFlight().filter((count) => count !== 0)).toEqual([]);
}

const generous = { ttft: 1e6, tpot: 1e6, e2e: 1e6 };
const asThresholds = (limits: typeof generous): LatencyThresholds => ({
  ttftMs: limits.ttft,
  tpotMs: limits.tpot,
  e2eMs: limits.e2e,
});

describe.each(loadResponseStreams().map((stream) => [stream.name, stream] as const))("%s", (_, stream) => {
  const { firstTokenAtMs, lastTokenAtMs } = stream.expected;
  const endMs = stream.chunks.at(-1)!.atMs;
  const spans = spansOf(stream, firstTokenAtMs, lastTokenAtMs, endMs);
  const exact = { ttft: spans.ttft ?? 1e6, tpot: spans.tpot ?? 1e6, e2e: endMs };

  it.each([
    { name: "generous thresholds", limits: generous },
    { name: "thresholds that are just met", limits: exact },
    { name: "a TTFT just missed", limits: { ...exact, ttft: (spans.ttft ?? endMs) - 0.001 } },
    { name: "a TPOT just missed", limits: { ...exact, tpot: Math.max(0, (spans.tpot ?? 1) - 0.001) } },
    { name: "an E2E just missed", limits: { ...exact, e2e: endMs - 0.001 } },
    { name: "everything missed", limits: { ttft: 0.001, tpot: 0.001, e2e: 0.001 } },
  ])("is judged against $name", ({ limits }) => {
    const core = coreWith(asThresholds(limits));
    play(core, stream, stream.chunks);
    const want = expectedOf(stream, spans, limits);
    expect(core.lastDecision()).toMatchObject(want);
    expectCounters(core, want, stream, 1);
  });

  it("is judged and counted the same wherever it is cut in two", () => {
    const core = coreWith(asThresholds(generous));
    const body = Buffer.concat(stream.chunks.map(({ bytes }) => bytes));
    for (let at = 0; at <= body.length; at++) {
      play(core, stream, [
        { atMs: 1, bytes: body.subarray(0, at) },
        { atMs: 2, bytes: body.subarray(at) },
      ]);
    }
    // Of the first token it is only known that it came with one of the two.
    const cut = spansOf(stream, firstTokenAtMs && 1, lastTokenAtMs && 2, 2);
    expectCounters(core, expectedOf(stream, cut, generous), stream, body.length + 1);
  });
});
