import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { BlockHasher, type HashedPrompt } from "../../../../picker/prefix/block-hasher.ts";
import { seededRandom } from "#random";

const blockTokens = 16;
const blockBytes = blockTokens * 4;

const promptOf = (body: Buffer, sketch: Partial<HashedPrompt> = {}): HashedPrompt => ({
  body,
  promptRanges: new Uint32Array(body.length === 0 ? [] : [0, body.length]),
  model: "m",
  cacheSalt: undefined,
  ...sketch,
});

const fingerprints = (prompt: HashedPrompt, maxBlocks = Infinity, seed = 1, size = blockTokens): readonly string[] => {
  const hasher = new BlockHasher(seededRandom(seed));
  hasher.hash(prompt, size, maxBlocks);
  return Array.from({ length: hasher.count }, (_, i) => `${hasher.hi[i]}:${hasher.lo[i]}`);
};

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

const common = (a: readonly string[], b: readonly string[]): number => {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
};

describe("BlockHasher", () => {
  it("has one fingerprint a block, with the last, shorter one", () => {
    fc.assert(
      fc.property(bytes(400), (body) => {
        expect(fingerprints(promptOf(body)).length).toBe(Math.ceil(body.length / blockBytes));
      }),
    );
  });

  it("agrees exactly as far as whole blocks from the start agree", () => {
    fc.assert(
      fc.property(bytes(300), fc.nat(299), fc.integer({ min: 1, max: 255 }), (body, at, change) => {
        fc.pre(at < body.length);
        const changed = Buffer.from(body);
        changed[at]! ^= change;
        expect(common(fingerprints(promptOf(body)), fingerprints(promptOf(changed)))).toBe(Math.floor(at / blockBytes));
      }),
    );
  });

  it("keeps the fingerprints of whole blocks when the prompt goes on", () => {
    fc.assert(
      fc.property(bytes(300), bytes(300), (start, more) => {
        const whole = Math.floor(start.length / blockBytes);
        const longer = fingerprints(promptOf(Buffer.concat([start, more])));
        expect(longer.slice(0, whole)).toEqual(fingerprints(promptOf(start)).slice(0, whole));
      }),
    );
  });

  it("does not see where the ranges are cut, nor what lies between them", () => {
    fc.assert(
      fc.property(fc.array(bytes(150), { minLength: 1, maxLength: 6 }), bytes(9), (pieces, gap) => {
        const ranges: number[] = [];
        const parts: Buffer[] = [];
        let at = 0;
        for (const piece of pieces) {
          parts.push(gap, piece);
          ranges.push(at + gap.length, at + gap.length + piece.length);
          at += gap.length + piece.length;
        }
        const scattered = promptOf(Buffer.concat(parts), { promptRanges: Uint32Array.from(ranges) });
        expect(fingerprints(scattered)).toEqual(fingerprints(promptOf(Buffer.concat(pieces))));
      }),
    );
  });

  it("reads the same from a body at any offset of its memory", () => {
    const memory = Buffer.from(`123${"abc".repeat(60)}`);
    expect(fingerprints(promptOf(memory.subarray(3)))).toEqual(fingerprints(promptOf(Buffer.from("abc".repeat(60)))));
  });

  const body = Buffer.from("x".repeat(100));
  it.each([
    { name: "model", one: { model: "a" }, other: { model: "b" } },
    { name: "a model and none", one: { model: "" }, other: { model: undefined } },
    { name: "salt", one: { cacheSalt: "a" }, other: { cacheSalt: "b" } },
    { name: "a salt and none", one: { cacheSalt: "" }, other: { cacheSalt: undefined } },
    { name: "where the model ends", one: { model: "ab", cacheSalt: "c" }, other: { model: "a", cacheSalt: "bc" } },
    { name: "characters beyond one byte", one: { model: "Ā" }, other: { model: "\0" } },
  ])("tells apart by $name", ({ one, other }) => {
    expect(common(fingerprints(promptOf(body, one)), fingerprints(promptOf(body, other)))).toBe(0);
  });

  it("tells a short block from one filled with zeros", () => {
    for (let length = 1; length < 16; length++) {
      const short = fingerprints(promptOf(Buffer.from("a".repeat(length))));
      const padded = fingerprints(promptOf(Buffer.concat([Buffer.from("a".repeat(length)), Buffer.alloc(1)])));
      expect(common(short, padded)).toBe(0);
    }
  });

  it("stops at the cap", () => {
    const all = fingerprints(promptOf(body));
    expect(fingerprints(promptOf(body), 1)).toEqual(all.slice(0, 1));
  });

  it("differs by seed, so that a client cannot choose fingerprints", () =>
    expect(common(fingerprints(promptOf(body), Infinity, 1), fingerprints(promptOf(body), Infinity, 2))).toBe(0));

  it("spreads like chance over 64 bits, and over each part that is used alone", () => {
    const count = 1 << 16;
    const hasher = new BlockHasher(seededRandom(1));
    const block = Buffer.alloc(blockBytes);
    const prompt = promptOf(block);
    const seen = new Set<string>();
    const low = new Set<number>();
    const tables = new Int32Array(64);
    for (let i = 0; i < count; i++) {
      block.writeUInt32LE(i, (i & 7) * 8);
      hasher.hash(prompt, blockTokens, 1);
      seen.add(`${hasher.hi[0]}:${hasher.lo[0]}`);
      low.add(hasher.lo[0]!);
      tables[hasher.hi[0]! & 63]!++;
    }
    expect(seen.size).toBe(count);
    expect(count - low.size).toBeLessThan(8);
    for (const size of tables) expect(Math.abs(size - count / 64)).toBeLessThan(6 * Math.sqrt(count / 64));
  });
});
