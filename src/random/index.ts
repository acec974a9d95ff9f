/** Repeatable randomness: a seeded generator and the distributions drawn from it. The machine's own is in the shell. */
export type { Random } from "./seeded.ts";
export { seededRandom, seedOf } from "./seeded.ts";
export { exponential, normal } from "./distributions.ts";
