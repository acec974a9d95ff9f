import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  byteQuantity,
  headerText,
  parseQuantity,
  requestQuantity,
  ttlText,
} from "../../../../picker/configuration/flow-text.ts";

describe("quantities", () => {
  it.each([
    ["0", 0n],
    ["5000", 5000n],
    ["+5", 5n],
    ["-5", -5n],
    ["1k", 1000n],
    ["1G", 1_000_000_000n],
    ["1E", 10n ** 18n],
    ["1E3", 1000n],
    ["1e3", 1000n],
    ["12e-1", 2n],
    ["1.1k", 1100n],
    ["1Ki", 1024n],
    ["512Mi", 536_870_912n],
    ["1.5Gi", 1_610_612_736n],
    [".5Ki", 512n],
    ["5.", 5n],
    ["1500m", 2n],
    ["1n", 1n],
    ["-1500m", -1n],
  ])("%s", (text, value) => expect(parseQuantity(text)).toBe(value));

  it.each(["", ".", "k", "10GiB", "1K", "1 G", "1e", "1e1k", "0x10", "Infinity", "1mi", "--1"])("%j is none", (text) =>
    expect(parseQuantity(text)).toBeUndefined(),
  );

  it("are read back from what Kubernetes would print", () =>
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom("", "k", "M", "Ki", "Mi"), (count, suffix) => {
        const times = { "": 1n, k: 1000n, M: 1_000_000n, Ki: 1024n, Mi: 1_048_576n }[suffix];
        expect(parseQuantity(`${count}${suffix}`)).toBe(BigInt(count) * times);
      }),
    ));

  it.each([
    [5, 5],
    [1.5, 2],
    ["2Gi", 2_147_483_648],
    [0, 0],
  ])("may be numbers or text: %j", (written, value) => {
    expect(byteQuantity.parse(written)).toBe(value);
    expect(requestQuantity.parse(written)).toBe(value);
  });

  it.each([-1, "-1k", "9007199254740992", "1E", true, [], "ten"])("refuse %j", (written) =>
    expect(byteQuantity.safeParse(written).success).toBe(false),
  );
});

describe("durations that may be none", () => {
  it.each([
    ["0s", 0],
    ["0", 0],
    ["1m30s", 90_000],
  ])("%s", (text, ms) => expect(ttlText.parse(text)).toBe(ms));

  it.each(["-1s", "60", 60, "", "soon"])("refuse %j", (text) => expect(ttlText.safeParse(text).success).toBe(false));
});

describe("header names", () => {
  it("are lower case", () => expect(headerText.parse("X-Request-TTL")).toBe("x-request-ttl"));
  it.each(["", "a b", "a:b", ":path", "ä"])("refuse %j", (text) =>
    expect(headerText.safeParse(text).success).toBe(false),
  );
});
