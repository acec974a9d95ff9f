import type { Random } from "#random";

/** The machine's generator, differently seeded in every process. Not for secrets. */
export const systemRandom: Random = () => Math.random();
