/** A client that makes up a new model, objective, tenant and request id for each request. */
import { expect, it } from "@jest/globals";
import { allSpecs, MetricRegistry, renderText } from "#metrics";
import { seededRandom } from "#random";
import { defaultQueue } from "../../picker/flow/queue/settings.ts";
import { collectFlow } from "../../picker/flow/report/collect-flow.ts";
import { FlowMetrics } from "../../picker/flow/report/flow-metrics.ts";
import { pool, PickerCore } from "../support/extproc-core.ts";
import type { ScriptedProxy } from "../support/extproc-proxy.ts";
import { exampleTable } from "../support/attainment.ts";
import { ledgerDetectorOf } from "../support/flow-settings.ts";
import { requestBody, requestHeaders, responseBody, responseHeaders } from "../support/extproc-messages.ts";

const requests = 100_000;
const endpoints = 3;

/** Values that a label can take, as docs/metrics.md says. */
const boundOf = (label: string): number =>
  ({
    objective: exampleTable.entries.length,
    model: 2,
    endpoint: endpoints,
    priority: defaultQueue.maxDynamicBands + defaultQueue.bands.size,
    code: 20,
    reason: 20,
    result: 10,
  })[label] ?? 1;

const boundOfSpec = ({ labels, values }: (typeof allSpecs)[number]): number =>
  labels.reduce((product, label) => product * (values[label]?.length ?? boundOf(label)), 1);

/** More streams than have room, so that names of all kinds wait. */
const openAtOnce = endpoints + 5;

it("leaves no series behind, whatever it calls things", () => {
  const flowRegistry = new MetricRegistry();
  const flowEvents = new FlowMetrics({ registry: flowRegistry, pool });
  const core = new PickerCore({ keptDecisions: 100, flow: { detector: ledgerDetectorOf(1) }, flowEvents });
  const random = seededRandom(20);
  const madeUp = (): string => `${Math.floor(random() * 2 ** 52).toString(36)}"\\\n{}é${random()}`;
  const wire = (): string => encodeURIComponent(madeUp());
  const open: ScriptedProxy[] = [];
  const finish = (proxy: ScriptedProxy): void => {
    if (proxy.destination !== undefined) proxy.say(responseHeaders()).say(responseBody("data: [DONE]\n\n", true));
    proxy.close();
  };
  const play = (i: number): void => {
    const proxy = core.open().say(
      requestHeaders({
        headers: [
          ["x-llm-d-inference-objective", ["chat", "batch"][i % 10] ?? wire()],
          ["x-llm-d-inference-fairness-id", wire()],
          ["x-request-id", wire()],
        ],
      }),
    );
    proxy.say(requestBody(JSON.stringify({ model: madeUp(), messages: [{ role: "user", content: "hi" }] }), true));
    open.push(proxy);
    if (open.length > openAtOnce) finish(open.shift()!);
  };
  const families = () => [...core.registry.families(), ...flowRegistry.families()];
  const seriesNow = (): number => {
    collectFlow(flowRegistry, pool, core.flow.status());
    return families().reduce((sum, { series }) => sum + series.length, 0);
  };
  for (let i = 0; i < 1000; i++) play(i);
  const early = seriesNow();
  for (let i = 1000; i < requests; i++) play(i);
  expect(core.flow.status().queue.requests).toBeGreaterThan(0);
  expect(seriesNow()).toBe(early);
  for (const proxy of open) finish(proxy);
  expect(core.verdictCount()).toBe(requests);
  const bounds = new Map(allSpecs.map((spec) => [spec.name, boundOfSpec(spec)]));
  const over = families()
    .filter(({ spec, series }) => series.length > bounds.get(spec.name)!)
    .map(({ spec, series }) => `${spec.name}: ${series.length} series, at most ${bounds.get(spec.name)}`);
  expect(over).toEqual([]);
  expect(renderText(core.registry).length + renderText(flowRegistry).length).toBeLessThan(200_000);
}, 120_000);
