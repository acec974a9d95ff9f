import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { PoolSnapshot } from "#pool";
import { inTree } from "../../../picker/configuration/catalogue.ts";
import type {
  PluginDefinition,
  PluginInstance,
  PluginRole,
  SchedulingContext,
} from "../../../picker/scheduling/plugin.ts";
import { seededRandom } from "#random";
import {
  allOf,
  contextOf,
  inFlightOf,
  requestOf,
  snapshotOf,
  type EndpointSketch,
} from "../../support/scheduling-cycle.ts";

/** Parameters of plugins that have required ones, or do nothing without any. */
const parametersByType: Readonly<Record<string, unknown>> = {
  "header-label-affinity-scorer": { headerName: "x-zone", labelKey: "zone" },
  "label-selector-filter": { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["b"] }] },
  "prefix-cache-scorer": { matchLengthWeight: 0.3 },
  "max-score-picker": { maxNumOfEndpoints: 3 },
  "random-picker": { maxNumOfEndpoints: 3 },
  "weighted-random-picker": { maxNumOfEndpoints: 3 },
};

const make = (plugin: PluginDefinition): PluginInstance =>
  plugin.create(plugin.parameters.parse(parametersByType[plugin.type] ?? {}), { random: seededRandom(1) });

const playing = (role: PluginRole) =>
  inTree.filter(({ roles }) => roles.includes(role)).map((plugin) => ({ type: plugin.type, plugin }));

const unknownOr = (arbitrary: fc.Arbitrary<number>) => fc.option(arbitrary, { nil: undefined });
const names = fc.uniqueArray(fc.constantFrom("m", "a", "b"), { maxLength: 3 }).map((all) => new Set(all));
const metrics = fc.record({
  waitingRequests: unknownOr(fc.nat(300)),
  runningRequests: unknownOr(fc.nat(300)),
  kvCacheUsageRatio: unknownOr(fc.double({ min: 0, max: 1.2, noNaN: true })),
  cacheBlockSizeTokens: unknownOr(fc.constantFrom(16, 128)),
  lora: fc.option(fc.record({ running: names, waiting: names, maxAdapters: unknownOr(fc.nat(4)) }), { nil: undefined }),
});
const sketch: fc.Arbitrary<EndpointSketch> = fc
  .record({
    metrics: fc.option(metrics, { nil: undefined }),
    zone: fc.constantFrom("a", "b", undefined),
    role: fc.constantFrom("decode", "prefill", "both", undefined),
  })
  .map(({ metrics, zone, role }) => {
    const labels: Record<string, string> = {};
    if (zone !== undefined) labels["zone"] = zone;
    if (role !== undefined) labels["llm-d.ai/role"] = role;
    return metrics === undefined ? { labels } : { labels, metrics };
  });

type Cycle = { readonly snapshot: PoolSnapshot; readonly context: SchedulingContext };

const cycle: fc.Arbitrary<Cycle> = fc
  .record({
    sketches: fc.array(sketch, { maxLength: 12 }),
    total: fc.constantFrom(Number.NaN, 0, 5),
    prompt: fc.string({ maxLength: 600 }),
    model: fc.constantFrom("m", "other", undefined),
    requests: fc.array(fc.nat(9), { maxLength: 12 }),
    matched: fc.array(fc.nat(5), { minLength: 12, maxLength: 12 }),
    header: fc.constantFrom("a", "10.0.0.1,10.0.0.0", undefined),
  })
  .map(({ sketches, total, prompt, model, requests, matched, header }) => {
    const snapshot = snapshotOf(sketches);
    const known = total > 0 ? matched : matched.map(() => total);
    const context = contextOf(snapshot, {
      request: requestOf(prompt, { model, header: () => header }),
      inFlight: inFlightOf(
        requests,
        requests.map((count) => count * 1000),
      ),
      prefixMatchedBlocks: Float64Array.from(known.slice(0, sketches.length)),
      prefixTotalBlocks: total,
      prefixBlockTokens: Number.isNaN(total) ? total : 64,
    });
    return { snapshot, context };
  });

/** Everything of a cycle that a plugin could change. */
const pictureOf = ({ snapshot, context }: Cycle): unknown =>
  structuredClone({ ...context, request: { ...context.request, header: undefined }, inFlight: undefined, snapshot });

const shuffled = (count: number, seed: number): Int32Array => {
  const random = seededRandom(seed);
  return Int32Array.from(
    Array.from({ length: count }, (_, index) => ({ index, key: random() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ index }) => index),
  );
};

describe.each(playing("scorer"))("scorer $type", ({ plugin }) => {
  const scorer = make(plugin);
  const scoresOf = (context: SchedulingContext, indexes: Int32Array): Float64Array => {
    const out = new Float64Array(indexes.length + 2).fill(-7);
    scorer.score!(context, { indexes, count: indexes.length }, out);
    return out;
  };

  it("writes one score in [0, 1] or NaN a candidate, and nothing beyond them", () =>
    fc.assert(
      fc.property(cycle, ({ snapshot, context }) => {
        const { indexes, count } = allOf(snapshot);
        const out = scoresOf(context, indexes);
        for (const score of out.subarray(0, count))
          if (!Number.isNaN(score)) expect(score >= 0 && score <= 1).toBe(true);
        expect([...out.subarray(count)]).toEqual([-7, -7]);
      }),
    ));

  it("ignores the order of the candidates", () =>
    fc.assert(
      fc.property(cycle, fc.integer(), ({ snapshot, context }, seed) => {
        const { indexes, count } = allOf(snapshot);
        const order = shuffled(count, seed);
        const straight = scoresOf(context, indexes);
        const mixed = scoresOf(context, order);
        order.forEach((index, i) => expect(mixed[i]).toBe(straight[index]));
      }),
    ));

  it("changes nothing else, and says the same twice", () =>
    fc.assert(
      fc.property(cycle, (one) => {
        const before = pictureOf(one);
        const candidates = allOf(one.snapshot);
        const first = scoresOf(one.context, candidates.indexes);
        expect(scoresOf(one.context, candidates.indexes)).toEqual(first);
        expect(pictureOf(one)).toEqual(before);
        expect(candidates).toEqual(allOf(one.snapshot));
      }),
    ));

  it("takes no candidates", () =>
    expect([...scoresOf(contextOf(snapshotOf([])), new Int32Array(0))]).toEqual([-7, -7]));
});

describe.each(playing("filter"))("filter $type", ({ plugin }) => {
  const filter = make(plugin);
  const keptOf = (context: SchedulingContext, order: Int32Array): readonly number[] => {
    const candidates = { indexes: order.slice(), count: order.length };
    filter.filter!(context, candidates);
    return [...candidates.indexes.subarray(0, candidates.count)];
  };

  it("keeps some of the candidates, each once", () =>
    fc.assert(
      fc.property(cycle, ({ snapshot, context }) => {
        const kept = keptOf(context, allOf(snapshot).indexes);
        expect(new Set(kept).size).toBe(kept.length);
        for (const index of kept) expect(index).toBeLessThan(snapshot.endpoints.length);
      }),
    ));

  it("keeps the same ones whatever their order, and changes nothing else", () =>
    fc.assert(
      fc.property(cycle, fc.integer(), (one, seed) => {
        const before = pictureOf(one);
        const straight = keptOf(one.context, allOf(one.snapshot).indexes);
        const mixed = keptOf(one.context, shuffled(one.snapshot.endpoints.length, seed));
        expect(mixed.toSorted((a, b) => a - b)).toEqual(straight.toSorted((a, b) => a - b));
        expect(pictureOf(one)).toEqual(before);
      }),
    ));

  it("never brings back what an earlier filter dropped", () =>
    fc.assert(
      fc.property(cycle, ({ snapshot, context }) => {
        const half = allOf(snapshot).indexes.filter((index) => index % 2 === 0);
        for (const index of keptOf(context, half)) expect(index % 2).toBe(0);
      }),
    ));

  it("takes no candidates", () => expect(keptOf(contextOf(snapshotOf([])), new Int32Array(0))).toEqual([]));
});

describe.each(playing("picker"))("picker $type", ({ plugin }) => {
  const total = fc.oneof(fc.double({ min: -2, max: 9, noNaN: true }), fc.constantFrom(0, 1, Number.NaN));

  it("picks candidates, each once, as many as there is room for, and changes nothing else", () =>
    fc.assert(
      fc.property(fc.array(total, { maxLength: 20 }), fc.nat(4), fc.integer(), (totals, room, seed) => {
        const picker = make(plugin);
        const indexes = Int32Array.from(totals.keys(), (index) => index * 2);
        const scores = Float64Array.from(totals);
        const picked = new Int32Array(room);
        const count = picker.pick!({ indexes, count: totals.length }, scores, seededRandom(seed), picked);
        expect(count).toBe(Math.min(room, totals.length));
        const chosen = [...picked.subarray(0, count)];
        expect(new Set(chosen).size).toBe(count);
        for (const index of chosen) expect(indexes.includes(index)).toBe(true);
        expect(scores).toEqual(Float64Array.from(totals));
        expect(indexes).toEqual(Int32Array.from(totals.keys(), (index) => index * 2));
      }),
    ));

  it("is decided by its random source alone", () => {
    const totals = Float64Array.of(1, 1, 0.5, 1);
    const pick = () => {
      const picked = new Int32Array(2);
      make(plugin).pick!({ indexes: Int32Array.of(0, 1, 2, 3), count: 4 }, totals, seededRandom(9), picked);
      return [...picked];
    };
    expect(pick()).toEqual(pick());
  });
});

describe.each(playing("producer").filter(({ plugin }) => make(plugin).produce))("producer $type", ({ plugin }) => {
  it("writes its columns and nothing else", () =>
    fc.assert(
      fc.property(cycle, ({ snapshot, context }) => {
        const columns = { prefixMatchedBlocks: undefined, prefixTotalBlocks: undefined, prefixBlockTokens: undefined };
        const picture = () => ({ ...(pictureOf({ snapshot, context }) as object), ...columns });
        const before = picture();
        make(plugin).produce!(context);
        expect(picture()).toEqual(before);
        for (const matched of context.prefixMatchedBlocks)
          expect(matched).toBeLessThanOrEqual(context.prefixTotalBlocks);
      }),
    ));
});

it.each(inTree)("$type refuses parameters it does not know", ({ type, parameters }) =>
  expect(parameters.safeParse({ ...(parametersByType[type] as object), "no such parameter": 1 }).success).toBe(false),
);
