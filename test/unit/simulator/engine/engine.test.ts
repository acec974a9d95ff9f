import { describe, expect, it } from "@jest/globals";
import { Engine } from "../../../../simulator/engine/engine.ts";
import { engineConfigProblems } from "../../../../simulator/engine/engine-request.ts";
import { drain, engineOf, ofRequest, plainConfig, requestOf, told } from "./driving.ts";

describe("steps", () => {
  it("takes the prompt in one step and then one token a step", () => {
    const engine = engineOf();
    engine.submit(requestOf("a"), 0);
    expect(told(drain(engine))).toEqual(["token a 1 @11", "token a 2 @22", "token a 3 @33", "finished a stop @33"]);
  });

  it("starts when a request comes, not when it is advanced", () => {
    const engine = engineOf();
    engine.submit(requestOf("a", { outputTokens: 1 }), 100);
    expect(engine.nextEventAtMs()).toBe(100);
    expect(told(engine.advance(1000))).toEqual(["token a 1 @111", "finished a stop @111"]);
    expect(engine.nextEventAtMs()).toBeUndefined();
  });

  it("runs requests of the same instant in one step and later ones from the next step on", () => {
    const engine = engineOf();
    for (const id of ["a", "b"]) engine.submit(requestOf(id, { outputTokens: 2 }), 0);
    engine.advance(5);
    engine.submit(requestOf("c", { outputTokens: 1 }), 5);
    expect(told(drain(engine))).toEqual([
      "token a 1 @12",
      "token b 1 @12",
      "token a 2 @25",
      "token b 2 @25",
      "token c 1 @25",
      "finished a stop @25",
      "finished b stop @25",
      "finished c stop @25",
    ]);
  });

  it("does not put a request into a step that began before it came", () => {
    const engine = engineOf();
    engine.submit(requestOf("a", { outputTokens: 1 }), 0);
    engine.submit(requestOf("b", { outputTokens: 1 }), 3);
    expect(told(drain(engine)).filter((line) => line.startsWith("token"))).toEqual(["token a 1 @11", "token b 1 @22"]);
  });

  it("splits a prompt over the token budget into chunks", () => {
    const engine = engineOf();
    engine.submit(requestOf("a", { promptTokens: 150, outputTokens: 1 }), 0);
    // 64 + 64 + 22 tokens.
    expect(told(drain(engine))[0]).toBe("token a 1 @45");
  });

  it("gives decoding sequences their token before a prompt gets the rest of the budget", () => {
    const engine = engineOf({ maxNumBatchedTokens: 20 });
    engine.submit(requestOf("a", { outputTokens: 5 }), 0);
    engine.advance(11);
    engine.submit(requestOf("b", { promptTokens: 38, outputTokens: 1 }), 11);
    const events = drain(engine);
    expect(told(ofRequest(events, "a")).slice(0, 2)).toEqual(["token a 2 @22", "token a 3 @34.9"]);
    expect(told(ofRequest(events, "b"))[0]).toBe("token b 1 @47.8");
  });

  it("lets no more than maxNumSeqs run", () => {
    const engine = engineOf({ maxNumSeqs: 2 });
    for (const id of ["a", "b", "c"]) engine.submit(requestOf(id), 0);
    engine.advance(0);
    expect(engine.state()).toMatchObject({ runningRequests: 2, waitingRequests: 1 });
    drain(engine);
    expect(engine.state()).toMatchObject({ runningRequests: 0, waitingRequests: 0 });
  });

  it("reports the gap to the token before, and to submission for the first", () => {
    const engine = engineOf();
    engine.submit(requestOf("a", { outputTokens: 2 }), 50);
    const [first, second, end] = drain(engine);
    expect(first).toMatchObject({ kind: "token", sinceMs: 11 });
    expect(second).toMatchObject({ kind: "token", sinceMs: 11 });
    expect(end).toMatchObject({ submittedAtMs: 50, scheduledAtMs: 50, firstTokenAtMs: 61, atMs: 72 });
  });

  it("finishes a request without output when its prompt is computed", () => {
    const engine = engineOf();
    engine.submit(requestOf("a", { outputTokens: 0 }), 0);
    expect(told(drain(engine))).toEqual(["finished a stop @11"]);
    expect(engine.state().totals.promptTokens).toBe(10);
  });

  it("multiplies a step by the slowdown in force when it starts, and jitters within its ratio", () => {
    let factor = 1;
    const slowed = new Engine({ config: plainConfig, random: () => 0.5, slowdown: () => factor });
    slowed.submit(requestOf("a", { outputTokens: 2 }), 0);
    slowed.advance(0);
    factor = 3;
    expect(told(drain(slowed)).slice(0, 2)).toEqual(["token a 1 @11", "token a 2 @44"]);
    for (const [drawn, want] of [
      [0, 9.9],
      [0.75, 11.55],
    ] as const) {
      const jittered = new Engine({ config: { ...plainConfig, stepJitterRatio: 0.1 }, random: () => drawn });
      jittered.submit(requestOf("a", { outputTokens: 1 }), 0);
      expect(drain(jittered)[0]?.atMs).toBeCloseTo(want, 9);
    }
  });
});

describe("refusals", () => {
  it.each([
    { name: "the context", change: { promptTokens: 510 }, config: {} },
    { name: "the KV memory", change: { promptTokens: 38 }, config: { numGpuBlocks: 10 } },
  ])("refuses what exceeds $name", ({ change, config }) => {
    const engine = engineOf(config);
    expect(engine.submit(requestOf("a", change), 0)).toEqual({ kind: "rejected", reason: "too-long" });
    expect(engine.nextEventAtMs()).toBeUndefined();
  });

  it("refuses when the queue is full", () => {
    const engine = engineOf({ maxWaitingRequests: 1 });
    engine.submit(requestOf("a"), 0);
    expect(engine.submit(requestOf("b"), 0)).toEqual({ kind: "rejected", reason: "queue-full" });
  });

  it("throws on an id in use", () => {
    const engine = engineOf();
    engine.submit(requestOf("a"), 0);
    expect(() => engine.submit(requestOf("a"), 0)).toThrow('"a" is in use');
  });

  it("names what an engine cannot run with", () => {
    const config = { ...plainConfig, maxNumBatchedTokens: 2, numGpuBlocks: 0 };
    expect(engineConfigProblems(config).map(({ field }) => field)).toEqual(["numGpuBlocks", "maxNumBatchedTokens"]);
    expect(engineConfigProblems(plainConfig)).toEqual([]);
  });
});

describe("cancel", () => {
  it("ends a waiting and a running request once, and frees their memory", () => {
    const engine = engineOf({ maxNumSeqs: 1 });
    for (const id of ["a", "b"]) engine.submit(requestOf(id), 0);
    engine.advance(12);
    expect([engine.cancel("a", 15), engine.cancel("b", 15), engine.cancel("a", 15)]).toEqual([true, true, false]);
    expect(engine.state()).toMatchObject({ runningRequests: 0, waitingRequests: 0, usedBlocks: 0 });
    expect(told(drain(engine))).toEqual(["finished a abort @15", "finished b abort @15"]);
  });

  it("lets the next request in at the end of the step", () => {
    const engine = engineOf({ maxNumSeqs: 1 });
    for (const id of ["a", "b"]) engine.submit(requestOf(id, { outputTokens: 1 }), 0);
    engine.advance(0);
    engine.cancel("a", 5);
    expect(told(drain(engine))).toEqual(["finished a abort @5", "token b 1 @22", "finished b stop @22"]);
  });
});

describe("memory", () => {
  it("pre-empts the newest sequence, which computes its tokens again and repeats none", () => {
    const engine = engineOf({ numGpuBlocks: 6, maxNumSeqs: 2, prefixCaching: false });
    for (const id of ["old", "new"]) engine.submit(requestOf(id, { promptTokens: 8, outputTokens: 8 }), 0);
    engine.submit(requestOf("small", { promptTokens: 4, outputTokens: 1 }), 0);
    const events = drain(engine);
    expect(told(events).filter((line) => line.startsWith("preempted"))).toEqual(["preempted new @59.6"]);
    expect(engine.state().totals.preemptions).toBe(1);
    const tokens = ofRequest(events, "new").flatMap((event) => (event.kind === "token" ? [event.index] : []));
    expect(tokens).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const ends = events.flatMap((event) => (event.kind === "finished" ? [event.id] : []));
    // The small one would fit beside the old one; it does not pass the one that was pre-empted.
    expect(ends).toEqual(["old", "small", "new"]);
  });

  it("gives memory that a pre-emption freed to nobody before the next step", () => {
    const engine = engineOf({ numGpuBlocks: 8, maxNumBatchedTokens: 8, maxModelLen: 32, prefixCaching: false });
    engine.submit(requestOf("old", { promptTokens: 8, outputTokens: 4 }), 0);
    engine.submit(requestOf("new", { promptTokens: 24, outputTokens: 1 }), 1);
    const events = drain(engine);
    // Steps: 8 of the old prompt; twice a token and 7 of the new prompt; then there is no room for 7 more.
    expect(told(events).filter((line) => line.startsWith("preempted"))).toEqual(["preempted new @34.2"]);
    expect(told(ofRequest(events, "old")).slice(2, 4)).toEqual(["token old 3 @34.2", "token old 4 @45.2"]);
  });

  it("computes less of a prompt whose beginning is in the cache", () => {
    const engine = engineOf();
    const blocks = Array.from({ length: 12 }, (_, i) => i + 1);
    engine.submit(requestOf("first", { promptTokens: 50, outputTokens: 1, blockHashes: blocks }), 0);
    expect(drain(engine)[0]?.atMs).toBe(15);
    engine.submit(requestOf("second", { promptTokens: 50, outputTokens: 1, blockHashes: blocks }), 100);
    const [token] = drain(engine);
    // 48 of 50 tokens are in 12 full blocks.
    expect(token).toMatchObject({ cachedTokens: 48, atMs: 110.2 });
    expect(engine.state().totals).toMatchObject({ prefixQueriedTokens: 100, prefixHitTokens: 48 });
  });

  it("always computes one token, also of a prompt that is cached as a whole", () => {
    const engine = engineOf();
    for (const [id, at] of [
      ["first", 0],
      ["second", 100],
    ] as const) {
      engine.submit(requestOf(id, { promptTokens: 8, outputTokens: 1, blockHashes: [1, 2] }), at);
      expect(drain(engine)[0]).toMatchObject({ cachedTokens: id === "first" ? 0 : 4 });
    }
  });

  it("caches generated tokens for the next turn", () => {
    const engine = engineOf();
    engine.submit(requestOf("turn", { promptTokens: 6, outputTokens: 7, blockHashes: [1, 2, 3] }), 0);
    drain(engine);
    engine.submit(requestOf("next", { promptTokens: 20, outputTokens: 1, blockHashes: [1, 2, 3, 4, 5] }), 1000);
    expect(drain(engine)[0]).toMatchObject({ cachedTokens: 12 });
  });

  it("caches nothing when told so", () => {
    const engine = engineOf({ prefixCaching: false });
    for (const [id, at] of [
      ["first", 0],
      ["second", 100],
    ] as const) {
      engine.submit(requestOf(id, { promptTokens: 8, blockHashes: [1, 2] }), at);
      drain(engine);
    }
    expect(engine.state()).toMatchObject({ cachedBlocks: 0, totals: { prefixHitTokens: 0, prefixQueriedTokens: 0 } });
  });
});

describe("adapters", () => {
  it("lets an adapter wait for a slot while others pass it", () => {
    const engine = engineOf({ loraLoadMs: 5 });
    engine.submit(requestOf("a", { adapter: "sql", outputTokens: 2 }), 0);
    engine.submit(requestOf("b", { adapter: "chat", outputTokens: 1 }), 0);
    engine.submit(requestOf("c", { outputTokens: 1 }), 0);
    engine.advance(0);
    expect(engine.state()).toMatchObject({ runningAdapters: ["sql"], waitingAdapters: ["chat"] });
    expect(told(drain(engine)).filter((line) => line.startsWith("token"))).toEqual([
      "token a 1 @17",
      "token c 1 @17",
      "token a 2 @28",
      "token b 1 @44",
    ]);
    expect(engine.state()).toMatchObject({ runningAdapters: [], waitingAdapters: [] });
  });
});

describe("hold", () => {
  it("stands still and then goes on, that much later", () => {
    const engine = engineOf();
    engine.submit(requestOf("a", { outputTokens: 2 }), 0);
    engine.advance(5);
    engine.hold(5);
    expect(engine.nextEventAtMs()).toBeUndefined();
    engine.submit(requestOf("b", { outputTokens: 1 }), 50);
    expect(engine.advance(100)).toEqual([]);
    engine.release(105);
    expect(told(drain(engine)).filter((line) => line.startsWith("token"))).toEqual([
      "token a 1 @111",
      "token a 2 @123",
      "token b 1 @123",
    ]);
  });

  it("still lets requests be cancelled", () => {
    const engine = engineOf();
    engine.hold(0);
    engine.submit(requestOf("a"), 1);
    engine.cancel("a", 2);
    expect(told(engine.advance(3))).toEqual(["finished a abort @2"]);
    engine.release(4);
    expect(engine.nextEventAtMs()).toBeUndefined();
  });
});
