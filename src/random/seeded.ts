import type { Ratio } from "#units";

/** Uniform numbers in [0, 1). */
export type Random = () => Ratio;

/** Mixes a 32-bit state into a well spread 32-bit word. Source: splitmix32, after Steele, Lea and Flood 2014. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/**
 * A repeatable generator: the same seed gives the same numbers on every machine and version. Not for secrets.
 * @param seed any number; its low 32 bits count
 * Source: sfc32 (Doty-Humphrey, PractRand): 128 bits of state with a counter, so its period is at least 2^32.
 */
export function seededRandom(seed: number): Random {
  const next = splitmix32(seed);
  let a = next();
  let b = next();
  let c = next();
  let counter = 1;
  const step = (): number => {
    const word = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + word) | 0;
    return (word >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) step();
  return step;
}

/** FNV-1a over UTF-16 units: turns a seed and a name into one 32-bit seed. */
export function seedOf(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
