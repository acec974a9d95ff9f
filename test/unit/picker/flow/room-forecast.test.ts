import { describe, expect, it } from "@jest/globals";
import { RoomForecast } from "../../../../picker/flow/room-forecast.ts";

/** One request of priority -1 goes each second, for 60 of them; one of priority 1 comes and goes in each, where it says so. */
function drained(minShare: number, hasHigher: boolean): RoomForecast {
  const forecast = new RoomForecast(minShare);
  const { drain } = forecast;
  for (let i = 0; i < 200; i++) drain.arrived(-1, 100, 0);
  drain.waiting(true, 0);
  for (let second = 1; second <= 60; second++) {
    const nowMs = second * 1000;
    if (hasHigher) drain.arrived(1, 100, nowMs - 500);
    drain.dispatched(hasHigher ? 1 : -1, 100, nowMs);
  }
  return forecast;
}

const tenAhead = { requests: 10, tokens: 1000 };
const nowMs = 60_000;

describe("the time until a request like this one is served in time", () => {
  it("is not known where nothing was seen to drain", () => {
    const forecast = new RoomForecast(0);
    expect(forecast.predict(0, tenAhead, 0).kind).toBe("unknown");
    expect(forecast.untilServableMs(0, tenAhead, undefined, 0)).toBeUndefined();
  });

  it.each([
    ["what the queue before it takes, where it may not wait", 0, 8000, 12_000],
    ["less by what it may wait", 5000, 3000, 7000],
    ["a turn of its own at the least", 60_000, 500, 2000],
    ["a turn of its own where it may wait without limit", undefined, 500, 2000],
  ])("is %s", (_, allowanceMs, least, most) => {
    const ms = drained(0, false).untilServableMs(-1, tenAhead, allowanceMs, nowMs);
    expect(ms).toBeGreaterThan(least);
    expect(ms).toBeLessThan(most);
  });

  it.each([
    ["infinite for a band that gets nothing", 0, -2, "infinite"],
    ["known for a sheddable band with a minimum share", 0.1, -2, "known"],
    ["infinite for a band that is not sheddable, whatever the minimum share", 0.1, 0, "infinite"],
  ])("is %s", (_, minShare, priority, kind) => {
    expect(drained(minShare, true).predict(priority, tenAhead, nowMs).kind).toBe(kind);
  });
});
