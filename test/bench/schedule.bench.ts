import type { Endpoint, PoolSnapshot } from "#pool";
import type { Bench, BenchCase } from "./compare.ts";
import { createScheduler } from "../../picker/configuration/create-scheduler.ts";
import { defaultConfiguration } from "../../picker/configuration/load.ts";
import type { SchedulingRequest } from "../../picker/scheduling/plugin.ts";
import type { ScheduleInput } from "../../picker/scheduling/scheduler.ts";
import { seededRandom } from "#random";
import { inFlightOf, requestOf, snapshotOf } from "../support/scheduling-cycle.ts";

const poolOf = (size: number, random: () => number): PoolSnapshot =>
  snapshotOf(
    Array.from({ length: size }, () => ({
      metrics: {
        waitingRequests: Math.floor(random() * 20),
        runningRequests: Math.floor(random() * 40),
        kvCacheUsageRatio: random(),
      },
    })),
  );

type NaiveScorer = (endpoints: readonly Endpoint[]) => Map<Endpoint, number>;

const naiveQueue: NaiveScorer = (endpoints) => {
  const waiting = endpoints.map(({ metrics }) => metrics!.waitingRequests!);
  const min = Math.min(...waiting);
  const max = Math.max(...waiting);
  return new Map(
    endpoints.map((endpoint, i) => [endpoint, max === min ? 1 : (max - waiting[i]!) / (max - min)] as const),
  );
};
const naiveKvCache: NaiveScorer = (endpoints) =>
  new Map(endpoints.map((endpoint) => [endpoint, 1 - endpoint.metrics!.kvCacheUsageRatio!] as const));
const naivePrefix =
  (matched: ReadonlyMap<string, number>): NaiveScorer =>
  (endpoints) =>
    new Map(endpoints.map((endpoint) => [endpoint, (matched.get(endpoint.id) ?? 0) / 64] as const));

/** A map from endpoint to score for each scorer, summed into one more, sorted: the way it is usually written. */
function naiveCycle(endpoints: readonly Endpoint[], scorers: readonly (readonly [NaiveScorer, number])[]): Endpoint {
  const totals = new Map<Endpoint, number>(endpoints.map((endpoint) => [endpoint, 0]));
  for (const [scorer, weight] of scorers) {
    for (const [endpoint, score] of scorer(endpoints)) totals.set(endpoint, totals.get(endpoint)! + weight * score);
  }
  return [...totals].toSorted((a, b) => b[1] - a[1])[0]![0];
}

function caseOf(size: number, request: SchedulingRequest, name: string): BenchCase {
  const random = seededRandom(size);
  const snapshot = poolOf(size, random);
  const scheduler = createScheduler(defaultConfiguration(), { random });
  const input: ScheduleInput = {
    request,
    snapshot,
    inFlight: inFlightOf(),
    nowMs: 0,
    subset: undefined,
    withScores: false,
  };
  scheduler.schedule(input);
  for (let i = 0; i < size; i += 2) scheduler.learn(request, snapshot.endpoints[i]!);
  const matched = new Map(snapshot.endpoints.map(({ id }, i) => [id, i % 2 === 0 ? 64 : 0]));
  const scorers = [
    [naiveQueue, 2],
    [naiveKvCache, 2],
    [naivePrefix(matched), 3],
  ] as const;
  return {
    name: `${name}, endpoints=${size}`,
    candidate: () => scheduler.schedule(input),
    baseline: () => naiveCycle(snapshot.endpoints, scorers),
    baselineName: "a Map per scorer, without hashing and matching",
  };
}

export const bench: Bench = {
  name: "one scheduling cycle, default profile",
  cases: () => [
    ...[10, 100, 1000].map((size) => caseOf(size, requestOf(""), "no prompt")),
    ...[10, 100, 1000].map((size) => caseOf(size, requestOf("p".repeat(4096)), "4 KB prompt hashed and matched")),
  ],
};
