import { describe, expect, it } from "@jest/globals";
import { admit, type RequestHead } from "../../../../picker/transport/admission.ts";
import type { Method } from "../../../../picker/transport/methods.ts";

const method: Method = {
  accept: () => {
    throw new Error("not called");
  },
  subscription: false,
};
const methods = new Map([["/a.B/C", method]]);
const good: RequestHead = {
  method: "POST",
  path: "/a.B/C",
  contentType: "application/grpc",
  encoding: undefined,
  timeout: undefined,
};

describe("admit", () => {
  it.each([
    { name: "a call", head: {}, want: { kind: "call", method, timeoutMs: undefined } },
    { name: "a subtype", head: { contentType: "application/grpc+proto" }, want: { kind: "call" } },
    { name: "parameters", head: { contentType: "application/grpc;charset=utf-8" }, want: { kind: "call" } },
    { name: "upper case", head: { contentType: "Application/GRPC" }, want: { kind: "call" } },
    { name: "a time-out", head: { timeout: "2S" }, want: { kind: "call", timeoutMs: 2000 } },
    { name: "identity", head: { encoding: "identity" }, want: { kind: "call" } },
    { name: "gzip", head: { encoding: "gzip" }, want: { kind: "refused", status: 12 } },
    { name: "a bad time-out", head: { timeout: "2" }, want: { kind: "refused", status: 13 } },
    { name: "an unknown path", head: { path: "/a.B/D" }, want: { kind: "refused", status: 12 } },
    { name: "no path", head: { path: undefined }, want: { kind: "refused", status: 12 } },
    { name: "GET", head: { method: "GET" }, want: { kind: "http", status: 405 } },
    { name: "JSON", head: { contentType: "application/json" }, want: { kind: "http", status: 415 } },
    { name: "gRPC-Web", head: { contentType: "application/grpc-web" }, want: { kind: "http", status: 415 } },
    { name: "no type", head: { contentType: undefined }, want: { kind: "http", status: 415 } },
  ])("$name", ({ head, want }) => expect(admit({ ...good, ...head }, methods)).toMatchObject(want));
});
