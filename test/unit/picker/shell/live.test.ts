import { describe, expect, it } from "@jest/globals";
import type { EventClient } from "#shell";
import { openLive, type LiveEvent } from "../../../../picker/shell/live.ts";
import type { Pool } from "../../../../picker/shell/pool.ts";
import { flowStatusOf } from "../../../support/flow-status.ts";
import { livePicker, livePool } from "../../../support/live-picker.ts";
import { ManualTime } from "../../src/shell/manual-timers.ts";

function setUp() {
  const time = new ManualTime();
  const picker = livePicker();
  let snapshots = 0;
  const pool = {
    ledger: picker.ledger,
    snapshot: () => (snapshots++, picker.snapshot),
  } as unknown as Pool;
  const live = openLive(
    { pool: livePool, staleAfterMs: 2000, version: "1", clock: time },
    {
      registry: picker.registry,
      pool,
      objectives: { current: () => picker.table, onChange: () => {}, stop: () => {} },
      decisions: picker.log,
      flow: () => flowStatusOf({}),
      timers: time,
    },
  );
  return { time, picker, live, snapshotsRead: () => snapshots };
}

class Listener implements EventClient {
  readonly events: LiveEvent[] = [];
  #gone = (): void => {};

  send(data: string): boolean {
    this.events.push(JSON.parse(data) as LiveEvent);
    return true;
  }

  onGone(run: () => void): void {
    this.#gone = run;
  }

  leave(): void {
    this.#gone();
  }

  get decisions(): readonly (readonly string[])[] {
    return this.events.map(({ decisions }) => decisions.map(({ id }) => id));
  }
}

describe("openLive", () => {
  it("tells a client at once, and then each second", () => {
    const { live, time } = setUp();
    const listener = new Listener();
    expect(live.route.open(listener)).toBe(true);
    expect(listener.events).toHaveLength(1);
    time.advance(3000);
    expect(listener.events.map(({ takenAtWallMs }) => takenAtWallMs)).toEqual([0, 1000, 2000, 3000]);
  });

  it("brings every kept decision first, and then those that are new", () => {
    const { live, time, picker } = setUp();
    picker.respond("before", 0, 100);
    time.advance(500);
    const listener = new Listener();
    live.route.open(listener);
    picker.respond("new", 500, 100);
    time.advance(2000);
    expect(listener.decisions).toEqual([["before"], ["new"], []]);
  });

  it("makes one snapshot for all who watch, and none while nobody does", () => {
    const { live, time, snapshotsRead } = setUp();
    const readIn = (ms: number): number => {
      const before = snapshotsRead();
      time.advance(ms);
      return snapshotsRead() - before;
    };
    expect(readIn(4000)).toBe(0);
    const listeners = Array.from({ length: 10 }, () => new Listener());
    for (const listener of listeners) live.route.open(listener);
    expect(readIn(1000)).toBe(1 + 1);
    expect(readIn(2000)).toBe(2);
    expect(new Set(listeners.map(({ events }) => JSON.stringify(events.at(-1)))).size).toBe(1);
    for (const listener of listeners) listener.leave();
    expect(readIn(1000)).toBe(0);
  });

  it("gives a client who comes later the decisions of the tick before as well", () => {
    const { live, time, picker } = setUp();
    live.route.open(new Listener());
    picker.respond("a", 0, 100);
    time.advance(1000);
    const late = new Listener();
    live.route.open(late);
    time.advance(1000);
    expect(late.decisions).toEqual([["a"], []]);
  });

  it("turns away a client beyond its bound, until one leaves", () => {
    const { live } = setUp();
    const listeners = Array.from({ length: 32 }, () => new Listener());
    for (const listener of listeners) expect(live.route.open(listener)).toBe(true);
    const other = new Listener();
    expect(live.route.open(other)).toBe(false);
    expect(other.events).toEqual([]);
    listeners[0]!.leave();
    expect(live.route.open(other)).toBe(true);
  });

  it("has a past to show to the first who opens it", () => {
    const { live, time, picker } = setUp();
    picker.respond("a", 0, 900);
    time.advance(60_000);
    const listener = new Listener();
    live.route.open(listener);
    const [chat] = listener.events[0]!.objectives;
    expect(chat).toMatchObject({ name: "chat", missed: 1, windows: [{ coveredSeconds: 60, missed: 1 }, {}] });
    expect(chat!.steps.missed).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("leaves no timer when it is stopped", () => {
    const { live, time } = setUp();
    live.route.open(new Listener());
    time.advance(7000);
    live.stop();
    expect(time.pending).toBe(0);
  });
});
