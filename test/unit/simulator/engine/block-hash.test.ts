import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { blockHashes } from "../../../../simulator/engine/block-hash.ts";

const token = fc.nat(0xffffffff);

describe("blockHashes", () => {
  it("hashes full blocks only", () => {
    expect(blockHashes(new Uint32Array(35), 16, 0)).toHaveLength(2);
  });

  it("agrees on a common prefix and on nothing after the first difference", () => {
    fc.assert(
      fc.property(fc.array(token, { minLength: 64, maxLength: 64 }), fc.nat(63), (tokens, at) => {
        const changed = tokens.map((value, i) => (i === at ? value ^ 1 : value));
        const [a, b] = [tokens, changed].map((list) => blockHashes(Uint32Array.from(list), 16, 7));
        for (let block = 0; block < 4; block++) {
          expect(a![block] === b![block]).toBe(block < Math.floor(at / 16));
          expect(Number.isSafeInteger(a![block])).toBe(true);
        }
      }),
    );
  });

  it("keeps salts apart", () => {
    const tokens = Uint32Array.from({ length: 16 }, (_, i) => i);
    expect(blockHashes(tokens, 16, 1)[0]).not.toBe(blockHashes(tokens, 16, 2)[0]);
  });
});
