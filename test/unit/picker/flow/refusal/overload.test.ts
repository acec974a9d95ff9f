import { describe, expect, it } from "@jest/globals";
import { seededRandom } from "#random";
import { SimulatedOverload, type OverloadScene, type Refused } from "./simulated-overload.ts";

const pools = {
  small: { slots: 16, serviceMs: 2000, service: "even" },
  middle: { slots: 64, serviceMs: 2000, service: "exponential" },
  large: { slots: 320, serviceMs: 5000, service: "even" },
  huge: { slots: 1000, serviceMs: 5000, service: "even" },
} as const;

type Case = {
  readonly above: number;
  readonly pool: keyof typeof pools;
  /** How long a full queue of priority -1 takes on average. */
  readonly queueSeconds: number;
};

/** As picker/flow/refusal/retry-after.ts defines it. */
const isTruthful = ({ advised, actualMs }: Refused): boolean => {
  const actual = actualMs / 1000;
  return actual < 1 ? advised <= 2 : advised >= actual / 2 && advised <= 2 * actual;
};

function shareTruthful({ above, pool, queueSeconds }: Case, rates: OverloadScene["rates"]): number {
  const { slots, serviceMs } = pools[pool];
  const maxQueue = Math.max(1, Math.round((1000 * queueSeconds * slots * (1 - above)) / serviceMs));
  const scene = { ...pools[pool], above, below: 1, maxQueue, rates, warmUpMs: 300_000, forMs: 200_000 };
  const refused = [1, 2, 3].flatMap((seed) => new SimulatedOverload(scene, seededRandom(seed)).run());
  expect(refused.length).toBeGreaterThan(1000);
  return refused.filter(isTruthful).length / refused.length;
}

describe("retry-after under overload: the pool's whole capacity arrives at priority -1, and more above it", () => {
  it.each<Case>([
    { above: 0.3, pool: "small", queueSeconds: 5 },
    { above: 0.3, pool: "middle", queueSeconds: 15 },
    { above: 0.3, pool: "large", queueSeconds: 40 },
    { above: 0.6, pool: "small", queueSeconds: 15 },
    { above: 0.6, pool: "middle", queueSeconds: 5 },
    { above: 0.6, pool: "large", queueSeconds: 40 },
    { above: 0.8, pool: "small", queueSeconds: 40 },
    { above: 0.8, pool: "middle", queueSeconds: 15 },
    { above: 0.8, pool: "middle", queueSeconds: 40 },
    { above: 0.8, pool: "large", queueSeconds: 5 },
    { above: 0.8, pool: "large", queueSeconds: 40 },
    { above: 0.95, pool: "huge", queueSeconds: 40 },
  ])("is truthful for 90 %: $above above, $pool pool, a queue of $queueSeconds s", (one) => {
    expect(shareTruthful(one, "measured")).toBeGreaterThanOrEqual(0.9);
  });

  it.each<Case>([
    { above: 0.8, pool: "small", queueSeconds: 5 },
    { above: 0.8, pool: "middle", queueSeconds: 5 },
    { above: 0.95, pool: "small", queueSeconds: 40 },
    { above: 0.95, pool: "middle", queueSeconds: 40 },
    { above: 0.95, pool: "large", queueSeconds: 15 },
  ])("is as truthful as chance allows where few are served: $above above, $pool pool, $queueSeconds s", (one) => {
    expect(shareTruthful(one, "measured")).toBeGreaterThanOrEqual(shareTruthful(one, "true") - 0.05);
  });
});
