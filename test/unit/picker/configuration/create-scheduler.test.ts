import { describe, expect, it } from "@jest/globals";
import { createScheduler } from "../../../../picker/configuration/create-scheduler.ts";
import { defaultConfiguration, loadConfiguration } from "../../../../picker/configuration/load.ts";
import type { SchedulingRequest } from "../../../../picker/scheduling/plugin.ts";
import type { Scheduler } from "../../../../picker/scheduling/scheduler.ts";
import { seededRandom } from "#random";
import { inFlightOf, requestOf, snapshotOf, type EndpointSketch } from "../../../support/scheduling-cycle.ts";

const loaded = (waitingRequests: number, kvCacheUsageRatio: number): EndpointSketch => ({
  metrics: { waitingRequests, runningRequests: waitingRequests, kvCacheUsageRatio },
});

const nameOf = (scheduler: Scheduler, request: SchedulingRequest, endpoints: readonly EndpointSketch[]): string => {
  const snapshot = snapshotOf(endpoints);
  const input = { request, snapshot, inFlight: inFlightOf(), nowMs: 0, subset: undefined, withScores: false };
  const result = scheduler.schedule(input);
  if (result.kind !== "picked") throw new Error(result.kind);
  scheduler.learn(request, result.endpoints[0]);
  return result.endpoints[0].name;
};

describe("the scheduler of the default configuration", () => {
  const scheduler = createScheduler(defaultConfiguration(), { random: seededRandom(4) });
  const system = "You are a helpful assistant. ".repeat(40);

  it("sends a new prompt to the least loaded, and its continuation back to it while loads are alike", () => {
    const first = requestOf(`${system}first`);
    expect(nameOf(scheduler, first, [loaded(3, 0.5), loaded(1, 0.4), loaded(3, 0.5)])).toBe("pod-1");
    expect(
      nameOf(scheduler, requestOf(`${system}first and second`), [loaded(1, 0.4), loaded(2, 0.5), loaded(3, 0.5)]),
    ).toBe("pod-1");
  });

  it("leaves the warm endpoint when it is the worst in queue and memory", () => {
    const request = requestOf(`${system}first and third`);
    expect(nameOf(scheduler, request, [loaded(0, 0), loaded(9, 1), loaded(1, 0.1)])).toBe("pod-0");
  });

  it("neither shuns nor prefers an endpoint that was never scraped", () => {
    const chosen = Array.from({ length: 60 }, (_, i) =>
      nameOf(scheduler, requestOf(`${i} unrelated`), [loaded(9, 0.9), {}, loaded(9, 0.9)]),
    );
    expect(new Set(chosen)).toEqual(new Set(["pod-0", "pod-1", "pod-2"]));
    expect(nameOf(scheduler, requestOf("also unrelated"), [loaded(9, 0.9), {}, loaded(1, 0.1)])).toBe("pod-2");
  });

  it("shows what it runs", () =>
    expect(scheduler.state()).toMatchObject({
      profile: "default",
      scorers: [
        { name: "queue-scorer", weight: 2 },
        { name: "kv-cache-utilization-scorer", weight: 2 },
        { name: "prefix-cache-scorer", weight: 3 },
      ],
      producers: { "approx-prefix-cache-producer": { blockTokens: 64, endpoints: 3 } },
    }));
});

it("filters before it scores", () => {
  const config = loadConfiguration(
    `{"apiVersion": "llm-d.ai/v1alpha1", "kind": "EndpointPickerConfig", "plugins": [{"type": "queue-scorer"}, {"type": "decode-filter"}]}`,
    { file: "c.json", allowExperimental: false, refreshIntervalMs: 50 },
  );
  const scheduler = createScheduler(config, { random: seededRandom(4) });
  const prefill = { ...loaded(0, 0), labels: { "llm-d.ai/role": "prefill" } };
  expect(nameOf(scheduler, requestOf(""), [prefill, loaded(9, 0), loaded(4, 0)])).toBe("pod-2");
});
