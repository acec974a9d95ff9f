import { describe, expect, it } from "@jest/globals";
import { seededRandom } from "#random";
import { CandidateScores } from "../../../../picker/scheduling/candidate-scores.ts";
import { maxScorePicker } from "../../../../picker/scheduling/pickers/max-score.ts";
import type { Scorer } from "../../../../picker/scheduling/plugin.ts";
import { Scheduler } from "../../../../picker/scheduling/scheduler.ts";
import { scheduleAttributes } from "../../../../picker/tracing/schedule-attributes.ts";
import { spansOf } from "../../../../picker/tracing/spans.ts";
import { routeTo } from "../../../support/attainment.ts";
import { endedRequest, refusedRequest } from "../../../support/ended-request.ts";
import { inFlightOf, requestOf, snapshotOf } from "../../../support/scheduling-cycle.ts";

const scores = (...values: readonly number[]): Scorer => ({
  score: (_context, { indexes, count }, out) => {
    for (let i = 0; i < count; i++) out[i] = values[indexes[i]!]!;
  },
});

/** A decision over this many endpoints; the second is best. */
function decided(endpoints: number): CandidateScores {
  const considered = new CandidateScores();
  const scheduler = new Scheduler(
    {
      name: "default",
      filters: [],
      scorers: [
        { name: "queue", scorer: scores(0.25, 1, 0.5), weight: 2 },
        { name: "prefix", scorer: scores(0.5, 0.5, 0.5), weight: 1 },
      ],
      picker: { maxEndpoints: 1, pick: maxScorePicker.create({ maxNumOfEndpoints: 1 }, { random: () => 0 }).pick! },
    },
    [],
    seededRandom(1),
  );
  scheduler.schedule({
    request: requestOf("12345678"),
    snapshot: snapshotOf(Array.from({ length: endpoints }, () => ({}))),
    inFlight: inFlightOf(),
    nowMs: 1011,
    subset: undefined,
    withScores: false,
    considered,
  });
  return considered;
}

describe("epp.schedule", () => {
  it("names the winner and the runner-up with their scores by scorer", () => {
    expect(scheduleAttributes(routeTo("pod-1", "llama"), decided(3))).toEqual({
      "attain.endpoint.id": "default/pod-1",
      "server.address": "10.0.0.1",
      "server.port": 8000,
      "attain.prompt_tokens.estimated": 10,
      "attain.endpoints.in_pool": 3,
      "attain.endpoints.eligible": 3,
      "attain.endpoints.considered": 3,
      "attain.endpoint.score": 2.5,
      "attain.endpoint.scores.queue": 1,
      "attain.endpoint.scores.prefix": 0.5,
      "attain.runner_up.id": "default/pod-2",
      "attain.runner_up.score": 1.5,
      "attain.runner_up.scores.queue": 0.5,
      "attain.runner_up.scores.prefix": 0.5,
    });
  });

  it.each([
    { name: "one candidate has no runner-up", endpoints: 1, absent: /^attain\.runner_up/ },
    { name: "none has no scores", endpoints: 0, absent: /score|runner_up/ },
  ])("$name", ({ endpoints, absent }) => {
    const found = Object.keys(scheduleAttributes(undefined, decided(endpoints)));
    expect(found.filter((attribute) => absent.test(attribute))).toEqual([]);
    expect(found).toContain("attain.endpoints.considered");
  });

  const source = {
    ids: { traceId: "a".repeat(32), spanId: "b".repeat(16) },
    parent: undefined,
    pool: "pool",
    keptBy: "outcome",
    wallOffsetMs: 0,
    newSpanId: () => "c".repeat(16),
  } as const;

  it("starts where the scheduler began, after parsing", () => {
    const spans = spansOf(endedRequest({ record: { considered: decided(3) } }), source);
    expect(spans[2]).toMatchObject({ name: "epp.schedule", startMs: 1011, endMs: 1012 });
  });

  it("is there for a request that the scheduler refused, with the reason", () => {
    const spans = spansOf(refusedRequest("no_endpoints", 503, { record: { considered: decided(0) } }), source);
    expect(spans.map(({ name, error }) => [name, error])).toEqual([
      ["gateway.request", "no_endpoints"],
      ["epp.admission", "no_endpoints"],
      ["epp.schedule", "no_endpoints"],
    ]);
  });
});
