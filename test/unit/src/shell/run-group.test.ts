import { describe, expect, it } from "@jest/globals";
import { createLogger, RunGroup, StopTimeoutError, type ProcessHooks, type RunPart } from "#shell";
import { ManualTime } from "./manual-timers.ts";

const log = createLogger({ level: "silent", destination: { write: () => undefined } });
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function harness() {
  const time = new ManualTime();
  const events: string[] = [];
  const exits: number[] = [];
  let signal: ((name: "SIGTERM" | "SIGINT") => void) | undefined;
  const process: ProcessHooks = {
    onSignal: (run) => {
      signal = run;
      return () => (signal = undefined);
    },
    exit: (code) => exits.push(code),
  };
  const group = new RunGroup({ log, graceMs: 1000, timers: time, process });
  const part = (name: string, own: Partial<RunPart> = {}): void =>
    group.add({
      name,
      start: async (fail) => {
        events.push(`start ${name}`);
        await own.start?.(fail);
      },
      stop: async () => {
        events.push(`stop ${name}`);
        await own.stop?.();
      },
    });
  return {
    group,
    part,
    events,
    exits,
    time,
    signal: (name: "SIGTERM" | "SIGINT") => signal?.(name),
    listens: () => signal !== undefined,
  };
}

describe("RunGroup", () => {
  it("starts in order and stops in reverse on a signal", async () => {
    const { group, part, events, signal, listens, time } = harness();
    for (const name of ["a", "b", "c"]) part(name);
    const running = group.run();
    await settle();
    expect(events).toEqual(["start a", "start b", "start c"]);
    signal("SIGTERM");
    await running;
    expect(events.slice(3)).toEqual(["stop c", "stop b", "stop a"]);
    expect(listens()).toBe(false);
    expect(time.pending).toBe(0);
  });

  it("stops what was started when a start fails, with that error", async () => {
    const { group, part, events } = harness();
    part("a");
    part("b", { start: () => Promise.reject(new Error("port taken")) });
    part("c");
    await expect(group.run()).rejects.toThrow("port taken");
    expect(events).toEqual(["start a", "start b", "stop a"]);
  });

  it("stops everything with the first error of a part that fails later", async () => {
    const { group, part, events } = harness();
    let failA: ((error: Error) => void) | undefined;
    part("a", { start: (fail) => void (failA = fail) });
    part("b");
    const running = group.run();
    await settle();
    failA?.(new Error("first"));
    failA?.(new Error("second"));
    await expect(running).rejects.toThrow("first");
    expect(events.slice(2)).toEqual(["stop b", "stop a"]);
  });

  it("ends a start that hangs, and does not start the rest", async () => {
    const { group, part, events, signal } = harness();
    part("a");
    part("b", { start: () => new Promise(() => undefined) });
    part("c");
    const running = group.run();
    await settle();
    signal("SIGINT");
    await running;
    expect(events).toEqual(["start a", "start b", "stop b", "stop a"]);
  });

  it("exits at once on a second signal", async () => {
    const { group, part, exits, signal } = harness();
    part("a", { stop: () => new Promise(() => undefined) });
    void group.run();
    await settle();
    signal("SIGTERM");
    expect(exits).toEqual([]);
    signal("SIGINT");
    expect(exits).toEqual([130]);
  });

  it("gives all parts together the time to stop, and names the one that needed more", async () => {
    const { group, part, events, time } = harness();
    part("a");
    part("b", { stop: () => new Promise(() => undefined) });
    const running = group.run();
    await settle();
    group.stop();
    await settle();
    expect(events).not.toContain("stop a");
    time.advance(1000);
    const error: unknown = await running.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StopTimeoutError);
    expect((error as StopTimeoutError).data).toEqual({ code: "STOP_TIMEOUT", part: "b" });
    expect(events).toContain("stop a");
  });

  it("stops the others when one fails to stop", async () => {
    const { group, part, events } = harness();
    part("a");
    part("b", { stop: () => Promise.reject(new Error("cannot")) });
    const running = group.run();
    await settle();
    group.stop();
    await running;
    expect(events).toContain("stop a");
  });
});
