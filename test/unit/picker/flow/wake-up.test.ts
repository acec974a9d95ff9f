import { expect, it } from "@jest/globals";
import { WakeUp } from "../../../../picker/flow/wake-up.ts";
import { VirtualClock } from "../../../scenario/flow/virtual-clock.ts";

/** Wakes at these instants in this order of asking; when it woke. */
function wakesAt(...instants: readonly number[]): readonly number[] {
  const clock = new VirtualClock();
  const woke: number[] = [];
  const wake = new WakeUp({ after: clock.after }, clock.now, () => void woke.push(clock.now()));
  for (const atMs of instants) wake.at(atMs);
  clock.runUntil(1000);
  return woke;
}

it.each([
  ["once for one instant", [50], [50]],
  ["once for the earliest of several", [50, 20, 80], [20]],
  ["at once for an instant that is past", [-5], [0]],
])("wakes %s", (_, asked, woke) => expect(wakesAt(...asked)).toEqual(woke));

it("can be asked again from where it wakes", () => {
  const clock = new VirtualClock();
  const woke: number[] = [];
  const wake = new WakeUp({ after: clock.after }, clock.now, () => {
    woke.push(clock.now());
    if (woke.length < 3) wake.at(clock.now() + 10);
  });
  wake.at(10);
  clock.runUntil(1000);
  expect(woke).toEqual([10, 20, 30]);
});

it("can be stopped, and asked anew", () => {
  const clock = new VirtualClock();
  const woke: number[] = [];
  const wake = new WakeUp({ after: clock.after }, clock.now, () => void woke.push(clock.now()));
  wake.at(10);
  wake.stop();
  wake.at(30);
  clock.runUntil(1000);
  expect(woke).toEqual([30]);
});
