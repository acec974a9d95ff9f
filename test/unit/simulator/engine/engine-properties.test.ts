import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Engine } from "../../../../simulator/engine/engine.ts";
import type { EngineEvent, EngineRequest } from "../../../../simulator/engine/engine-request.ts";
import { seededRandom } from "#random";
import { drain, plainConfig } from "./driving.ts";

type Arrival = {
  readonly gapMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly prefix: number;
  readonly adapter: string | undefined;
  readonly cancelAfterMs: number | undefined;
};

const arrivals = fc.array(
  fc.record({
    gapMs: fc.nat(30),
    promptTokens: fc.integer({ min: 1, max: 90 }),
    outputTokens: fc.nat(30),
    prefix: fc.nat(3),
    adapter: fc.constantFrom(undefined, undefined, "a", "b", "c"),
    cancelAfterMs: fc.option(fc.nat(120), { nil: undefined, freq: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
);

const config = {
  ...plainConfig,
  maxNumSeqs: 6,
  maxNumBatchedTokens: 32,
  maxModelLen: 110,
  maxWaitingRequests: 8,
  numGpuBlocks: 32,
  maxLoras: 2,
  stepJitterRatio: 0.2,
};

const requestOf = (arrival: Arrival, i: number): EngineRequest => ({
  id: `r${i}`,
  promptTokens: arrival.promptTokens,
  outputTokens: arrival.outputTokens,
  finishReason: "length",
  blockHashes: Array.from({ length: Math.floor(arrival.promptTokens / 4) }, (_, block) =>
    block < 6 ? arrival.prefix * 1000 + block : i * 100_000 + block,
  ),
  adapter: arrival.adapter,
});

/** Plays the arrivals and their cancellations on a virtual clock; checks the invariants after every event. */
function play(list: readonly Arrival[]) {
  const engine = new Engine({ config, random: seededRandom(7) });
  const events: EngineEvent[] = [];
  const accepted = new Map<string, Arrival>();
  let at = 0;
  const actions = list
    .flatMap((arrival, i) => {
      at += arrival.gapMs;
      const submit = { at, arrival, id: `r${i}` };
      return arrival.cancelAfterMs === undefined
        ? [submit]
        : [submit, { at: at + arrival.cancelAfterMs, arrival: undefined, id: `r${i}` }];
    })
    .sort((a, b) => a.at - b.at);
  const check = () => {
    const state = engine.state();
    const holds =
      state.usedBlocks + state.cachedBlocks <= config.numGpuBlocks &&
      state.runningRequests <= config.maxNumSeqs &&
      state.runningAdapters.length <= config.maxLoras &&
      state.runningRequests + state.waitingRequests === engine.unfinished;
    if (!holds) throw new Error(`an invariant does not hold: ${JSON.stringify(state)}`);
  };
  const advanceTo = (untilMs: number) => {
    for (let next = engine.nextEventAtMs(); next !== undefined && next <= untilMs; next = engine.nextEventAtMs()) {
      events.push(...engine.advance(next));
      check();
    }
  };
  for (const action of actions) {
    advanceTo(action.at);
    if (action.arrival === undefined) engine.cancel(action.id, action.at);
    else if (engine.submit(requestOf(action.arrival, Number(action.id.slice(1))), action.at).kind === "accepted") {
      accepted.set(action.id, action.arrival);
    }
    check();
  }
  advanceTo(Infinity);
  return { engine, events, accepted };
}

describe("engine, whatever arrives and leaves", () => {
  it("ends every accepted request exactly once and no other", () => {
    fc.assert(
      fc.property(arrivals, (list) => {
        const { engine, events, accepted } = play(list);
        const ends = events.flatMap((event) => (event.kind === "finished" ? [event.id] : []));
        expect(ends.toSorted()).toEqual([...accepted.keys()].toSorted());
        expect(engine.unfinished).toBe(0);
        expect(engine.nextEventAtMs()).toBeUndefined();
      }),
    );
  });

  it("gives every block back", () => {
    fc.assert(
      fc.property(arrivals, (list) => {
        const { engine } = play(list);
        expect(engine.state()).toMatchObject({ usedBlocks: 0, kvCacheUsageRatio: 0, runningAdapters: [] });
      }),
    );
  });

  it("tells tokens in order, without a gap or a repetition, and all of them unless cancelled", () => {
    fc.assert(
      fc.property(arrivals, (list) => {
        const { events, accepted } = play(list);
        const seen = new Map<string, number>();
        let lastAtMs = 0;
        const wrong = events.filter((event) => {
          const before = seen.get(event.id) ?? 0;
          const { promptTokens, outputTokens } = accepted.get(event.id)!;
          const isLate = event.atMs < lastAtMs;
          lastAtMs = event.atMs;
          if (event.kind === "preempted") return isLate;
          seen.set(event.id, event.kind === "token" ? event.index : Number.NaN);
          if (event.kind === "token") {
            return isLate || event.index !== before + 1 || !(event.sinceMs > 0) || event.cachedTokens >= promptTokens;
          }
          return isLate || event.outputTokens !== before || (event.reason !== "abort" && before !== outputTokens);
        });
        expect(wrong).toEqual([]);
      }),
    );
  });

  it("does the same however rarely it is advanced", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 500 }), (list, everyMs) => {
        const loaded = () => {
          const engine = new Engine({ config, random: seededRandom(7) });
          for (const [i, arrival] of list.entries()) engine.submit(requestOf(arrival, i), 0);
          return engine;
        };
        const coarse = loaded();
        const events: EngineEvent[] = [];
        for (let at = 0; coarse.nextEventAtMs() !== undefined; at += everyMs) events.push(...coarse.advance(at));
        expect(events).toEqual(drain(loaded()));
      }),
    );
  });
});
