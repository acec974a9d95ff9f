/** One side of the overload: the same load on a pool of its own, with flow control or without. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Milliseconds, Ratio, Seconds } from "#units";
import { ObjectiveTable } from "#objective";
import { parseObjectives } from "../../../load/objective-spec.ts";
import { defaultConfiguration } from "../../../picker/configuration/load.ts";
import type { ExplainedDecision } from "../../../picker/decision/decision-log.ts";
import type { FlowSettings } from "../../../picker/flow/settings.ts";
import { startSimulator, type RunningSimulator } from "../../../simulator/shell/server.ts";
import { capacityPerSecond } from "../../scenario/flow/capacity.ts";
import { batch, chat } from "../../scenario/flow/chat-and-batch.ts";
import { engine } from "../../scenario/flow/settings.ts";
import type { Source } from "../../scenario/flow/traffic.ts";
import { model } from "./calls.ts";
import { eventually } from "./poll.ts";
import { startAttain, type Program } from "./program.ts";
import { listed, poolName, startStack, type Stack } from "./stack.ts";
import type { Started } from "./started.ts";

const replicas = 2;
/** Offered load ÷ what the pool can serve of this mix. */
const load = 2;
const sampleEveryMs: Milliseconds = 500;
/** The rest of what is in flight is cut off, or without flow control the queue of a minute would be served first. */
const graceMs: Milliseconds = 2000;

export const runMs: Milliseconds = 60_000;

const perSecond = (load * replicas * capacityPerSecond(engine, [chat, batch])) / 2;
const specOf = ({ name, promptTokens, outputTokens }: Source, promised: string): string =>
  `name=${name},rate=${perSecond.toFixed(3)},prompt=${promptTokens.join("-")},output=${outputTokens.join("-")},${promised}`;

/**
 * Chat is promised many times what it takes with flow control, and a fraction of what it takes without: what a busy machine
 * adds decides nothing. Batch may wait for so long that some of it is refused in the first half of the minute already.
 */
const specs = [specOf(chat, "ttft=6s,target=0.99,priority=1"), specOf(batch, "ttft=10s,target=0.9,priority=-1")];
const table = new ObjectiveTable(
  parseObjectives(specs, { shape: "steady", wavePeriodMs: runMs }).map(({ name, priority, level }) => ({
    objective: { namespace: "default", name, poolName, priority },
    level,
  })),
);

const seconds = z.number().optional();
const objectiveFigures = z.object({
  name: z.string(),
  sent: z.number(),
  met: z.number(),
  missed: z.number(),
  attainment: z.number(),
  outcomes: z.record(z.string(), z.number()),
  statusCounts: z.record(z.string(), z.number()),
  ttftSeconds: z.object({ p50: seconds, p99: seconds, max: seconds }),
});
const loadFigures = z.object({
  objectives: z.array(objectiveFigures),
  records: z.array(z.object({ requestId: z.string(), status: z.number().optional() })),
  voidBecause: z.array(z.string()),
});
/** As the client saw them. */
export type ObjectiveFigures = z.infer<typeof objectiveFigures>;

export type Side = {
  readonly name: string;
  readonly chat: ObjectiveFigures;
  readonly batch: ObjectiveFigures;
  /** Running sequences ÷ those that the model servers can run, one sample after the other. */
  readonly utilisation: readonly Ratio[];
  /** What the picker says of each request that a client saw refused; undefined where it says nothing. */
  readonly refused: readonly (ExplainedDecision | undefined)[];
  readonly voidBecause: readonly string[];
};

/** Running now ÷ what all replicas can run. */
function utilisationOf(simulator: RunningSimulator): Ratio {
  let running = 0;
  for (let i = 0; i < replicas; i++) running += simulator.state(i).runningRequests;
  return running / (replicas * engine.maxNumSeqs);
}

/** In a process of its own, so that no work of this one disturbs the client's clock. */
function startLoad(started: Started, stack: Stack): Program {
  const flags = specs.flatMap((spec) => ["--objective", spec]);
  const options = ["--model", model, "--duration", `${runMs / 1000}s`, "--json", "--records", "--allow-void"];
  return started.keep(startAttain(["load", "--url", stack.baseUrl, ...options, ...flags]));
}

/** Samples from the first request on for as long as requests are sent. */
async function sampleUtilisation(stack: Stack, simulator: RunningSimulator): Promise<Ratio[]> {
  await eventually("the first request", () => (stack.picker.openStreams > 0 ? true : undefined));
  const samples: Ratio[] = [];
  const startedAtMs = performance.now();
  for (let atMs = sampleEveryMs; atMs <= runMs; atMs += sampleEveryMs) {
    await sleep(Math.max(0, startedAtMs + atMs - performance.now()));
    samples.push(utilisationOf(simulator));
  }
  return samples;
}

/** Starts a pool, a picker with these settings and an Envoy. @returns what plays the load on it */
export async function startSide(started: Started, name: string, flow: FlowSettings): Promise<() => Promise<Side>> {
  const simulator = await startSimulator({ basePort: 0, replicas, model, preset: "laptop" });
  started.keep({ stop: () => simulator.close() });
  const stack = started.keep(
    await startStack("envoy", {
      endpoints: listed(simulator.endpoints.map(({ port }) => port)),
      objectives: { kind: "table", table },
      configuration: { ...defaultConfiguration(), flow },
    }),
  );
  return async () => {
    const program = startLoad(started, stack);
    const utilisation = await sampleUtilisation(stack, simulator);
    await sleep(graceMs);
    program.signal("SIGINT");
    const { code, stdout, stderr } = await program.ended;
    if (code !== 0) throw new Error(`the load ended with ${code}: ${stderr}`);
    const { objectives, records, voidBecause } = loadFigures.parse(JSON.parse(stdout));
    const of = (source: Source): ObjectiveFigures => objectives.find((one) => one.name === source.name)!;
    await stack.idle();
    const { decisions } = stack.picker;
    const refused = records
      .filter(({ status }) => status !== undefined && status !== 200)
      .map(({ requestId: id }) => decisions.find({ id }, 1).map((kept) => decisions.explain(kept))[0]);
    return { name, chat: of(chat), batch: of(batch), utilisation, refused, voidBecause };
  };
}

/** Seconds as text, for a report. */
export const inSeconds = (value: Seconds | undefined): string => (value === undefined ? "–" : `${value.toFixed(2)} s`);
