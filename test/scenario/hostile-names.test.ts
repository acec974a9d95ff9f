/** A client that makes up a new model, objective, tenant and request id for each request. */
import { expect, it } from "@jest/globals";
import { allSpecs, renderText } from "#metrics";
import { seededRandom } from "#random";
import { PickerCore } from "../support/extproc-core.ts";
import { exampleTable } from "../support/attainment.ts";
import { requestBody, requestHeaders, responseBody, responseHeaders } from "../support/extproc-messages.ts";

const requests = 100_000;
const endpoints = 3;

/** Values that a label can take, as docs/metrics.md says. */
const boundOf = (label: string): number =>
  ({ objective: exampleTable.entries.length, model: 2, endpoint: endpoints, code: 20, reason: 20, result: 10 })[
    label
  ] ?? 1;

const boundOfSpec = ({ labels, values }: (typeof allSpecs)[number]): number =>
  labels.reduce((product, label) => product * (values[label]?.length ?? boundOf(label)), 1);

it("leaves no series behind, whatever it calls things", () => {
  const core = new PickerCore({ keptDecisions: 100 });
  const random = seededRandom(20);
  const madeUp = (): string => `${Math.floor(random() * 2 ** 52).toString(36)}"\\\n{}é${random()}`;
  const wire = (): string => encodeURIComponent(madeUp());
  const play = (i: number): void => {
    const proxy = core.open().say(
      requestHeaders({
        headers: [
          ["x-llm-d-inference-objective", i % 10 === 0 ? "chat" : wire()],
          ["x-llm-d-inference-fairness-id", wire()],
          ["x-request-id", wire()],
        ],
      }),
    );
    proxy.say(requestBody(JSON.stringify({ model: madeUp(), messages: [{ role: "user", content: "hi" }] }), true));
    proxy.say(responseHeaders()).say(responseBody("data: [DONE]\n\n", true)).close();
  };
  const seriesNow = (): number => core.registry.families().reduce((sum, { series }) => sum + series.length, 0);
  for (let i = 0; i < 1000; i++) play(i);
  const early = seriesNow();
  for (let i = 1000; i < requests; i++) play(i);
  expect(core.verdictCount()).toBe(requests);
  expect(seriesNow()).toBe(early);
  const bounds = new Map(allSpecs.map((spec) => [spec.name, boundOfSpec(spec)]));
  const over = core.registry
    .families()
    .filter(({ spec, series }) => series.length > bounds.get(spec.name)!)
    .map(({ spec, series }) => `${spec.name}: ${series.length} series, at most ${bounds.get(spec.name)}`);
  expect(over).toEqual([]);
  expect(renderText(core.registry).length).toBeLessThan(200_000);
}, 120_000);
