import { describe, expect, it } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import type { HeaderLines, ProcessingResponse } from "#extproc";
import type { ExchangeEffect, ExchangeEvent } from "../../../gateway/exchange-event.ts";
import { awaitsReply, newExchange, type ExchangeState } from "../../../gateway/exchange-state.ts";
import { step } from "../../../gateway/exchange.ts";

const lines: HeaderLines = [
  [":authority", "host:80"],
  [":path", "/v1/chat/completions"],
  [":method", "POST"],
  [":scheme", "http"],
  ["x-drop", "1"],
];
const text = (value: string): Buffer => Buffer.from(value);

const headers: ExchangeEvent = { kind: "client-headers", lines, endOfStream: false };
const headersOnly: ExchangeEvent = { kind: "client-headers", lines, endOfStream: true };
const body: ExchangeEvent = { kind: "client-body", chunk: text("abc") };
const end: ExchangeEvent = { kind: "client-end", trailers: [] };
const gone: ExchangeEvent = { kind: "client-gone" };
const up: ExchangeEvent = { kind: "upstream-headers", status: 200, lines: [["x-up", "1"]], endOfStream: false };
const upOnly: ExchangeEvent = { kind: "upstream-headers", status: 204, lines: [], endOfStream: true };
const upBody: ExchangeEvent = { kind: "upstream-body", chunk: text("xyz") };
const upEnd: ExchangeEvent = { kind: "upstream-end", trailers: [] };
const upTrailers: ExchangeEvent = { kind: "upstream-end", trailers: [["x-sum", "1"]] };
const broken: ExchangeEvent = { kind: "upstream-broken", message: "reset" };
const unreachable: ExchangeEvent = { kind: "upstream-unreachable", message: "refused" };
const silent: ExchangeEvent = { kind: "processor-silent" };
const lost: ExchangeEvent = { kind: "processor-lost", message: "gone" };
const ended = (status: number): ExchangeEvent => ({ kind: "processor-ended", status, message: "m" });
const says = (reply: ProcessingResponse): ExchangeEvent => ({ kind: "reply", reply });

const destination = { name: "x-gateway-destination-endpoint", value: "10.0.0.1:8000,10.0.0.2:8000" };
const route = says({
  kind: "headers",
  direction: "request",
  common: { headers: { set: [destination], remove: ["x-drop"] } },
});
const nowhere = says({ kind: "headers", direction: "request", common: {} });
const streamed = (direction: "request" | "response", value: string, endOfStream: boolean): ExchangeEvent =>
  says({ kind: "body", direction, common: { body: { kind: "streamed", body: text(value), endOfStream } } });
const requestBody = streamed("request", "abc", true);
const responseHeaders = says({ kind: "headers", direction: "response", common: { headers: { remove: ["x-up"] } } });
const responseBody = streamed("response", "xyz", false);
const responseEnd = streamed("response", "", true);
const responseTrailers = says({ kind: "trailers", direction: "response", headers: { remove: ["x-sum"] } });
const refusal = says({ kind: "immediate", immediate: { status: 429, body: text("full") } });

/** One word an effect, with what matters of it. */
function word(effect: ExchangeEffect): string {
  switch (effect.kind) {
    case "tell": {
      const { message } = effect;
      const isEnd = message.kind !== "trailers" && message.endOfStream;
      return `tell ${message.direction} ${message.kind}${isEnd ? " end" : ""}`;
    }
    case "connect":
      return `connect ${effect.destinations.join("|")}${effect.endOfStream ? " end" : ""}`;
    case "upstream-write":
    case "client-write":
      return `${effect.kind} ${effect.chunk.length}`;
    case "client-start":
      return `client-start ${effect.head.status}`;
    case "client-end":
      return `client-end${effect.trailers.length > 0 ? " trailers" : ""}`;
    case "processor-reset":
    case "finish":
      return `${effect.kind} ${effect.kind === "finish" ? effect.outcome : effect.code}`;
    default:
      return effect.kind;
  }
}

function play(events: readonly ExchangeEvent[]): { state: ExchangeState; effects: ExchangeEffect[]; words: string[] } {
  let state = newExchange;
  const effects: ExchangeEffect[] = [];
  for (const event of events) {
    const [next, more] = step(state, event);
    state = next;
    effects.push(...more);
  }
  return { state, effects, words: effects.map(word) };
}

const asked = ["tell request headers", "tell request body", "tell request body end"];
const routed = [...asked, "connect 10.0.0.1:8000|10.0.0.2:8000", "upstream-write 3", "upstream-end"];
const toRoute = [headers, body, end, route, requestBody];
const failed = (status: number): string[] => [
  `client-start ${status}`,
  "client-write",
  "client-end",
  "upstream-abort",
  "processor-reset cancel",
  "finish processor-failed",
];
/** Drops what a model server cannot say: anything before the connection, a body before headers, anything after its end. */
function possible(events: readonly ExchangeEvent[]): ExchangeEvent[] {
  let stage: "none" | "connected" | "answering" | "done" = "none";
  let state = newExchange;
  const kept: ExchangeEvent[] = [];
  for (const event of events) {
    if (event.kind.startsWith("upstream")) {
      const isFirst = event.kind === "upstream-headers" || event.kind === "upstream-unreachable";
      if (event.kind !== "upstream-broken" && stage !== (isFirst ? "connected" : "answering")) continue;
      if (stage !== "connected" && stage !== "answering") continue;
      stage = event.kind === "upstream-headers" || event.kind === "upstream-body" ? "answering" : "done";
    }
    const [next, effects] = step(state, event);
    state = next;
    if (effects.some(({ kind }) => kind === "connect")) stage = "connected";
    if (effects.some(({ kind }) => kind === "upstream-abort")) stage = "done";
    kept.push(event);
  }
  return kept;
}

/** The length of a written error text is not the subject. */
const withoutLength = (words: readonly string[]): string[] =>
  words.map((w) => (/^client-write \d\d/.test(w) ? "client-write" : w));

describe("step", () => {
  it.each([
    {
      name: "passes a whole exchange",
      events: [...toRoute, up, responseHeaders, upBody, responseBody, upEnd, responseEnd],
      want: [
        ...routed,
        "tell response headers",
        "client-start 200",
        "tell response body",
        "client-write 3",
        "tell response body end",
        "client-end",
        "processor-reset cancel",
        "finish responded",
      ],
    },
    {
      name: "needs no body for a request that is headers only",
      events: [headersOnly, end, route, upOnly, responseHeaders],
      want: [
        "tell request headers end",
        "connect 10.0.0.1:8000|10.0.0.2:8000 end",
        "tell response headers end",
        "client-start 204",
        "client-end",
        "processor-reset cancel",
        "finish responded",
      ],
    },
    {
      name: "ends with trailers in place of an empty body",
      events: [...toRoute, up, responseHeaders, upTrailers, responseTrailers],
      want: [
        ...routed,
        "tell response headers",
        "client-start 200",
        "tell response trailers",
        "client-end",
        "processor-reset cancel",
        "finish responded",
      ],
    },
    {
      name: "ignores a second end of the request",
      events: [...toRoute, requestBody],
      want: routed,
    },
    {
      name: "answers with an immediate response",
      events: [headers, body, end, refusal],
      want: [
        ...asked,
        "client-start 429",
        "client-write 4",
        "client-end",
        "upstream-abort",
        "processor-reset cancel",
        "finish immediate",
      ],
    },
    {
      name: "resets a response that has begun when an immediate response comes",
      events: [...toRoute, up, responseHeaders, refusal],
      want: [
        ...routed,
        "tell response headers",
        "client-start 200",
        "client-reset",
        "upstream-abort",
        "processor-reset cancel",
        "finish immediate",
      ],
    },
    {
      name: "cancels all when the client leaves",
      events: [...toRoute, gone],
      want: [...routed, "upstream-abort", "processor-reset cancel", "finish client-gone"],
    },
    {
      name: "breaks the picker's stream when the response breaks",
      events: [...toRoute, up, responseHeaders, upBody, broken],
      want: [
        ...routed,
        "tell response headers",
        "client-start 200",
        "tell response body",
        "client-reset",
        "upstream-abort",
        "processor-reset connect-error",
        "finish upstream-broken",
      ],
    },
    {
      name: "answers 502 when the response breaks before the client has its headers",
      events: [...toRoute, up, broken],
      want: [
        ...routed,
        "tell response headers",
        "client-start 502",
        "client-write",
        "client-end",
        "upstream-abort",
        "processor-reset connect-error",
        "finish upstream-broken",
      ],
    },
    {
      name: "shows the picker the local answer to an upstream that broke before its headers",
      events: [...toRoute, broken],
      want: [...routed, "tell response headers", "tell response body", "tell response body end"],
    },
    {
      name: "passes the local answer to an unreachable upstream",
      events: [...toRoute, unreachable, responseHeaders, responseBody, responseEnd],
      want: [
        ...routed,
        "tell response headers",
        "tell response body",
        "tell response body end",
        "client-start 503",
        "client-write 3",
        "client-end",
        "processor-reset cancel",
        "finish upstream-unreachable",
      ],
    },
    {
      name: "has a local answer where there is no destination",
      events: [headers, body, end, nowhere],
      want: [...asked, "tell response headers", "tell response body", "tell response body end"],
    },
    {
      name: "passes the rest alone when the picker leaves with OK after the request",
      events: [...toRoute, ended(0), up, upBody, upTrailers],
      want: [
        ...routed,
        "client-start 200",
        "client-write 3",
        "client-end trailers",
        "processor-reset cancel",
        "finish responded",
      ],
    },
    {
      name: "passes the headers that still wait when the picker leaves with OK",
      events: [...toRoute, up, ended(0), upBody, upEnd],
      want: [
        ...routed,
        "tell response headers",
        "client-start 200",
        "client-write 3",
        "client-end",
        "processor-reset cancel",
        "finish responded",
      ],
    },
    {
      name: "fails when the picker leaves before it answered",
      events: [headers, ended(0)],
      want: ["tell request headers", ...failed(500)],
    },
    {
      name: "fails when the picker ends with an error",
      events: [headers, ended(13)],
      want: ["tell request headers", ...failed(500)],
    },
    {
      name: "is unavailable when the picker says so",
      events: [headers, ended(14)],
      want: ["tell request headers", ...failed(503)],
    },
    {
      name: "is unavailable without the picker",
      events: [headers, lost],
      want: ["tell request headers", ...failed(503)],
    },
    { name: "gives up on a silent picker", events: [headers, silent], want: ["tell request headers", ...failed(504)] },
    {
      name: "refuses a body reply before the headers reply",
      events: [headers, requestBody],
      want: ["tell request headers", ...failed(500)],
    },
    {
      name: "refuses a second headers reply",
      events: [headers, end, route, route],
      want: ["tell request headers", "tell request body end", "connect 10.0.0.1:8000|10.0.0.2:8000", ...failed(500)],
    },
    {
      name: "ends the exchange when the response is whole before the request is",
      events: [headers, body, route, up, responseHeaders, upEnd, responseEnd],
      want: [
        "tell request headers",
        "tell request body",
        "connect 10.0.0.1:8000|10.0.0.2:8000",
        "tell response headers",
        "client-start 200",
        "tell response body end",
        "client-end",
        "upstream-abort",
        "processor-reset cancel",
        "finish responded",
      ],
    },
  ])("$name", ({ events, want }) => expect(withoutLength(play(events).words)).toEqual(want));

  it("says the body modes and empty metadata on the first message only", () => {
    const { effects } = play([headers, body, end]);
    const told = effects.flatMap((effect) => (effect.kind === "tell" ? [effect.message] : []));
    expect(told[0]).toMatchObject({
      protocolConfig: { requestBodyMode: "FULL_DUPLEX_STREAMED", responseBodyMode: "FULL_DUPLEX_STREAMED" },
      filterMetadata: {},
    });
    expect(told.slice(1).every((message) => message.protocolConfig === undefined)).toBe(true);
  });

  it("sends mutated headers without pseudo headers upstream and to the client", () => {
    const { effects } = play([...toRoute, up, responseHeaders]);
    const connect = effects.find((effect) => effect.kind === "connect");
    expect(connect?.head).toEqual({
      method: "POST",
      path: "/v1/chat/completions",
      lines: [
        ["host", "host:80"],
        ["x-gateway-destination-endpoint", "10.0.0.1:8000,10.0.0.2:8000"],
      ],
    });
    expect(effects.find((effect) => effect.kind === "client-start")?.head).toEqual({ status: 200, lines: [] });
  });

  it("awaits a reply to headers only once the picker can give it", () => {
    const waits = (events: readonly ExchangeEvent[]): boolean => awaitsReply(play(events).state);
    expect(waits([headers, body])).toBe(false);
    expect(waits([headers, body, end])).toBe(true);
    expect(waits([headersOnly])).toBe(true);
    expect(waits(toRoute)).toBe(false);
    expect(waits([...toRoute, up])).toBe(true);
    expect(waits([...toRoute, up, responseHeaders])).toBe(false);
    expect(waits([headers, end, gone])).toBe(false);
  });

  const replies = [route, nowhere, requestBody, responseHeaders, responseBody, responseEnd, responseTrailers, refusal];
  const upstreams = [up, upOnly, upBody, upEnd, upTrailers, broken, unreachable];
  const happenings = [body, end, gone, ...replies, ...upstreams, silent, lost, ended(0), ended(13)];
  const anyEvent = fc.constantFrom<ExchangeEvent>(...happenings);

  it("finishes at most once, starts the client at most once and writes only in between", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(anyEvent, { maxLength: 14 }), (isHeadersOnly, events) => {
        const { state, words } = play(possible([isHeadersOnly ? headersOnly : headers, ...events]));
        const at = (start: string): number[] => words.flatMap((w, i) => (w.startsWith(start) ? [i] : []));
        const [start = Number.POSITIVE_INFINITY, secondStart] = at("client-start");
        const ends = [...at("client-end"), ...at("client-reset")];
        expect(secondStart).toBeUndefined();
        expect(ends.length).toBeLessThanOrEqual(1);
        expect(at("finish").length).toBe(state.over ? 1 : 0);
        if (state.over) expect(at("finish")[0]).toBe(words.length - 1);
        for (const write of at("client-write")) {
          expect(write).toBeGreaterThan(start);
          expect(write).toBeLessThan(ends[0] ?? Number.POSITIVE_INFINITY);
        }
        expect(at("connect").length).toBeLessThanOrEqual(1);
        expect(at("tell response body end").length + at("tell response trailers").length).toBeLessThanOrEqual(1);
        expect(at("tell request body end").length + at("tell request trailers").length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2000 },
    );
  });

  it("says what Envoy 1.40 said in the recorded exchanges", () => {
    const recording = new URL("../../../../shared/data/envoy/extproc-trace-1.40.jsonl", import.meta.url);
    if (!existsSync(recording)) {
      process.stdout.write("skipped: no recording of Envoy beside the repository\n");
      return;
    }
    type Line = { readonly kind: string; readonly eos: boolean; readonly len: number; readonly headers: HeaderLines };
    const recorded: string[][] = [];
    for (const row of readFileSync(recording, "utf8").trim().split("\n")) {
      const line = JSON.parse(row) as Line;
      if (line.kind === "stream-open") recorded.push([]);
      else if (line.kind !== "stream-end") {
        recorded.at(-1)?.push(`tell ${line.kind.replace("_", " ")}${line.eos ? " end" : ""}`);
      }
    }
    for (const exchange of recorded) {
      const bodies = (name: string): number => exchange.filter((w) => w === name).length;
      const events = [
        headers,
        ...Array.from({ length: bodies("tell request body") }, () => body),
        end,
        route,
        requestBody,
      ];
      events.push(up, responseHeaders);
      for (let i = bodies("tell response body"); i > 0; i--) events.push(upBody, responseBody);
      events.push(upEnd, responseEnd);
      const { words } = play(events);
      expect(words.filter((w) => w.startsWith("tell"))).toEqual(exchange);
      expect(words).toContain("processor-reset cancel");
    }
    expect(recorded.length).toBeGreaterThan(0);
  });
});
