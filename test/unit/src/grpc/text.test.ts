import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decodeGrpcMessage, encodeGrpcMessage, grpcStatus, grpcStatusName, parseGrpcStatus, parseTimeout } from "#grpc";

describe("parseTimeout", () => {
  it.each([
    { text: "100m", ms: 100 },
    { text: "5S", ms: 5000 },
    { text: "2M", ms: 120_000 },
    { text: "1H", ms: 3_600_000 },
    { text: "1500u", ms: 1.5 },
    { text: "1000000n", ms: 1 },
    { text: "0m", ms: 0 },
    { text: "99999999H", ms: 99_999_999 * 3_600_000 },
    { text: "123456789m", ms: undefined },
    { text: "5", ms: undefined },
    { text: "S", ms: undefined },
    { text: "-5S", ms: undefined },
    { text: "1.5S", ms: undefined },
    { text: "5s", ms: undefined },
    { text: " 5S", ms: undefined },
    { text: "5S5", ms: undefined },
    { text: "", ms: undefined },
  ])("$text is $ms ms", ({ text, ms }) => expect(parseTimeout(text)).toBe(ms));
});

describe("grpc-message", () => {
  it.each([
    { text: "plain text ~", encoded: "plain text ~" },
    { text: "100%", encoded: "100%25" },
    { text: "a\nb", encoded: "a%0Ab" },
    { text: "ü", encoded: "%C3%BC" },
    { text: "😀", encoded: "%F0%9F%98%80" },
    { text: "", encoded: "" },
  ])("$text is $encoded", ({ text, encoded }) => {
    expect(encodeGrpcMessage(text)).toBe(encoded);
    expect(decodeGrpcMessage(encoded)).toBe(text);
  });

  it("comes back from any well-formed text, in printable ASCII", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const encoded = encodeGrpcMessage(text);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeGrpcMessage(encoded)).toBe(text);
      }),
    );
  });

  it.each([
    { encoded: "50%", text: "50%" },
    { encoded: "50%2", text: "50%2" },
    { encoded: "%zz%41", text: "%zzA" },
    { encoded: "%ff", text: "\ufffd" },
    { encoded: "ü%41", text: "üA" },
  ])("decoding $encoded never fails", ({ encoded, text }) => expect(decodeGrpcMessage(encoded)).toBe(text));
});

describe("status", () => {
  it("has seventeen codes that know their names", () => {
    expect(Object.values(grpcStatus)).toEqual(Array.from({ length: 17 }, (_, i) => i));
    for (const [name, code] of Object.entries(grpcStatus)) expect(grpcStatusName(code)).toBe(name);
    expect(grpcStatusName(99)).toBe("UNKNOWN");
  });

  it.each([
    { text: "0", status: 0 },
    { text: "14", status: 14 },
    { text: undefined, status: undefined },
    { text: "", status: undefined },
    { text: "x", status: undefined },
    { text: "-1", status: undefined },
  ])("$text is read as $status", ({ text, status }) => expect(parseGrpcStatus(text)).toBe(status));
});
