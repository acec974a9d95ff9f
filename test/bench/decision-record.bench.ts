import { judge } from "#objective";
import { seededRandom } from "#random";
import { observationOf, type RequestRecord } from "../../picker/attainment/outcome.ts";
import { createScheduler } from "../../picker/configuration/create-scheduler.ts";
import { defaultConfiguration } from "../../picker/configuration/load.ts";
import { DecisionLog } from "../../picker/decision/decision-log.ts";
import type { Scheduler } from "../../picker/scheduling/scheduler.ts";
import { arrivalOf, chatLevel, routeTo, streamedEnd } from "../support/attainment.ts";
import { inFlightOf, requestOf, snapshotOf } from "../support/scheduling-cycle.ts";
import type { Bench, BenchCase } from "./compare.ts";

const kept = 5000;
const arrival = arrivalOf("chat", 0);
const route = routeTo("pod-1", "llama", 1);
const observation = observationOf({ arrival, route }, streamedEnd);
const judgement = judge(observation, chatLevel, { priority: 0 });

const poolOf = (size: number) => {
  const random = seededRandom(size);
  return snapshotOf(
    Array.from({ length: size }, () => ({
      metrics: { waitingRequests: Math.floor(random() * 20), runningRequests: 3, kvCacheUsageRatio: random() },
    })),
  );
};

type Cycle = { readonly scheduler: Scheduler; readonly input: Parameters<Scheduler["schedule"]>[0] };

function cycleOf(size: number): Cycle {
  const scheduler = createScheduler(defaultConfiguration(), { random: seededRandom(1) });
  const request = requestOf("a prompt ".repeat(100));
  const snapshot = poolOf(size);
  const input = { request, snapshot, inFlight: inFlightOf(), nowMs: 1, subset: undefined, withScores: true };
  return { scheduler, input };
}

/** One JSON text a request, in a ring: everything is said at once, whether anybody asks or not. */
function asText({ scheduler, input }: Cycle): () => number {
  const ring: string[] = [];
  let next = 0;
  return () => {
    const result = scheduler.schedule(input);
    const candidates =
      result.kind === "picked"
        ? result
            .scores!.toSorted((a, b) => b.score - a.score)
            .slice(0, 8)
            .map(({ endpoint: { id, metrics }, score }) => ({ id, score, waiting: metrics?.waitingRequests }))
        : [];
    const { id, objective } = arrival;
    const spans = { receive: 0.001, parse: 0.0001, queue: 0, schedule: 0.0002, firstByte: 0.119, decode: 0.79 };
    ring[next] = JSON.stringify({
      id,
      objective: objective.name,
      judgement,
      observation,
      endpoint: route.endpoint.id,
      waits: spans,
      candidates,
    });
    next = (next + 1) % kept;
    return ring.length;
  };
}

/** The ring is full before the first measured request, as it is in a picker that has run for a while. */
function asRecord({ scheduler, input }: Cycle): () => number {
  const log = new DecisionLog(kept);
  const one = (): number => {
    const considered = log.takeScores();
    scheduler.schedule({ ...input, withScores: false, considered });
    const record: RequestRecord = { arrival, route, decidingAtMs: 0, considered };
    log.add(record, streamedEnd, observation, judgement);
    return considered?.rows ?? 0;
  };
  for (let i = 0; i <= kept; i++) one();
  return one;
}

const withoutRecord =
  ({ scheduler, input }: Cycle): (() => string) =>
  () =>
    scheduler.schedule({ ...input, withScores: false }).kind;

const caseOf = (size: number): BenchCase[] => [
  {
    name: `decide and record, ${size} endpoints`,
    baseline: asText(cycleOf(size)),
    candidate: asRecord(cycleOf(size)),
    baselineName: "JSON.stringify of an object a request",
  },
  {
    name: `cost of the record, ${size} endpoints`,
    baseline: withoutRecord(cycleOf(size)),
    candidate: asRecord(cycleOf(size)),
    baselineName: "the same decision without a record",
    note: "the ratio is what recording costs",
  },
];

export const bench: Bench = {
  name: "decision record (8 candidates by 3 scorers, ring of 5000)",
  cases: () => [...caseOf(10), ...caseOf(100)],
};
