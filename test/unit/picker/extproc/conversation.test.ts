import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { BodyMode } from "#extproc";
import type {
  ConversationEffect,
  ConversationEvent,
  ConversationState,
} from "../../../../picker/extproc/conversation-state.ts";
import { startConversation, step } from "../../../../picker/extproc/conversation.ts";

type Script = readonly ConversationEvent[];

/** Plays a script; every `decide` is answered at once, as a synchronous scheduler does. */
function play(script: Script, outcome: "route" | "refuse" = "route", maxBodyBytes = 1000): readonly string[] {
  let state: ConversationState = startConversation(maxBodyBytes);
  const told: string[] = [];
  const apply = (event: ConversationEvent): void => {
    const [next, effects] = step(state, event);
    state = next;
    for (const effect of effects) {
      told.push(describeEffect(effect));
      if (effect.kind === "decide") apply({ kind: "decided", outcome });
    }
  };
  for (const event of script) apply(event);
  return told;
}

const describeEffect = (effect: ConversationEffect): string => {
  switch (effect.kind) {
    case "decide":
      return `decide:${effect.from}`;
    case "continue":
      return `continue:${effect.direction}-${effect.part}`;
    case "send-route":
      return `route:${effect.replyTo}`;
    case "send-kept-body":
      return `kept-body${effect.endOfStream ? ":eos" : ""}`;
    case "pass-chunk":
      return `pass:${effect.direction}${effect.endOfStream ? ":eos" : ""}`;
    case "finish":
      return `finish:${effect.ending}`;
    default:
      return effect.kind;
  }
};

const headers = (part: Partial<Extract<ConversationEvent, { kind: "request-headers" }>> = {}): ConversationEvent => ({
  kind: "request-headers",
  endOfStream: false,
  requestBodyMode: "FULL_DUPLEX_STREAMED",
  responseBodyMode: "FULL_DUPLEX_STREAMED",
  readsBody: true,
  ...part,
});
const body = (bytes: number, endOfStream = false): ConversationEvent => ({ kind: "request-body", bytes, endOfStream });
const trailers: ConversationEvent = { kind: "request-trailers" };
const answer = (endOfStream = false): ConversationEvent => ({ kind: "response-headers", endOfStream });
const chunk = (endOfStream = false): ConversationEvent => ({ kind: "response-body", endOfStream });
const answerTrailers: ConversationEvent = { kind: "response-trailers" };
const cancelled: ConversationEvent = { kind: "closed", broken: false };
const broken: ConversationEvent = { kind: "closed", broken: true };

const opened = ["continue:response-headers", "open-response"];
const posted = ["keep-request-chunk", "keep-request-chunk", "decide:body", "route:headers", "kept-body:eos"];
const modes = (mode: BodyMode) => headers({ requestBodyMode: mode, responseBodyMode: mode });

describe("conversation", () => {
  it.each<{ name: string; script: Script; want: readonly string[]; outcome?: "refuse" }>([
    {
      name: "POST, streamed answer, in full duplex: silent until the body is whole, chunks passed before they are observed",
      script: [headers(), body(80), body(0, true), answer(), chunk(), chunk(), chunk(true), cancelled],
      want: [
        ...posted,
        ...opened,
        "pass:response",
        "observe-chunk",
        "pass:response",
        "observe-chunk",
        "pass:response:eos",
        "observe-chunk",
        "observe-end",
        "finish:responded",
      ],
    },
    {
      name: "GET: decided from headers, nothing kept",
      script: [headers({ endOfStream: true, readsBody: false }), answer(), chunk(true), cancelled],
      want: [
        "decide:headers",
        "route:headers",
        ...opened,
        "pass:response:eos",
        "observe-chunk",
        "observe-end",
        "finish:responded",
      ],
    },
    {
      name: "an API that is not read: its body is passed on as it comes",
      script: [headers({ readsBody: false }), body(9), body(9, true), answer(true)],
      want: [
        "decide:headers",
        "route:headers",
        "pass:request",
        "pass:request:eos",
        ...opened,
        "observe-end",
        "finish:responded",
      ],
    },
    {
      name: "request body ended by trailers",
      script: [headers(), body(80), trailers],
      want: ["keep-request-chunk", "decide:body", "route:headers", "kept-body", "continue:request-trailers"],
    },
    {
      name: "request body ended twice: the second end is dropped, late trailers are answered",
      script: [headers(), body(80, true), body(0, true), trailers],
      want: ["keep-request-chunk", "decide:body", "route:headers", "kept-body:eos", "continue:request-trailers"],
    },
    {
      name: "response ended by trailers",
      script: [headers(), body(1, true), answer(), chunk(), answerTrailers, cancelled],
      want: [
        "keep-request-chunk",
        "decide:body",
        "route:headers",
        "kept-body:eos",
        ...opened,
        "pass:response",
        "observe-chunk",
        "continue:response-trailers",
        "observe-end",
        "finish:responded",
      ],
    },
    {
      name: "response ended twice: counted once, the second end is not passed on",
      script: [headers({ endOfStream: true }), answer(), chunk(true), chunk(true), answerTrailers],
      want: [
        "decide:headers",
        "route:headers",
        ...opened,
        "pass:response:eos",
        "observe-chunk",
        "observe-end",
        "finish:responded",
        "continue:response-trailers",
      ],
    },
    {
      name: "refused: an immediate response, then the stream ends, and what still comes is dropped",
      script: [headers(), body(80, true), trailers, body(1), answer(), cancelled],
      outcome: "refuse",
      want: ["keep-request-chunk", "decide:body", "send-refusal", "finish:refused", "end-stream"],
    },
    {
      name: "a body over the limit is refused as soon as it is over",
      script: [headers(), body(900), body(101), body(1, true), cancelled],
      want: ["keep-request-chunk", "refuse-oversize", "finish:refused", "end-stream"],
    },
    {
      name: "a body of exactly the limit is taken",
      script: [headers(), body(1000, true)],
      want: ["keep-request-chunk", "decide:body", "route:headers", "kept-body:eos"],
    },
    {
      name: "the proxy answers by itself while the body is still coming: never an immediate response after that",
      script: [headers(), body(80), answer(), body(2000), body(0, true), chunk(true)],
      want: ["keep-request-chunk", ...opened, "pass:response:eos", "observe-chunk", "observe-end", "finish:responded"],
    },
    {
      name: "client gone before the body is whole",
      script: [headers(), body(80), cancelled, cancelled],
      want: ["keep-request-chunk", "finish:client-gone"],
    },
    {
      name: "client gone in mid-stream",
      script: [headers({ endOfStream: true }), answer(), chunk(), cancelled],
      want: ["decide:headers", "route:headers", ...opened, "pass:response", "observe-chunk", "finish:client-gone"],
    },
    {
      name: "the proxy says the exchange broke",
      script: [headers({ endOfStream: true }), answer(), chunk(), broken],
      want: ["decide:headers", "route:headers", ...opened, "pass:response", "observe-chunk", "finish:broken"],
    },
    {
      name: "broken before a destination: nobody upstream is to blame",
      script: [headers(), broken],
      want: ["finish:client-gone"],
    },
    { name: "closed before anything arrived", script: [cancelled], want: [] },
    {
      name: "half-closed: the stream is ended from our side too",
      script: [headers({ endOfStream: true }), { kind: "half-closed" }],
      want: ["decide:headers", "route:headers", "end-stream"],
    },
    {
      name: "BUFFERED: headers are answered first, the destination travels with the body reply",
      script: [modes("BUFFERED"), body(80, true), answer(), chunk(true)],
      want: [
        "continue:request-headers",
        "keep-request-chunk",
        "decide:body",
        "route:body",
        ...opened,
        "continue:response-body",
        "observe-chunk",
        "observe-end",
        "finish:responded",
      ],
    },
    {
      name: "BUFFERED with an empty body",
      script: [modes("BUFFERED"), body(0, true)],
      want: ["continue:request-headers", "keep-request-chunk", "decide:body", "route:body"],
    },
    {
      name: "BUFFERED with request trailers: the body message is whole without end of stream",
      script: [modes("BUFFERED"), body(80), trailers],
      want: [
        "continue:request-headers",
        "keep-request-chunk",
        "decide:body",
        "route:body",
        "continue:request-trailers",
      ],
    },
    {
      name: "BUFFERED_PARTIAL with a body that did not fit: decided from headers",
      script: [modes("BUFFERED_PARTIAL"), body(80)],
      want: ["continue:request-headers", "decide:headers", "route:body"],
    },
    {
      name: "STREAMED: decided from headers, every body message answered once",
      script: [modes("STREAMED"), body(80), body(0, true), answer(), chunk(), chunk(true)],
      want: [
        "decide:headers",
        "route:headers",
        "continue:request-body",
        "continue:request-body",
        ...opened,
        "continue:response-body",
        "observe-chunk",
        "continue:response-body",
        "observe-chunk",
        "observe-end",
        "finish:responded",
      ],
    },
    {
      name: "headers only: decided from headers, and nothing is said about a response nobody showed us",
      script: [modes("NONE"), answer(), cancelled],
      want: ["decide:headers", "route:headers", ...opened, "finish:unobserved"],
    },
    {
      name: "request headers twice: the second are dropped",
      script: [headers({ endOfStream: true }), headers({ endOfStream: true })],
      want: ["decide:headers", "route:headers"],
    },
    { name: "body before headers", script: [body(5, true), answer(), chunk(true), answerTrailers], want: [] },
  ])("$name", ({ script, want, outcome }) => {
    expect(play(script, outcome)).toEqual(want);
  });

  const anyMode = fc.constantFrom<BodyMode>("NONE", "STREAMED", "BUFFERED", "BUFFERED_PARTIAL", "FULL_DUPLEX_STREAMED");
  const anyEvent: fc.Arbitrary<ConversationEvent> = fc.oneof(
    fc.record({
      kind: fc.constant("request-headers" as const),
      endOfStream: fc.boolean(),
      requestBodyMode: anyMode,
      responseBodyMode: anyMode,
      readsBody: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("request-body" as const), bytes: fc.nat(700), endOfStream: fc.boolean() }),
    fc.constant(trailers),
    fc.record({ kind: fc.constant("response-headers" as const), endOfStream: fc.boolean() }),
    fc.record({ kind: fc.constant("response-body" as const), endOfStream: fc.boolean() }),
    fc.constant(answerTrailers),
    fc.constant<ConversationEvent>({ kind: "half-closed" }),
    fc.record({ kind: fc.constant("closed" as const), broken: fc.boolean() }),
  );

  it("keeps its invariants whatever the proxy sends", () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 30 }),
        fc.constantFrom("route" as const, "refuse" as const),
        (script, outcome) => {
          const told = play(script, outcome);
          const count = (prefix: string): number => told.filter((effect) => effect.startsWith(prefix)).length;
          expect(count("finish")).toBeLessThanOrEqual(1);
          expect(count("decide")).toBeLessThanOrEqual(1);
          expect(count("route") + count("send-refusal") + count("refuse-oversize")).toBeLessThanOrEqual(1);
          expect(count("open-response")).toBeLessThanOrEqual(1);
          const opens = told.indexOf("open-response");
          const refuses = told.findIndex((effect) => effect === "send-refusal" || effect === "refuse-oversize");
          if (opens >= 0) expect(refuses).toBeLessThan(0);
          const lastPass = told.lastIndexOf("pass:response:eos");
          if (lastPass >= 0) expect(told.indexOf("pass:response", lastPass)).toBe(-1);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("finishes every request that arrived, at the latest when its stream is closed", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), (events) => {
        const script = [headers(), ...events, cancelled];
        expect(play(script).filter((effect) => effect.startsWith("finish"))).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });
});
