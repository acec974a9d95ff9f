import { describe, expect, it } from "@jest/globals";
import { choiceOf } from "../../../../picker/decision/choice.ts";
import { CandidateScores, type RatedCycle } from "../../../../picker/scheduling/candidate-scores.ts";
import { allOf, contextOf, snapshotOf, type EndpointSketch } from "../../../support/scheduling-cycle.ts";

type Rated = {
  readonly sketches?: readonly EndpointSketch[];
  /** By scorer, then by endpoint. */
  readonly columns: readonly (readonly number[])[];
  readonly weights?: readonly number[];
  readonly unknown?: readonly number[];
  readonly chosen?: number;
  readonly inPool?: number;
  readonly eligible?: number;
  readonly prefix?: readonly number[];
};

const names = ["queue-scorer", "prefix-cache-scorer", "kv-scorer"];

function rated({ sketches, columns, weights = [1, 1, 1], unknown, chosen = 0, inPool, eligible, prefix }: Rated) {
  const count = columns[0]!.length;
  const snapshot = snapshotOf(sketches ?? columns[0]!.map(() => ({})));
  const context = contextOf(snapshot, {
    nowMs: 10_000,
    ...(prefix && { prefixMatchedBlocks: Float64Array.from(prefix), prefixTotalBlocks: 8, prefixBlockTokens: 64 }),
  });
  const scorers = columns.map((_, s) => ({ name: names[s]!, weight: weights[s]! }));
  const totals = Float64Array.from({ length: count }, (_, i) =>
    columns.reduce((sum, column, s) => sum + weights[s]! * column[i]!, 0),
  );
  const cycle: RatedCycle = {
    context,
    candidates: allOf(snapshot),
    scorers,
    totals,
    columns: columns.map((column) => Float64Array.from(column)),
    unknown: Uint32Array.from(unknown ?? columns[0]!.map(() => 0)),
  };
  const scores = new CandidateScores();
  scores.begin(0, inPool ?? count, eligible ?? count);
  scores.keep(cycle, chosen);
  return choiceOf(scores, 2000);
}

describe("choiceOf", () => {
  it.each<{ name: string; rated: Rated; decidedBy: string | undefined; because: string }>([
    {
      name: "the scorer with the largest weighted lead",
      rated: {
        columns: [
          [0.9, 0.5],
          [0.4, 0.2],
        ],
        weights: [1, 3],
      },
      decidedBy: "prefix-cache-scorer",
      because: "prefix-cache-scorer put it +0.60 ahead of default/pod-1",
    },
    {
      name: "and what it outweighed",
      rated: {
        columns: [
          [0, 1],
          [1, 0.5],
        ],
        weights: [1, 3],
      },
      decidedBy: "prefix-cache-scorer",
      because: "prefix-cache-scorer put it +1.50 ahead of default/pod-1, over queue-scorer (−1.00)",
    },
    {
      name: "a tie",
      rated: { columns: [[0.1 + 0.2, 0.3]] },
      decidedBy: undefined,
      because: "equal total with default/pod-1; drawn at random",
    },
    {
      name: "a draw against the totals",
      rated: { columns: [[0.25, 0.75]] },
      decidedBy: undefined,
      because: "drawn at random; default/pod-1 had the higher total by 0.50",
    },
    {
      name: "a draw without knowledge",
      rated: {
        columns: [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
        unknown: [0b11, 0b11],
      },
      decidedBy: undefined,
      because: "nothing was known of it or of default/pod-1; drawn at random",
    },
    {
      name: "the only one",
      rated: { columns: [[1]] },
      decidedBy: undefined,
      because: "it is the only endpoint of the pool",
    },
    {
      name: "the only one of a subset",
      rated: { columns: [[1]], inPool: 3, eligible: 1 },
      decidedBy: undefined,
      because: "the proxy's subset hint names no other",
    },
    {
      name: "the only one after the filters",
      rated: { columns: [[1]], inPool: 3, eligible: 3 },
      decidedBy: undefined,
      because: "the filters left no other",
    },
  ])("says why: $name", ({ rated: cycle, decidedBy, because }) => {
    expect(rated(cycle)).toMatchObject({ decidedBy, because });
  });

  it.each([
    { inPool: 0, eligible: 0, because: "the pool has no endpoints" },
    { inPool: 2, eligible: 0, because: "the proxy's subset hint names none of the 2 endpoints" },
    { inPool: 2, eligible: 2, because: "the filters left none of the 2 endpoints" },
  ])("says why nobody was left: $because", ({ inPool, eligible, because }) => {
    const scores = new CandidateScores();
    scores.begin(0, inPool, eligible);
    expect(choiceOf(scores, 2000)).toMatchObject({ because, candidates: [], decidedBy: undefined, prefix: undefined });
  });

  it("tells fresh, stale and unknown metrics apart, and leaves unknown values out", () => {
    const { candidates } = rated({
      sketches: [
        { metrics: { observedAtMs: 8000, waitingRequests: 3 } },
        { metrics: { observedAtMs: 7999 } },
        { metrics: undefined },
      ],
      columns: [[1, 0.5, 0.2]],
      unknown: [0, 0, 1],
    });
    expect(candidates.map(({ metrics, metricsAgeSeconds }) => [metrics, metricsAgeSeconds])).toEqual([
      ["fresh", 2],
      ["stale", 2.001],
      ["unknown", undefined],
    ]);
    expect(candidates.map(({ waitingRequests }) => waitingRequests)).toEqual([3, undefined, undefined]);
    expect(candidates.map(({ unknownTo }) => unknownTo)).toEqual([[], [], ["queue-scorer"]]);
  });

  it("compares the chosen one's prefix with the best", () => {
    const { prefix, candidates } = rated({ columns: [[1, 0, 0]], prefix: [2, 7, 5] });
    expect(prefix).toEqual({ matchedBlocks: 2, totalBlocks: 8, blockTokens: 64, bestMatchedBlocks: 7 });
    expect(candidates.map(({ prefixMatchedBlocks }) => prefixMatchedBlocks)).toEqual([2, 7, 5]);
    expect(rated({ columns: [[1, 0]] }).prefix).toBeUndefined();
  });

  it("survives JSON", () => {
    const choice = rated({ columns: [[0.5, 0.1]], prefix: [1, 0] });
    expect(JSON.parse(JSON.stringify(choice))).toMatchObject({ candidates: [{ endpoint: "default/pod-0" }, {}] });
  });
});
