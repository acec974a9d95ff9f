/** What the scenarios stand on. */
import { describe, expect, it } from "@jest/globals";
import { capacityPerSecond } from "./flow/capacity.ts";
import { chat } from "./flow/chat-and-batch.ts";
import { ModelServer } from "./flow/model-server.ts";
import { retryAfterWithin2x, type Probe } from "./flow/retry-after.ts";
import { engine } from "./flow/settings.ts";
import { play } from "./flow/traffic.ts";
import { VirtualClock } from "./flow/virtual-clock.ts";

describe("virtual clock", () => {
  it("runs timers by instant, then by age, without those that were cancelled", () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name}@${clock.now()}`);
    clock.after(20, note("late"));
    clock.after(10, note("first"));
    const cancel = clock.after(10, note("cancelled"));
    clock.after(10, () => clock.after(0, note("nested")));
    clock.after(10, note("second"));
    clock.after(31, note("beyond"));
    cancel();
    clock.runUntil(30);
    expect(seen).toEqual(["first@10", "second@10", "nested@10", "late@20"]);
    expect(clock.now()).toBe(30);
  });

  it("keeps the order of a thousand timers", () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    for (let i = 0; i < 1000; i++) clock.after((i * 7919) % 997, () => void seen.push(clock.now()));
    clock.runUntil(1000);
    expect(seen).toHaveLength(1000);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });
});

describe("traffic", () => {
  const arrivals = (spacing: "poisson" | "even", seed: number) => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    play(clock, { ...chat, perSecond: 20, spacing }, { fromMs: 1000, untilMs: 101_000, seed }, (sent) =>
      seen.push(`${clock.now()} ${sent.id} ${sent.promptTokens} ${sent.outputTokens}`),
    );
    clock.runUntil(200_000);
    return seen;
  };

  it("comes as often as it says", () => {
    expect(arrivals("even", 1)).toHaveLength(1999);
    expect(Math.abs(arrivals("poisson", 1).length - 2000)).toBeLessThan(150);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(arrivals("poisson", 1)).toEqual(arrivals("poisson", 1));
    expect(arrivals("poisson", 1)).not.toEqual(arrivals("poisson", 2));
  });
});

describe("model server", () => {
  it("serves one request after the other as fast as its steps are, and then rests", () => {
    const clock = new VirtualClock();
    const server = new ModelServer(clock, { ...engine, stepJitterRatio: 0 }, 1);
    const seen: string[] = [];
    const submit = (id: string): void =>
      server.submit({
        id,
        promptTokens: 10,
        outputTokens: 3,
        onFirstToken: () => void seen.push(`${id} first ${clock.now().toFixed(1)}`),
        onFinished: () => void seen.push(`${id} done ${clock.now().toFixed(1)}`),
      });
    submit("a");
    clock.after(100, () => submit("b"));
    clock.runUntil(1000);
    expect(seen).toEqual(["a first 18.8", "a done 56.8", "b first 118.8", "b done 156.8"]);
    expect(server.metrics(1000)).toMatchObject({ runningRequests: 0, waitingRequests: 0, observedAtMs: 1000 });
    expect(server.generatedTokens).toBe(6);
  });

  it("finishes fewer requests the longer they are", () => {
    const short = capacityPerSecond(engine, [chat]);
    const long = capacityPerSecond(engine, [{ ...chat, outputTokens: [64, 192] }]);
    expect(short).toBeGreaterThan(1.5 * long);
  });
});

describe("retry-after", () => {
  const served = (arrivedAtMs: number, source = "batch"): Probe => ({ source, arrivedAtMs, refused: undefined });
  const refused = (decidedAtMs: number, advisedSeconds: number): Probe => ({
    source: "batch",
    arrivedAtMs: decidedAtMs,
    refused: { decidedAtMs, advisedSeconds },
  });

  it.each<{ name: string; probes: readonly Probe[]; want: number | undefined }>([
    { name: "is unknown where nothing was refused", probes: [served(0)], want: undefined },
    { name: "is unknown where nothing came after it", probes: [served(0), refused(10, 1)], want: undefined },
    { name: "counts a second as the least", probes: [refused(0, 1), served(20)], want: 1 },
    { name: "allows twice as long", probes: [refused(0, 8), served(4000)], want: 1 },
    { name: "allows no longer", probes: [refused(0, 9), served(4000)], want: 0 },
    { name: "allows half as long", probes: [refused(0, 2), served(4000)], want: 1 },
    { name: "allows no shorter", probes: [refused(0, 1), served(4000)], want: 0 },
    { name: "asks requests of the same source", probes: [refused(0, 4), served(100, "chat"), served(4000)], want: 1 },
    { name: "is a share", probes: [refused(0, 1), refused(0, 9), served(1000)], want: 0.5 },
  ])("$name", ({ probes, want }) => expect(retryAfterWithin2x(probes)).toBe(want));
});
