import type { Tokens } from "#units";

/** A hash that fits a double exactly (52 bits). */
export type BlockHash = number;

const spread = (value: number): number => {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** A 32-bit hash of a text, for salts and seeds. */
export function textHash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return spread(h) >>> 0;
}

/**
 * The hash of each full block of a token sequence. Each covers all tokens before it, so equal hashes mean equal
 * prefixes. `salt` keeps apart what must not share a cache: adapters, tenants.
 */
export function blockHashes(tokens: Uint32Array, blockSize: Tokens, salt: number): Float64Array {
  const hashes = new Float64Array(Math.floor(tokens.length / blockSize));
  let low = spread(salt ^ 0x9e3779b9);
  let high = spread(salt + 0x7f4a7c15);
  for (let block = 0, at = 0; block < hashes.length; block++) {
    for (const end = at + blockSize; at < end; at++) {
      low = spread(Math.imul(low, 31) + tokens[at]!);
      high = spread(Math.imul(high, 37) ^ tokens[at]!);
    }
    hashes[block] = (low >>> 0) * 0x100000 + ((high >>> 0) & 0xfffff);
  }
  return hashes;
}
