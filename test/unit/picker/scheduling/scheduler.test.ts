import { describe, expect, it } from "@jest/globals";
import type { Endpoint } from "#pool";
import { settleUnknown } from "../../../../picker/scheduling/profile.ts";
import type { DataProducer, Filter, Scorer } from "../../../../picker/scheduling/plugin.ts";
import { maxScorePicker } from "../../../../picker/scheduling/pickers/max-score.ts";
import { Scheduler, type ScheduleInput } from "../../../../picker/scheduling/scheduler.ts";
import { parseSubset } from "../../../../picker/scheduling/subset.ts";
import { seededRandom } from "#random";
import { inFlightOf, requestOf, snapshotOf } from "../../../support/scheduling-cycle.ts";

const column = (...values: readonly number[]): Scorer => ({
  score: (_context, { indexes, count }, out) => {
    for (let i = 0; i < count; i++) out[i] = values[indexes[i]!]!;
  },
});
const keepFrom = (first: number, calls: number[] = []): Filter => ({
  filter(_context, candidates) {
    calls.push(first);
    const kept = [...candidates.indexes.subarray(0, candidates.count)].filter((index) => index >= first);
    candidates.indexes.set(kept);
    candidates.count = kept.length;
  },
});

type Parts = {
  readonly filters?: readonly Filter[];
  readonly scorers?: readonly (readonly [Scorer, number])[];
  readonly producers?: readonly DataProducer[];
  readonly maxNumOfEndpoints?: number;
};
const schedulerOf = ({ filters = [], scorers = [], producers = [], maxNumOfEndpoints = 1 }: Parts) =>
  new Scheduler(
    {
      name: "default",
      filters,
      scorers: scorers.map(([scorer, weight], index) => ({ name: `s${index}`, scorer, weight })),
      picker: {
        maxEndpoints: maxNumOfEndpoints,
        pick: maxScorePicker.create({ maxNumOfEndpoints }, { random: () => 0 }).pick!,
      },
    },
    producers.map((producer, index) => ({ name: `p${index}`, producer })),
    seededRandom(1),
  );

const inputOf = (size: number, sketch: Partial<ScheduleInput> = {}): ScheduleInput => ({
  request: requestOf("12345678"),
  snapshot: snapshotOf(Array.from({ length: size }, () => ({}))),
  inFlight: inFlightOf(),
  nowMs: 0,
  subset: undefined,
  withScores: true,
  ...sketch,
});

const names = (endpoints: readonly Endpoint[]) => endpoints.map(({ name }) => name);

describe("Scheduler", () => {
  it("sums weighted scores, clamped and not normalised", () => {
    const scheduler = schedulerOf({
      scorers: [
        [column(0.5, 7), 2],
        [column(-1, 0.25), 4],
      ],
      maxNumOfEndpoints: 2,
    });
    const result = scheduler.schedule(inputOf(2));
    expect(result).toMatchObject({ kind: "picked", scores: [{ score: 1 }, { score: 3 }] });
    expect(result.kind === "picked" && names(result.endpoints)).toEqual(["pod-1", "pod-0"]);
  });

  it("gives no scores unless asked", () =>
    expect(schedulerOf({}).schedule(inputOf(1, { withScores: false }))).toMatchObject({ scores: undefined }));

  it.each([
    { name: "no endpoints", size: 0, subset: undefined },
    { name: "a subset that names none of them", size: 3, subset: parseSubset("192.0.2.1:8000") },
    { name: "an empty subset", size: 3, subset: parseSubset([]) },
  ])("has no candidates with $name", ({ size, subset }) =>
    expect(schedulerOf({}).schedule(inputOf(size, { subset }))).toEqual({ kind: "no-candidates" }),
  );

  it.each([
    {
      name: "leaves out what cannot be reached, however attractive",
      dead: ["pod-0"],
      subset: undefined,
      picks: "pod-1",
    },
    {
      name: "tries it where there is nothing else",
      dead: ["pod-0", "pod-1", "pod-2"],
      subset: undefined,
      picks: "pod-0",
    },
    { name: "tries it where the subset has nothing else", dead: ["pod-0"], subset: "10.0.0.0:8000", picks: "pod-0" },
  ])("$name", ({ dead, subset, picks }) => {
    const scheduler = schedulerOf({ scorers: [[column(1, 0.2, 0.1), 1]] });
    const { snapshot } = inputOf(3);
    const endpoints = snapshot.endpoints.map((each): Endpoint =>
      dead.includes(each.name) ? { ...each, unreachable: true } : each,
    );
    const input = inputOf(3, {
      snapshot: { ...snapshot, endpoints },
      subset: subset === undefined ? undefined : parseSubset(subset),
    });
    expect(scheduler.schedule(input)).toMatchObject({ endpoints: [{ name: picks }] });
    expect(scheduler.anyEndpoint(input.snapshot, input.subset)?.name).not.toBe(
      dead.length === 1 && subset === undefined ? "pod-0" : "none",
    );
  });

  it("chooses within the subset", () => {
    const scheduler = schedulerOf({ scorers: [[column(1, 0.2, 0.1), 1]] });
    const result = scheduler.schedule(inputOf(3, { subset: parseSubset(["10.0.0.1", "10.0.0.2:8000"]) }));
    expect(result).toMatchObject({ endpoints: [{ name: "pod-1" }] });
    expect(result.kind === "picked" && result.scores!.length).toBe(2);
  });

  it("stops at the filter that leaves nothing and names the profile", () => {
    const calls: number[] = [];
    const scheduler = schedulerOf({ filters: [keepFrom(1, calls), keepFrom(9, calls), keepFrom(0, calls)] });
    expect(scheduler.schedule(inputOf(3))).toEqual({ kind: "filtered-out", profile: "default" });
    expect(calls).toEqual([1, 9]);
  });

  it("is the same after its arrays have grown", () => {
    const scheduler = schedulerOf({ scorers: [[{ score: (_c, { count }, out) => void out.fill(0, 0, count) }, 1]] });
    for (const size of [1, 65, 3, 500, 2]) {
      expect(scheduler.schedule(inputOf(size))).toMatchObject({ kind: "picked", endpoints: { length: 1 } });
    }
  });

  it("says what the first endpoint is expected to compute", () => {
    const producer: DataProducer = {
      produce(context) {
        context.prefixMatchedBlocks.set([0, 1]);
        context.prefixTotalBlocks = 2;
        context.prefixBlockTokens = 1.5;
      },
    };
    const scorers = [[column(0, 1), 1]] as const;
    const input = inputOf(2);
    expect(schedulerOf({ scorers }).schedule(input)).toMatchObject({ promptTokens: 2, uncachedPromptTokens: 2 });
    expect(schedulerOf({ scorers, producers: [producer] }).schedule(input)).toMatchObject({
      uncachedPromptTokens: 0.5,
    });
  });

  it("starts each cycle without what the one before produced", () => {
    let seen: readonly number[] = [];
    let first = true;
    const producer: DataProducer = {
      produce: (context) => {
        seen = [context.prefixMatchedBlocks[0]!, context.prefixTotalBlocks];
        if (first) context.prefixMatchedBlocks[0] = context.prefixTotalBlocks = 5;
        first = false;
      },
    };
    const scheduler = schedulerOf({ producers: [producer] });
    scheduler.schedule(inputOf(1));
    scheduler.schedule(inputOf(1));
    expect(seen).toEqual([Number.NaN, Number.NaN]);
  });

  it("draws any endpoint of the subset for a request without a body", () => {
    const scheduler = schedulerOf({});
    const { snapshot } = inputOf(3);
    const subset = parseSubset(["10.0.0.1", "10.0.0.2"]);
    const drawn = new Set(Array.from({ length: 50 }, () => scheduler.anyEndpoint(snapshot, subset)?.name));
    expect(drawn).toEqual(new Set(["pod-1", "pod-2"]));
    expect(scheduler.anyEndpoint(snapshotOf([]), undefined)).toBeUndefined();
  });
});

describe("learning and forgetting", () => {
  const recording = () => {
    const learnt: string[] = [];
    const forgotten: number[] = [];
    const producer: DataProducer = {
      produce() {},
      onRouted: (_request, { name }) => void learnt.push(name),
      onEndpointRemoved: (slot) => void forgotten.push(slot),
      state: () => ({ blocks: 3 }),
    };
    return { learnt, forgotten, scheduler: schedulerOf({ producers: [producer] }) };
  };

  it("forgets endpoints that left and slots that changed hands, and no others", () => {
    const { forgotten, scheduler } = recording();
    scheduler.schedule(inputOf(3));
    scheduler.schedule(inputOf(3));
    expect(forgotten).toEqual([]);
    scheduler.schedule(inputOf(0, { snapshot: snapshotOf([{}, { id: "default/new" }]) }));
    expect(forgotten).toEqual([1, 2]);
    scheduler.schedule(inputOf(0));
    expect(forgotten).toEqual([1, 2, 0, 1]);
  });

  it("learns only of endpoints that still hold their slot", () => {
    const { learnt, scheduler } = recording();
    const { snapshot, request } = inputOf(2);
    scheduler.schedule(inputOf(2, { snapshot }));
    scheduler.learn(request, snapshot.endpoints[1]!);
    scheduler.schedule(inputOf(1));
    scheduler.learn(request, snapshot.endpoints[1]!);
    expect(learnt).toEqual(["pod-1"]);
  });

  it("sums itself up", () =>
    expect(recording().scheduler.state()).toEqual({
      profile: "default",
      filters: 0,
      scorers: [],
      maxEndpoints: 1,
      producers: { p0: { blocks: 3 } },
    }));
});

describe("settleUnknown", () => {
  it.each([
    { scores: [0.2, Number.NaN, 0.6], want: [0.2, 0.4, 0.6] },
    { scores: [Number.NaN, Number.NaN], want: [0.5, 0.5] },
    { scores: [Number.NaN, 5], want: [1, 1] },
    { scores: [-3, 2, Infinity], want: [0, 1, 1] },
    { scores: [0, Number.NaN], want: [0, 0] },
  ])("$scores → $want", ({ scores, want }) => {
    const column = Float64Array.from(scores);
    settleUnknown(column, scores.length);
    expect([...column]).toEqual(want.map((one) => expect.closeTo(one, 12)));
  });
});
