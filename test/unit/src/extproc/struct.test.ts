import { describe, expect, it } from "@jest/globals";
import { decodeProcessingRequest, decodeProcessingResponse, encodeProcessingResponse, type JsonObject } from "#extproc";

const roundTrip = (dynamicMetadata: JsonObject): JsonObject | undefined =>
  decodeProcessingResponse(encodeProcessingResponse({ kind: "trailers", direction: "response", dynamicMetadata }))
    .dynamicMetadata;

describe("dynamic metadata", () => {
  it.each<{ name: string; object: JsonObject }>([
    { name: "nothing", object: {} },
    {
      name: "every kind of value",
      object: { n: null, t: true, f: false, d: -0.5, s: "ü", l: [1, [], {}], o: { k: "v" } },
    },
    { name: "empty text and key", object: { "": "" } },
    { name: "extreme numbers", object: { a: Number.MAX_VALUE, b: 5e-324, c: Infinity, d: NaN } },
    { name: "long text", object: { long: "ü".repeat(100_000) } },
    {
      name: "many entries",
      object: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`10.0.0.${i}:8000`, i])),
    },
  ])("carries $name", ({ object }) => expect(roundTrip(object)).toEqual(object));

  it("with the key __proto__ sets an entry, not the prototype", () => {
    const read = roundTrip(JSON.parse('{"__proto__": {"admin": true}}') as JsonObject);
    expect(Object.keys(read ?? {})).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect((read as { readonly admin?: boolean }).admin).toBeUndefined();
  });

  it("reads a value without a kind, and an entry without a value, as null", () => {
    const bytes = Buffer.from([0x42, 0x0c, 0x0a, 0x05, 0x0a, 0x01, 0x61, 0x12, 0x00, 0x0a, 0x03, 0x0a, 0x01, 0x62]);
    expect(decodeProcessingResponse(bytes).dynamicMetadata).toEqual({ a: null, b: null });
  });
});

it("of two metadata entries with one name the last counts", () => {
  const entry = (value: number): number[] => [
    0x0a,
    0x0e,
    0x0a,
    0x01,
    0x6e,
    0x12,
    0x09,
    0x0a,
    0x07,
    0x0a,
    0x01,
    0x6b,
    0x12,
    0x02,
    0x20,
    value,
  ];
  const content = [...entry(0), ...entry(1)];
  const decoded = decodeProcessingRequest(Buffer.from([0x42, content.length, ...content]));
  expect(decoded.filterMetadata("n")).toEqual({ k: true });
});
