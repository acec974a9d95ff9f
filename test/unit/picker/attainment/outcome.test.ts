import { describe, expect, it } from "@jest/globals";
import { observationOf, outcomeOf, type RequestEnd } from "../../../../picker/attainment/outcome.ts";
import { arrivalOf, readerWith } from "../../../support/attainment.ts";

const end = (part: Partial<RequestEnd>): RequestEnd => ({
  ending: "responded",
  refusal: undefined,
  responseStatus: 200,
  reader: readerWith({}),
  endedAtMs: 1000,
  ...part,
});

describe("outcomeOf", () => {
  it.each([
    { name: "seen to its own end", given: end({}), want: { kind: "completed" } },
    {
      name: "ended without its own end",
      given: end({ reader: readerWith({ complete: false }) }),
      want: { kind: "upstream-error" },
    },
    {
      name: "an error event in a 200",
      given: end({ reader: readerWith({ failed: true }) }),
      want: { kind: "upstream-error" },
    },
    { name: "500", given: end({ responseStatus: 500 }), want: { kind: "upstream-error" } },
    {
      name: "503 without a body",
      given: end({ responseStatus: 503, reader: undefined }),
      want: { kind: "upstream-error" },
    },
    { name: "404", given: end({ responseStatus: 404 }), want: { kind: "invalid" } },
    { name: "429 of the model server", given: end({ responseStatus: 429 }), want: { kind: "invalid" } },
    { name: "client gone", given: end({ ending: "client-gone" }), want: { kind: "client-gone" } },
    {
      name: "client gone in the middle of an error answer",
      given: end({ ending: "client-gone", responseStatus: 502 }),
      want: { kind: "upstream-error" },
    },
    {
      name: "client gone after an error event",
      given: end({ ending: "client-gone", reader: readerWith({ failed: true }) }),
      want: { kind: "upstream-error" },
    },
    { name: "the proxy says it broke", given: end({ ending: "broken" }), want: { kind: "upstream-error" } },
    { name: "response body not shown", given: end({ ending: "unobserved" }), want: { kind: "unobserved" } },
    {
      name: "refused for lack of endpoints",
      given: end({ ending: "refused", refusal: "no_endpoints", responseStatus: 0 }),
      want: { kind: "refused", reason: "no_endpoints" },
    },
    {
      name: "refused as malformed",
      given: end({ ending: "refused", refusal: "invalid", responseStatus: 0 }),
      want: { kind: "invalid" },
    },
  ])("$name", ({ given, want }) => {
    expect(outcomeOf(given)).toEqual(want);
  });
});

describe("observationOf", () => {
  const record = { arrival: arrivalOf("chat", 100), route: undefined };

  it("counts every span from arrival", () => {
    const reader = readerWith({
      firstTokenAtMs: 400,
      lastTokenAtMs: 800,
      tokenEvents: 9,
      usage: { inputTokens: 5, outputTokens: 11, cachedTokens: undefined },
    });
    expect(observationOf(record, end({ reader }))).toMatchObject({
      ttftMs: 300,
      tpotMs: 40,
      elapsedMs: 900,
      streamed: true,
    });
  });

  it("falls back to token events where the server gives no usage", () => {
    const reader = readerWith({ firstTokenAtMs: 400, lastTokenAtMs: 800, tokenEvents: 5 });
    expect(observationOf(record, end({ reader })).tpotMs).toBe(100);
  });

  it("has no TPOT below two tokens, and none of the spans of a response nobody saw", () => {
    const one = readerWith({ firstTokenAtMs: 400, lastTokenAtMs: 400, tokenEvents: 1 });
    expect(observationOf(record, end({ reader: one })).tpotMs).toBeUndefined();
    expect(observationOf(record, end({ reader: undefined }))).toMatchObject({ ttftMs: undefined, streamed: undefined });
  });
});
