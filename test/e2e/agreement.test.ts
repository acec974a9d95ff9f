/** The client's own clock and reader against the picker's: one verdict, or one of the two is wrong. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { ObjectiveTable, type LatencyThresholds } from "#objective";
import { loadConfiguration } from "../../picker/configuration/load.ts";
import { parseObjectives } from "../../load/objective-spec.ts";
import { startSimulator } from "../../simulator/shell/server.ts";
import { disagreements, lagsMs, loadReport, marginMs, pairUp, type Agreement } from "./support/agreement.ts";
import { model } from "./support/calls.ts";
import { startAttain } from "./support/program.ts";
import { gatewayKinds, listed, poolName, startStack, type GatewayKind, type Stack } from "./support/stack.ts";
import { stopAfterTests, type Started } from "./support/started.ts";

/** Promised nothing and not compared: connections and code get warm, in this process and in the client's. */
const warmUp = "warm-up";

/**
 * Every API that streams, every dimension alone and all of them together. One replica of the two is far slower, so the
 * latencies come in two heaps with the thresholds between them: what a busy machine adds to one clock moves none across.
 */
const specs = [
  `name=${warmUp},rate=12@0s/0@2s,prompt=50,output=5`,
  "name=first-token,rate=0@0s/1.5@2s,prompt=10-60,output=2-4,ttft=400ms",
  "name=pace,rate=0@0s/0.8@2s,prompt=10-60,output=3-5,tpot=300ms,api=completions",
  "name=whole,rate=0@0s/0.8@2s,prompt=10-60,output=2-4,e2e=800ms,stream=0",
  "name=all,rate=0@0s/0.8@2s,prompt=10-60,output=3-5,ttft=400ms,tpot=300ms,e2e=1s,api=messages",
  "name=response,rate=0@0s/0.8@2s,prompt=10-60,output=2-4,ttft=400ms,api=responses",
];
const duration = "20s";
const slowFactor = 40;

const startSimulators = async () => {
  const simulator = await startSimulator({ basePort: 0, replicas: 2, model });
  simulator.setFaults(1, { latencyFactor: slowFactor });
  return simulator;
};

/** Both replicas get their share, whatever their metrics and their latencies say. */
const atRandom = loadConfiguration(
  `apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
featureGates: [flowControl=false]
plugins: [{type: random-picker}]
schedulingProfiles: [{name: default, plugins: [{pluginRef: random-picker}]}]
`,
  { file: "random", allowExperimental: false, refreshIntervalMs: 50 },
);

const objectives = parseObjectives(specs, { shape: "steady", wavePeriodMs: 60_000 });
const thresholdsOf = (name: string): LatencyThresholds =>
  objectives.find((one) => one.name === name)?.level?.thresholds ?? {};
const table = new ObjectiveTable(
  objectives.map(({ name, priority, level }) => ({
    objective: { namespace: "default", name, poolName, priority },
    level,
  })),
);

/** Plays the load from a process of its own, so that no work of this one disturbs the client's clock. */
async function playLoad(started: Started, stack: Stack): Promise<Agreement> {
  const flags = specs.flatMap((spec) => ["--objective", spec]);
  const options = ["--model", model, "--duration", duration, "--json", "--records", "--allow-void"];
  const load = await started.keep(startAttain(["load", "--url", stack.baseUrl, ...options, ...flags])).ended;
  if (load.code !== 0) throw new Error(`the load ended with ${load.code}: ${load.stderr}`);
  const { records } = loadReport.parse(JSON.parse(load.stdout));
  await stack.idle();
  const compared = records.filter(({ objective }) => objective !== warmUp);
  return pairUp(
    compared,
    stack.picker.decisions.list(() => true, 5000),
    thresholdsOf,
  );
}

/** Both clocks count in fractions of a millisecond; an instant may be read a moment before what it is the instant of. */
const clockStepMs = 1;
/** Less than the fastest step of the engine: a first token taken for another would show. */
const tokenMs = 15;
const share = (count: number, of: number): string => `${count} of ${of} (${((100 * count) / of).toFixed(1)} %)`;

function tell(kind: GatewayKind, agreement: Agreement): void {
  const compared = agreement.pairs.filter(({ excused }) => !excused);
  const lags = [...lagsMs(agreement).values()].flat().toSorted((a, b) => a - b);
  process.stderr.write(
    `${kind}: compared ${share(compared.length, agreement.pairs.length)}, the rest within ${marginMs} ms of a threshold; ` +
      `the client saw things ${lags[lags.length >> 1]?.toFixed(1)} ms later in the median, ${lags.at(-1)?.toFixed(1)} ms at most\n`,
  );
}

const started = stopAfterTests();
const agreements = new Map<GatewayKind, Agreement>();

/** Both at the same time: they hardly use the machine, and take half a minute. */
beforeAll(async () => {
  const stacks: Stack[] = [];
  for (const kind of gatewayKinds) {
    const simulator = await startSimulators();
    started.keep({ stop: () => simulator.close() });
    const endpoints = listed(simulator.endpoints.map(({ port }) => port));
    const options = { endpoints, objectives: { kind: "table", table }, configuration: atRandom } as const;
    stacks.push(started.keep(await startStack(kind, options)));
  }
  await Promise.all(stacks.map(async (stack) => agreements.set(stack.kind, await playLoad(started, stack))));
  for (const [kind, agreement] of agreements) tell(kind, agreement);
});

describe.each(gatewayKinds)("verdicts of client and picker through the %s gateway", (kind) => {
  const found = (): Agreement => agreements.get(kind)!;

  it("every request has exactly one verdict of the picker", () => {
    expect(found().unmatched).toEqual([]);
    expect(found().pairs.length).toBeGreaterThan(60);
  });

  it(`they are equal for every request further than ${marginMs} ms from its thresholds`, () => {
    expect(disagreements(found())).toEqual([]);
  });

  // A busy machine delays some, a clock that starts or stops at another event is off for all of an API.
  it("the client saw the same first token and the same end, never earlier and at best at once", () => {
    for (const [what, [least]] of lagsMs(found())) {
      expect([what, least! > -clockStepMs, least! < tokenMs]).toEqual([what, true, true]);
    }
  });

  it("the comparison means something: most are compared, and both verdicts occur in each objective", () => {
    const { pairs } = found();
    const compared = pairs.filter(({ excused }) => !excused);
    expect(compared.length / pairs.length).toBeGreaterThanOrEqual(0.8);
    const byObjective = Map.groupBy(compared, ({ objective }) => objective);
    for (const { name } of objectives) {
      if (name === warmUp) continue;
      const verdicts = new Set(byObjective.get(name)?.map(({ picker }) => picker.verdict));
      expect([name, verdicts]).toEqual([name, new Set(["met", "missed"])]);
    }
  });
});
