import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { encodeProcessingRequest, type BodyMode, type OutgoingRequest } from "#extproc";
import { pickerMetrics } from "#metrics";
import type { CloseCause } from "../../../picker/transport/contract.ts";
import { PickerCore } from "../../support/extproc-core.ts";
import type { ScriptedProxy } from "../../support/extproc-proxy.ts";
import {
  anthropicRequest,
  chatRequest,
  jsonAnswer,
  requestBody,
  requestHeaders,
  requestTrailers,
  responseBody,
  responseHeaders,
  responseTrailers,
  sse,
} from "../../support/extproc-messages.ts";

const anyMode = fc.constantFrom<BodyMode | undefined>(
  "NONE",
  "STREAMED",
  "BUFFERED",
  "BUFFERED_PARTIAL",
  "FULL_DUPLEX_STREAMED",
  "GRPC",
  undefined,
);

const anyOpening = fc
  .record({
    method: fc.constantFrom("POST", "POST", "GET"),
    path: fc.constantFrom("/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/v1/models", "*"),
    objective: fc.constantFrom("chat", "batch", "plain", "nobody", ""),
    endOfStream: fc.boolean(),
    mode: anyMode,
    subset: fc.constantFrom<string | readonly string[]>(
      ["10.0.0.1"],
      "10.0.0.0:8000",
      ["10.0.0.1:8000", "10.0.0.0"],
      [],
    ),
    hinted: fc.boolean(),
    headers: fc.array(fc.tuple(fc.constantFrom("content-length", "x-request-id", "cookie", ""), fc.string()), {
      maxLength: 3,
    }),
  })
  .map(({ hinted, subset, ...options }) => requestHeaders(hinted ? { ...options, subset } : options));

const anyText = fc.constantFrom(
  "",
  "{",
  chatRequest,
  anthropicRequest,
  chatRequest.slice(0, 20),
  chatRequest.slice(20),
  jsonAnswer,
  sse.token("a"),
  sse.token("a").slice(0, 12),
  sse.finish + sse.usage + sse.done,
  "\uFEFFdata:\r\r\n\n",
  "x".repeat(400),
);
const anyBody = fc.oneof(
  anyText.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

const anyMessage: fc.Arbitrary<OutgoingRequest> = fc.oneof(
  anyOpening,
  fc.tuple(anyBody, fc.boolean()).map(([body, end]) => requestBody(body, end)),
  fc.constant(requestTrailers),
  fc
    .tuple(
      fc.constantFrom(200, 404, 500, 0),
      fc.constantFrom("text/event-stream", "application/json", "", "text/event-stream; charset=utf-8"),
      fc.boolean(),
    )
    .map(([status, type, end]) => responseHeaders(status, type, end)),
  fc.tuple(anyBody, fc.boolean()).map(([body, end]) => responseBody(body, end)),
  fc.constant(responseTrailers),
);

/** A message, one that was damaged on its way, or no message at all. */
const anyBytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(anyMessage, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([message, at, byte]) => {
    const bytes = encodeProcessingRequest(message);
    if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return bytes;
  }),
  fc.tuple(anyMessage, fc.nat()).map(([message, at]) => {
    const bytes = encodeProcessingRequest(message);
    return bytes.subarray(0, at % (bytes.length + 1));
  }),
);

type Move = (proxy: ScriptedProxy, core: PickerCore) => void;
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 120,
    arbitrary: anyMessage.map(
      (message): Move =>
        (proxy) =>
          void proxy.say(message),
    ),
  },
  {
    weight: 10,
    arbitrary: anyBytes.map(
      (bytes): Move =>
        (proxy) =>
          void proxy.say(bytes),
    ),
  },
  {
    weight: 30,
    arbitrary: fc.nat(700).map(
      (ms): Move =>
        (proxy, core) =>
          void proxy.at(core.nowMs + ms),
    ),
  },
  { weight: 10, arbitrary: fc.constant<Move>((proxy) => void proxy.halfClose()) },
  { weight: 1, arbitrary: fc.constant<Move>((_, core) => core.director.drain()) },
);
const anyCause = fc.constantFrom<CloseCause>(
  { kind: "cancelled" },
  { kind: "reset", http2Code: 2 },
  { kind: "connection-lost" },
  { kind: "deadline" },
  { kind: "aborted", status: 13, message: "" },
);
const saying =
  (message: OutgoingRequest): Move =>
  (proxy) =>
    void proxy.say(message);
const usual = [saying(requestBody(chatRequest, true)), saying(responseHeaders())];

/** Mostly streams that begin as streams do, so that what follows is more than noise. */
const anyStream = fc
  .record({
    opening: fc.option(anyOpening, { freq: 8, nil: undefined }),
    beginning: fc.constantFrom([], usual),
    moves: fc.array(anyMove, { maxLength: 14 }),
    cause: anyCause,
  })
  .map(({ beginning, moves, ...stream }) => ({ ...stream, moves: [...beginning, ...moves] }));
type Stream = {
  readonly opening: OutgoingRequest | undefined;
  readonly moves: readonly Move[];
  readonly cause: CloseCause;
};

/** Says the streams' moves in turns, as streams of one process interleave. */
function play(core: PickerCore, streams: readonly Stream[]): readonly ScriptedProxy[] {
  const proxies = streams.map(({ opening }) => {
    const proxy = core.open();
    return opening === undefined ? proxy : proxy.say(opening);
  });
  const longest = Math.max(0, ...streams.map(({ moves }) => moves.length));
  for (let turn = 0; turn < longest; turn++) {
    streams.forEach(({ moves }, i) => moves[turn]?.(proxies[i]!, core));
  }
  return proxies;
}

describe("whatever a proxy says", () => {
  it("every request that arrived gets one verdict, and nothing stays in flight", () => {
    const seen = new Set<string>();

    fc.assert(
      fc.property(fc.array(anyStream, { minLength: 1, maxLength: 4 }), (streams) => {
        const core = new PickerCore({ maxBodyBytes: 1000 });
        const proxies = play(core, streams);
        expect(core.verdictCount()).toBeLessThanOrEqual(core.arrived);
        proxies.forEach((proxy, i) => proxy.close(streams[i]!.cause).close());
        expect(core.verdictCount()).toBe(core.arrived);
        expect(core.log.list(() => true, 100)).toHaveLength(core.arrived);
        expect(core.inFlight().filter((count) => count !== 0)).toEqual([]);
        expect(core.closed).toHaveLength(streams.length);
        expect(core.registry.value(pickerMetrics.refusalsTotal) ?? 0).toBe(
          proxies.filter(({ refusal }) => refusal !== undefined).length,
        );
        for (const { outcome, verdict } of core.log.list(() => true, 100)) {
          seen.add(outcome).add(verdict);
        }
      }),
      { numRuns: 600 },
    );
    for (const outcome of ["completed", "refused", "upstream-error", "invalid", "client-gone", "unobserved"]) {
      expect(seen).toContain(outcome);
    }
    for (const verdict of ["met", "missed", "excluded", "untargeted"]) expect(seen).toContain(verdict);
  });

  it("a destination is sent at most once, and never beside a refusal or after a response was passed on", () => {
    fc.assert(
      fc.property(anyStream, ({ opening, moves, cause }) => {
        const core = new PickerCore({ maxBodyBytes: 1000 });
        const [proxy] = play(core, [{ opening, moves, cause }]);
        const routes = proxy!.replies.filter(({ dynamicMetadata }) => dynamicMetadata !== undefined).length;
        const refusals = proxy!.replies.filter(({ kind }) => kind === "immediate").length;
        expect(routes + refusals).toBeLessThanOrEqual(1);
        const passed = proxy!.replies.findIndex((reply) => reply.kind === "headers" && reply.direction === "response");
        const refused = proxy!.replies.findIndex(({ kind }) => kind === "immediate");
        if (passed >= 0) expect(refused).toBe(-1);
        if (refused >= 0) expect(proxy!.ended?.status).toBe(0);
      }),
      { numRuns: 600 },
    );
  });

  it("bytes that are no message end their own stream with INVALID_ARGUMENT and touch no other", () => {
    fc.assert(
      fc.property(anyBytes, anyStream, (bytes, { moves }) => {
        const core = new PickerCore();
        const other = core.open().say(requestHeaders()).say(requestBody(chatRequest, true));
        const proxy = core.open().say(requestHeaders()).say(bytes);
        const isMalformed = core.malformed.length > 0;
        expect(proxy.ended?.status === 3).toBe(isMalformed);
        for (const move of moves) move(proxy, core);
        other
          .at(core.nowMs + 10)
          .say(responseHeaders())
          .say(responseBody(sse.token("a") + sse.done, true));
        expect(other.destination).toBe("10.0.0.0:8000");
        expect(other.pieces("response").at(-1)?.endOfStream).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
