import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { copyHeaders, decodeProcessingRequest, encodeProcessingRequest, headersOf, type HeaderView } from "#extproc";
import { requestType } from "./reference.ts";

type Line = { readonly key: string; readonly value?: string; readonly rawValue?: Buffer };

const viewOf = (bytes: Buffer): HeaderView => {
  const decoded = decodeProcessingRequest(bytes);
  if (decoded.kind !== "headers") throw new Error(decoded.kind);
  return decoded.headers;
};

const received = (headers: readonly Line[]): HeaderView =>
  viewOf(
    Buffer.from(requestType.encode(requestType.fromObject({ requestHeaders: { headers: { headers } } })).finish()),
  );

const sent = (lines: readonly (readonly [string, string])[]): Buffer =>
  encodeProcessingRequest({ kind: "headers", direction: "request", headers: lines, endOfStream: false });

describe("headers of a message", () => {
  it.each([
    { name: "raw_value", line: { key: "a", rawValue: Buffer.from("raw") }, want: "raw" },
    { name: "value where there is no raw_value", line: { key: "a", value: "text" }, want: "text" },
    { name: "raw_value before value", line: { key: "a", value: "text", rawValue: Buffer.from("raw") }, want: "raw" },
    {
      name: "value where raw_value is empty",
      line: { key: "a", value: "text", rawValue: Buffer.alloc(0) },
      want: "text",
    },
    { name: "an empty value", line: { key: "a" }, want: "" },
    { name: "a name in capitals", line: { key: "A", value: "text" }, want: "text" },
    { name: "UTF-8", line: { key: "a", rawValue: Buffer.from("grüße 🙂") }, want: "grüße 🙂" },
    { name: "bytes that are not UTF-8", line: { key: "a", rawValue: Buffer.from([0x61, 0xff]) }, want: "a\uFFFD" },
  ])("read $name", ({ line, want }) => {
    const view = received([{ key: "aa", value: "no" }, line, { key: "b", value: "no" }]);
    expect(view.get("a")).toBe(want);
    expect(view.all("a")).toEqual([want]);
    expect(view.entries()[1]).toEqual(["a", want]);
  });

  it("do not take a name that differs in one letter, or a character that differs from one in a bit", () => {
    const view = received([
      { key: "x-slo-ttft-mt", value: "1" },
      { key: "[a", value: "2" },
    ]);
    expect(view.get("x-slo-ttft-ms")).toBeUndefined();
    expect(view.get("{a")).toBeUndefined();
  });

  it("keep every line of a repeated name, in order", () => {
    const view = received([
      { key: "set-cookie", value: "a=1" },
      { key: "date", value: "today" },
      { key: "Set-Cookie", value: "b=2" },
    ]);
    expect(view.get("set-cookie")).toBe("a=1");
    expect(view.all("set-cookie")).toEqual(["a=1", "b=2"]);
    expect(view.all("via")).toEqual([]);
    expect(view.entries().map(([name]) => name)).toEqual(["set-cookie", "date", "set-cookie"]);
  });

  it("are empty without a header map", () => {
    const view = viewOf(Buffer.from([0x12, 0x02, 0x18, 0x01]));
    expect([view.get("a"), view.all("a"), view.entries()]).toEqual([undefined, [], []]);
  });

  it("outlive the received buffer once copied", () => {
    const bytes = sent([["host", "example.org"]]);
    const view = viewOf(bytes);
    const copy = copyHeaders(view);
    bytes.fill(0x78);
    expect(copy.entries()).toEqual([["host", "example.org"]]);
    expect(view.get("host")).toBeUndefined();
  });

  it("answer as a plain list of lines does", () => {
    const name = fc.constantFrom("a", "b", "ab", "ba", "abc");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string({ maxLength: 5 }))), name, (lines, wanted) => {
        const view = viewOf(sent(lines));
        const list = headersOf(lines);
        expect(view.get(wanted)).toBe(list.get(wanted));
        expect(view.all(wanted)).toEqual(list.all(wanted));
        expect(view.entries()).toEqual(list.entries());
      }),
    );
  });
});

describe("headersOf", () => {
  it("lower-cases names and keeps repeated lines", () => {
    const view = headersOf([
      ["A", "1"],
      ["a", "2"],
    ]);
    expect(view.entries()).toEqual([
      ["a", "1"],
      ["a", "2"],
    ]);
    expect(view.get("a")).toBe("1");
    expect(view.all("a")).toEqual(["1", "2"]);
    expect(copyHeaders(view)).toBe(view);
  });
});
