import { describe, expect, it } from "@jest/globals";
import { InFlightRequests } from "../../../../picker/flow/in-flight.ts";
import { VirtualClock } from "../../../scenario/flow/virtual-clock.ts";
import { endpointAt } from "../../../support/scheduling-cycle.ts";
import { requestOf } from "./queue/request-of.ts";

/** Records what the detector is taught. */
function followed(teaches?: boolean) {
  const clock = new VirtualClock();
  const taught: { readonly ratio: number; readonly sinceMs: number; readonly nowMs: number }[] = [];
  const inFlight = new InFlightRequests({
    now: clock.now,
    timers: { after: clock.after },
    detector: {
      observeLatency: (_, ratio, sinceMs, nowMs) => void taught.push({ ratio, sinceMs, nowMs }),
    },
  });
  const request = requestOf();
  const untold = (): never => {
    throw new Error("a request in flight is told nothing here");
  };
  const port = {
    place: untold,
    dispatched: untold,
    refuse: untold,
    evict: untold,
    ...(teaches === undefined ? {} : { teaches }),
  };
  const place = (targets: { readonly ttftMs: number | undefined; readonly tpotMs: number | undefined }) =>
    inFlight.placed(request, endpointAt(0), port, targets);
  return { clock, taught, inFlight, request, place };
}

describe("a request in flight", () => {
  it("teaches its time to the first token against its target", () => {
    const { clock, taught, inFlight, request, place } = followed();
    clock.runUntil(10);
    place({ ttftMs: 200, tpotMs: undefined });
    clock.runUntil(60);
    inFlight.firstToken(request, 60);
    inFlight.firstToken(request, 61);
    clock.runUntil(1000);
    expect(taught).toEqual([{ ratio: 0.25, sinceMs: 10, nowMs: 60 }]);
  });

  it("teaches that it is late when its target passes, and not again when its first token comes", () => {
    const { clock, taught, inFlight, request, place } = followed();
    place({ ttftMs: 200, tpotMs: undefined });
    clock.runUntil(199);
    expect(taught).toEqual([]);
    clock.runUntil(500);
    inFlight.firstToken(request, 500);
    expect(taught).toEqual([{ ratio: 1, sinceMs: 0, nowMs: 200 }]);
  });

  it("teaches nothing after its end", () => {
    const { clock, taught, inFlight, request, place } = followed();
    place({ ttftMs: 200, tpotMs: 10 });
    clock.runUntil(100);
    expect(inFlight.ended(request, undefined)).toBe(true);
    clock.runUntil(1000);
    inFlight.firstToken(request, 1000);
    expect(inFlight.ended(request, 5)).toBe(false);
    expect(taught).toEqual([]);
    expect(inFlight.size).toBe(0);
  });

  it("teaches its time per token at its end, from its first token on", () => {
    const { clock, taught, inFlight, request, place } = followed();
    place({ ttftMs: undefined, tpotMs: 20 });
    clock.runUntil(100);
    inFlight.firstToken(request, 100);
    clock.runUntil(400);
    inFlight.ended(request, 30);
    expect(taught).toEqual([{ ratio: 1.5, sinceMs: 100, nowMs: 400 }]);
  });

  it.each([
    ["no time per token was seen", true, undefined],
    ["no first token was seen", false, 30],
  ])("teaches no time per token where %s", (_, hasFirstToken, tpotMs) => {
    const { taught, inFlight, request, place } = followed();
    place({ ttftMs: undefined, tpotMs: 20 });
    if (hasFirstToken) inFlight.firstToken(request, 0);
    inFlight.ended(request, tpotMs);
    expect(taught).toEqual([]);
  });

  it("teaches nothing where what it is served with says nothing of its endpoint", () => {
    const { clock, taught, inFlight, request, place } = followed(false);
    place({ ttftMs: 200, tpotMs: 20 });
    clock.runUntil(300);
    inFlight.firstToken(request, 300);
    inFlight.ended(request, 30);
    expect(taught).toEqual([]);
  });
});

describe("the mean time to the first token", () => {
  it("is 0 where none was seen", () => expect(followed().inFlight.serviceMs).toBe(0));

  it("is the first one, and moves with those that follow", () => {
    const { clock, inFlight, request, place } = followed();
    for (const tookMs of [100, 300]) {
      const sinceMs = clock.now();
      place({ ttftMs: undefined, tpotMs: undefined });
      clock.runUntil(sinceMs + tookMs);
      inFlight.firstToken(request, clock.now());
      inFlight.ended(request, undefined);
    }
    expect(inFlight.serviceMs).toBeCloseTo(110);
  });
});
