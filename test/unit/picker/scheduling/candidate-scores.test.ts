import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { CandidateScores, keptCandidates } from "../../../../picker/scheduling/candidate-scores.ts";
import { maxScorePicker } from "../../../../picker/scheduling/pickers/max-score.ts";
import type { Picker, Scorer } from "../../../../picker/scheduling/plugin.ts";
import { Scheduler } from "../../../../picker/scheduling/scheduler.ts";
import { parseSubset } from "../../../../picker/scheduling/subset.ts";
import { inFlightOf, requestOf, snapshotOf, type EndpointSketch } from "../../../support/scheduling-cycle.ts";

const column = (values: readonly number[]): Scorer => ({
  score: (_context, { indexes, count }, out) => {
    for (let i = 0; i < count; i++) out[i] = values[indexes[i]!]!;
  },
});
const bestTotal = maxScorePicker.create({ maxNumOfEndpoints: 1 }, { random: () => 0 }) as Picker;

type Cycle = {
  readonly sketches?: readonly EndpointSketch[];
  readonly columns: readonly (readonly number[])[];
  readonly picker?: Picker;
  readonly subset?: readonly string[];
};

/** Scorer `s0` weighs 1, `s1` weighs 2, and so on. */
function filled(
  { sketches, columns, picker = bestTotal, subset }: Cycle,
  scores = new CandidateScores(),
): CandidateScores {
  const scheduler = new Scheduler(
    {
      name: "default",
      filters: [],
      scorers: columns.map((values, s) => ({ name: `s${s}`, scorer: column(values), weight: s + 1 })),
      picker,
    },
    [],
    () => 0,
  );
  scheduler.schedule({
    request: requestOf("12345678"),
    snapshot: snapshotOf(sketches ?? columns[0]!.map(() => ({}))),
    inFlight: inFlightOf([5, 6, 7]),
    nowMs: 1000,
    subset: subset && parseSubset(subset),
    withScores: false,
    considered: scores,
  });
  return scores;
}

const idsOf = (scores: CandidateScores): readonly string[] =>
  Array.from({ length: scores.rows }, (_, row) => scores.id(row));

describe("CandidateScores", () => {
  it("has the chosen one first, then the others by total, each with its scores before their weights", () => {
    const scores = filled({
      columns: [
        [0.25, 0.75, 0.5],
        [0.5, 0.25, 1],
      ],
    });
    expect(idsOf(scores)).toEqual(["default/pod-2", "default/pod-0", "default/pod-1"]);
    expect([scores.field(0, "total"), scores.field(1, "total"), scores.field(2, "total")]).toEqual([2.5, 1.25, 1.25]);
    expect([scores.score(0, 0), scores.score(0, 1), scores.score(1, 0), scores.score(2, 1)]).toEqual([
      0.5, 1, 0.25, 0.25,
    ]);
    expect(scores.scorers.map(({ name, weight }) => [name, weight])).toEqual([
      ["s0", 1],
      ["s1", 2],
    ]);
  });

  it("knows what the endpoints were like when they were rated", () => {
    const metrics = { waitingRequests: 4, runningRequests: 9, kvCacheUsageRatio: 0.5, observedAtMs: 400 };
    const scores = filled({ sketches: [{}, { metrics }], columns: [[0, 1]] });
    const fields = ["ageMs", "waiting", "running", "kvCacheUsage", "inFlight", "prefixBlocks"] as const;
    expect(fields.map((name) => scores.field(0, name))).toEqual([600, 4, 9, 0.5, 6, Number.NaN]);
    expect(fields.map((name) => scores.field(1, name))).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      5,
      Number.NaN,
    ]);
  });

  it("marks the scorers that knew nothing, by bit", () => {
    const scores = filled({
      columns: [
        [Number.NaN, 1],
        [0.5, 0.5],
        [Number.NaN, Number.NaN],
      ],
    });
    const unknownOf = new Map(idsOf(scores).map((id, row) => [id, scores.field(row, "unknown")]));
    expect(unknownOf).toEqual(
      new Map([
        ["default/pod-1", 0b100],
        ["default/pod-0", 0b101],
      ]),
    );
  });

  it("counts the pool, what the subset leaves and what the filters leave", () => {
    const scores = filled({ columns: [[1, 0, 0]], subset: ["10.0.0.1", "10.0.0.2"] });
    expect([scores.inPool, scores.eligible, scores.considered]).toEqual([3, 2, 2]);
    expect(scores.startedAtMs).toBe(1000);
    const nobody = filled({ columns: [[1]], subset: [] });
    expect([nobody.inPool, nobody.eligible, nobody.considered, nobody.rows]).toEqual([1, 0, 0, 0]);
  });

  it("is filled again as if it were new, also by a profile with more scorers", () => {
    const used = filled({ columns: [[1, 0, 0.5]] });
    const cycle: Cycle = {
      columns: [
        [0, 1],
        [Number.NaN, 0],
      ],
    };
    const again = filled(cycle, used);
    const fresh = filled(cycle);
    expect(idsOf(again)).toEqual(idsOf(fresh));
    for (let row = 0; row < fresh.rows; row++) {
      expect(again.score(row, 1)).toBe(fresh.score(row, 1));
      expect(again.field(row, "unknown")).toBe(fresh.field(row, "unknown"));
    }
    expect(filled({ columns: [[1]], subset: [] }, used).rows).toBe(0);
  });

  it("keeps whoever was chosen and the best of the rest, as sorting would", () => {
    const totals = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(totals, fc.nat(), (values, draw) => {
        const chosen = draw % values.length;
        const picker: Picker = {
          maxEndpoints: 1,
          pick: (_candidates, _totals, _random, picked) => {
            picked[0] = chosen;
            return 1;
          },
        };
        const scores = filled({ columns: [values.map((value) => value / 20)], picker });
        const rest = values.filter((_, index) => index !== chosen).toSorted((a, b) => b - a);
        const want = [values[chosen]!, ...rest.slice(0, keptCandidates - 1)];
        expect(Array.from({ length: scores.rows }, (_, row) => Math.round(scores.field(row, "total") * 20))).toEqual(
          want,
        );
        expect(new Set(idsOf(scores)).size).toBe(scores.rows);
        expect(scores.id(0)).toBe(`default/pod-${chosen}`);
      }),
    );
  });
});
