import type { Random } from "./seeded.ts";

/** A waiting time of a Poisson process with one event per unit of time on average. */
export const exponential = (random: Random): number => -Math.log(1 - random());

/** A standard normal value (Box-Muller, one of the pair). */
export const normal = (random: Random): number => Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random());
