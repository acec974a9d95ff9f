import { describe, expect, it } from "@jest/globals";
import type { HeaderLines, HeaderMutation } from "#extproc";
import { endToEnd, linesOf, mutated, recordOf } from "../../../gateway/headers.ts";
import { destinationsOf, requestHead, upstreamHead, type ClientHead } from "../../../gateway/request-head.ts";
import { clientHead, isBodyless, localReply, processorHead } from "../../../gateway/response-head.ts";

describe("mutated", () => {
  const lines: HeaderLines = [
    [":path", "/a"],
    ["x-a", "1"],
    ["x-b", "2"],
    ["x-a", "3"],
  ];
  it.each<{ name: string; mutation: HeaderMutation | undefined; want: HeaderLines }>([
    { name: "nothing", mutation: undefined, want: lines },
    { name: "removes every line of a name", mutation: { remove: ["X-A"] }, want: [lines[0]!, lines[2]!] },
    {
      name: "replaces every line of a name",
      mutation: { set: [{ name: "x-a", value: "9" }] },
      want: [lines[0]!, lines[2]!, ["x-a", "9"]],
    },
    {
      name: "appends a line",
      mutation: { set: [{ name: "x-b", value: "9", append: true }] },
      want: [...lines, ["x-b", "9"]],
    },
    {
      name: "removes before it sets",
      mutation: { remove: ["x-b"], set: [{ name: "x-b", value: "9", append: true }] },
      want: [lines[0]!, lines[1]!, lines[3]!, ["x-b", "9"]],
    },
    { name: "removes no pseudo header", mutation: { remove: [":path"] }, want: lines },
    {
      name: "sets a pseudo header",
      mutation: { set: [{ name: ":path", value: "/b" }] },
      want: [lines[1]!, lines[2]!, lines[3]!, [":path", "/b"]],
    },
  ])("$name", ({ mutation, want }) => expect(mutated(lines, mutation)).toEqual(want));
});

it("endToEnd drops connection-level headers and those that connection names", () => {
  const lines: HeaderLines = [
    ["connection", "close, X-Hop"],
    ["x-hop", "1"],
    ["keep-alive", "timeout=5"],
    ["te", "trailers"],
    ["upgrade", "h2c"],
    ["x-kept", "1"],
  ];
  expect(endToEnd(lines)).toEqual([["x-kept", "1"]]);
});

it("linesOf and recordOf keep repeated headers", () => {
  const lines = linesOf([Buffer.from("Set-Cookie"), Buffer.from("a=1"), "X-One", "é", "set-cookie", "b=2"]);
  expect(lines).toEqual([
    ["set-cookie", "a=1"],
    ["x-one", "é"],
    ["set-cookie", "b=2"],
  ]);
  expect(recordOf(lines)).toEqual({ "set-cookie": ["a=1", "b=2"], "x-one": "é" });
});

describe("requestHead", () => {
  const client: ClientHead = {
    method: "POST",
    path: "/v1/chat/completions",
    authority: "gateway:8080",
    scheme: "http",
    lines: [
      ["host", "gateway:8080"],
      ["content-length", "2"],
    ],
    remoteAddress: "127.0.0.1",
  };

  it("puts pseudo headers first and adds address, scheme and id", () => {
    expect(requestHead(client, "id-1")).toEqual([
      [":authority", "gateway:8080"],
      [":path", "/v1/chat/completions"],
      [":method", "POST"],
      [":scheme", "http"],
      ["content-length", "2"],
      ["x-forwarded-for", "127.0.0.1"],
      ["x-forwarded-proto", "http"],
      ["x-request-id", "id-1"],
    ]);
  });

  it("keeps the client's id, extends x-forwarded-for, and drops a destination that the client names", () => {
    const lines: HeaderLines = [
      ["x-request-id", "mine"],
      ["x-forwarded-for", "10.0.0.9"],
      ["x-forwarded-proto", "https"],
      ["x-gateway-destination-endpoint", "10.0.0.1:22"],
    ];
    expect(requestHead({ ...client, lines }, "id-1").slice(4)).toEqual([
      ["x-request-id", "mine"],
      ["x-forwarded-for", "10.0.0.9, 127.0.0.1"],
      ["x-forwarded-proto", "http"],
    ]);
  });
});

it("upstreamHead follows the picker's path and drops framing", () => {
  const head = upstreamHead([
    [":authority", "a:1"],
    [":path", "/rewritten"],
    [":method", "PUT"],
    [":scheme", "http"],
    ["transfer-encoding", "chunked"],
    ["x-a", "1"],
  ]);
  expect(head).toEqual({
    method: "PUT",
    path: "/rewritten",
    lines: [
      ["host", "a:1"],
      ["x-a", "1"],
    ],
  });
});

it.each([
  { value: "10.0.0.1:8000", want: ["10.0.0.1:8000"] },
  {
    value: "10.0.0.1:8000, [fd00::1]:8000,sim-0.local:80",
    want: ["10.0.0.1:8000", "[fd00::1]:8000", "sim-0.local:80"],
  },
  { value: "10.0.0.1", want: [] },
  { value: "user@host:80,http://x:1", want: [] },
  { value: "", want: [] },
])("destinationsOf $value", ({ value, want }) => {
  expect(destinationsOf([["x-gateway-destination-endpoint", value]])).toEqual(want);
});

it("clientHead takes the status from the pseudo header and drops framing", () => {
  const lines = processorHead(201, [
    ["transfer-encoding", "chunked"],
    ["connection", "close"],
    ["x-a", "1"],
  ]);
  expect(lines[0]).toEqual([":status", "201"]);
  expect(clientHead(lines)).toEqual({ status: 201, lines: [["x-a", "1"]] });
  expect(clientHead([[":status", "abc"]]).status).toBe(500);
});

it.each([
  { method: "HEAD", status: 200, lines: [], want: true },
  { method: "GET", status: 204, lines: [], want: true },
  { method: "GET", status: 304, lines: [], want: true },
  { method: "GET", status: 200, lines: [["content-length", "0"]] as const, want: true },
  { method: "GET", status: 200, lines: [["content-length", "1"]] as const, want: false },
  { method: "POST", status: 200, lines: [], want: false },
])("isBodyless $method $status", ({ method, status, lines, want }) => {
  expect(isBodyless(method, status, lines)).toBe(want);
});

it("localReply is JSON with its length", () => {
  const { head, body } = localReply(503, "code", 'a "message"');
  expect(JSON.parse(body.toString())).toEqual({
    error: { message: 'a "message"', type: "gateway_error", code: "code" },
  });
  expect(head.lines).toContainEqual(["content-length", String(body.length)]);
});
