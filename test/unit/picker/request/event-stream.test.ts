import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { EventStream, eventName } from "../../../../picker/request/event-stream.ts";

function dataOf(chunks: readonly Buffer[]): string[] {
  const all: string[] = [];
  const events = new EventStream(
    {
      onKnown: () => -1,
      onData: (bytes, start, end) => all.push(bytes.toString("utf8", start, end)),
      onTooLong: () => all.push("too long"),
    },
    1000,
  );
  for (const chunk of chunks) events.push(chunk);
  return all;
}

/** By the letter of the format: line ends made equal, blocks between blank lines, the values of their data lines. */
const dataByTheLetter = (text: string): string[] =>
  text
    .replace(/^\uFEFF/, "")
    .replaceAll(/\r\n|\r/g, "\n")
    .split("\n\n")
    .slice(0, -1)
    .map((block) => block.split("\n").filter((line) => line.startsWith("data:")))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.replace(/^data: ?/, "")).join("\n"));

describe("EventStream", () => {
  it.each([
    { name: "one data line", text: "data: a\n\n", want: ["a"] },
    { name: "no space", text: "data:a\n\n", want: ["a"] },
    { name: "two spaces: one belongs to the data", text: "data:  a\n\n", want: [" a"] },
    { name: "two data lines", text: "data: a\ndata: b\n\n", want: ["a\nb"] },
    { name: "data before another field", text: "data: a\nid: 1\n\n", want: ["a"] },
    { name: "comments and fields without data", text: ": x\n\nevent: y\n\nid: 3\nretry: 1\n\n", want: [] },
    { name: "a field whose name only begins so", text: "database: a\n\ndat: b\n\n", want: [] },
    { name: "a byte order mark", text: "\uFEFFdata: a\n\ndata: b\n\n", want: ["a", "b"] },
    { name: "a byte order mark that is not at the start", text: "data: a\n\n\uFEFFdata: b\n\n", want: ["a"] },
    { name: "CRLF with two data lines", text: "data: a\r\ndata: b\r\n\r\n", want: ["a\nb"] },
    { name: "CR", text: "data: a\rdata: b\r\r", want: ["a\nb"] },
    { name: "mixed line ends", text: "data: a\r\ndata: b\n\rdata: c\r\n\n", want: ["a\nb", "c"] },
    { name: "an event without its blank line", text: "data: a\n", want: [] },
  ])("$name", ({ text, want }) => {
    expect(dataOf([Buffer.from(text)])).toEqual(want);
    expect(dataOf([...Buffer.from(text)].map((byte) => Buffer.from([byte])))).toEqual(want);
  });

  it("hears the end of the last event with the chunk that brings its blank line", () => {
    const [a, b, c] = ["data: x", "\r\rdata: y", "\n\n"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
    expect(dataOf([a, b])).toEqual(["x"]);
    expect(dataOf([a, b, c])).toEqual(["x", "y"]);
  });

  it("reads what the format says, whatever the line ends and wherever it is cut", () => {
    const line = fc.constantFrom("data: a", "data:b", "data:", "event: e", "id: 1", ": c", "data: é", "", "", "x");
    const lineEnd = fc.constantFrom("\n", "\n", "\r\n", "\r");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, lineEnd), { maxLength: 16 }),
        fc.array(fc.nat(120), { maxLength: 8 }),
        (lines, cuts) => {
          const text = lines.flat().join("");
          const bytes = Buffer.from(text);
          const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
          const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
          // Data without text is no event to the format, and an empty one to us: neither means anything.
          const some = (all: readonly string[]) => all.filter((data) => data.trim() !== "");
          expect(some(dataOf(chunks))).toEqual(some(dataByTheLetter(text.replaceAll(/(?:\r\n|\r|\n){3,}/g, "\n\n"))));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("eventName", () => {
  it.each([
    ["event: error\ndata: x", "error"],
    ["event:error\rdata: x", "error"],
    ["event: error", "error"],
    ["data: x\nevent: error", undefined],
    ["events: error\n", undefined],
  ])("%j has the name %p", (text, name) => {
    const bytes = Buffer.from(text);
    expect(eventName(bytes, 0, bytes.length)).toBe(name);
  });
});
