import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { defaultConfiguration } from "../../../../../picker/configuration/load.ts";
import { headerMs } from "../../../../../picker/flow/deadline/header-ms.ts";
import {
  expiryOf,
  latestDispatchAtMs,
  timeLimits,
  ttlEndsAtMs,
  type LimitsAsk,
  type Regime,
  type TimeLimits,
} from "../../../../../picker/flow/deadline/time-limits.ts";
import type { FlowSettings } from "../../../../../picker/flow/settings.ts";

const { flow } = defaultConfiguration();
const settingsWith = (part: {
  ttl?: Partial<FlowSettings["ttl"]>;
  late?: Partial<FlowSettings["late"]>;
}): FlowSettings => ({
  ...flow,
  ttl: { ...flow.ttl, ...part.ttl },
  late: { ...flow.late, ...part.late },
});

const askWith = (part: Partial<LimitsAsk> = {}): LimitsAsk => ({
  objective: "chat",
  priority: 0,
  arrivedAtMs: 1000,
  ttftTargetMs: undefined,
  ttlHeader: undefined,
  ttftHeader: undefined,
  ...part,
});

describe("milliseconds of a header", () => {
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ["", undefined],
    ["250", 250],
    [" 250 ", 250],
    ["0", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    ["soon", undefined],
    ["9".repeat(16), undefined],
  ])("reads %j as %j", (text, want) => expect(headerMs(text)).toBe(want));
});

describe("limits of a request", () => {
  it.each<{ name: string; ask: Partial<LimitsAsk>; settings?: FlowSettings; want: Partial<TimeLimits> }>([
    { name: "the band's TTL", ask: {}, want: { ttlMs: 60_000, headerTtlMs: undefined, deadlineAtMs: undefined } },
    {
      name: "a band without TTL",
      ask: { priority: 7 },
      settings: settingsWith({ ttl: { ofBandMs: new Map([[7, undefined]]) } }),
      want: { ttlMs: undefined },
    },
    {
      name: "the TTL of sheddable bands",
      ask: { priority: -3 },
      settings: settingsWith({ ttl: { dynamicNegativeMs: 5000 } }),
      want: { ttlMs: 5000, late: "shed" },
    },
    { name: "a header", ask: { ttlHeader: "700" }, want: { ttlMs: 60_000, headerTtlMs: 700 } },
    { name: "a target", ask: { ttftTargetMs: 300 }, want: { deadlineAtMs: 1300, late: "serve", ttlMs: 60_000 } },
    { name: "a tighter header", ask: { ttftTargetMs: 300, ttftHeader: "200" }, want: { deadlineAtMs: 1200 } },
    { name: "a looser header", ask: { ttftTargetMs: 300, ttftHeader: "900" }, want: { deadlineAtMs: 1300 } },
    { name: "a header alone", ask: { ttftHeader: "900" }, want: { deadlineAtMs: 1900 } },
    {
      name: "a multiple of the target",
      ask: { ttftTargetMs: 300 },
      settings: settingsWith({ ttl: { perTtft: 4 } }),
      want: { ttlMs: 1200 },
    },
    {
      name: "a policy of its objective's own",
      ask: { priority: -1 },
      settings: settingsWith({ late: { byObjective: new Map([["chat", "demote"]]) } }),
      want: { late: "demote" },
    },
  ])("follow $name", ({ ask, settings, want }) =>
    expect(timeLimits(settings ?? flow, askWith(ask))).toMatchObject(want),
  );
});

const limits: TimeLimits = {
  arrivedAtMs: 1000,
  ttlMs: 10_000,
  headerTtlMs: undefined,
  deadlineAtMs: 1500,
  late: "shed",
};
const withEndpoints: Regime = { isPoolEmpty: false, sinceMs: 0, holdMs: 60_000 };
const empty: Regime = { isPoolEmpty: true, sinceMs: 0, holdMs: 60_000 };

describe("expiry", () => {
  it.each<{
    name: string;
    limits: Partial<TimeLimits>;
    regime: Regime;
    serviceMs: number;
    atMs: number | undefined;
    isLate: boolean;
  }>([
    {
      name: "when it can no longer be in time",
      limits: {},
      regime: withEndpoints,
      serviceMs: 0,
      atMs: 1500,
      isLate: true,
    },
    {
      name: "with the time to its first token",
      limits: {},
      regime: withEndpoints,
      serviceMs: 200,
      atMs: 1300,
      isLate: true,
    },
    {
      name: "at the TTL where late is served",
      limits: { late: "serve" },
      regime: withEndpoints,
      serviceMs: 0,
      atMs: 11_000,
      isLate: false,
    },
    {
      name: "at the TTL where that is earlier",
      limits: { ttlMs: 100 },
      regime: withEndpoints,
      serviceMs: 0,
      atMs: 1100,
      isLate: false,
    },
    {
      name: "at the header's TTL",
      limits: { late: "serve", headerTtlMs: 50 },
      regime: withEndpoints,
      serviceMs: 0,
      atMs: 1050,
      isLate: false,
    },
    {
      name: "at the hold budget without endpoints",
      limits: {},
      regime: empty,
      serviceMs: 0,
      atMs: 61_000,
      isLate: false,
    },
    {
      name: "never",
      limits: { late: "serve", ttlMs: undefined },
      regime: withEndpoints,
      serviceMs: 0,
      atMs: undefined,
      isLate: false,
    },
    {
      name: "anew since the pool has endpoints",
      limits: { late: "serve" },
      regime: { ...withEndpoints, sinceMs: 5000 },
      serviceMs: 0,
      atMs: 15_000,
      isLate: false,
    },
    {
      name: "with the time held given back",
      limits: {},
      regime: { ...withEndpoints, sinceMs: 5000 },
      serviceMs: 0,
      atMs: 5500,
      isLate: true,
    },
  ])("is $name", ({ limits: part, regime, serviceMs, atMs, isLate }) =>
    expect(expiryOf({ ...limits, ...part }, regime, serviceMs)).toEqual({ atMs, isLate }),
  );

  it("is the earlier of both limits, whatever they are", () => {
    const ms = fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined });
    const any = fc.record({
      arrivedAtMs: fc.nat(10_000),
      ttlMs: ms,
      headerTtlMs: ms,
      deadlineAtMs: ms,
      late: fc.constantFrom("shed" as const, "serve" as const),
    });
    const regimes = fc.record({ isPoolEmpty: fc.boolean(), sinceMs: fc.nat(10_000), holdMs: ms });
    fc.assert(
      fc.property(any, regimes, fc.nat(500), (one, regime, serviceMs) => {
        const late = one.late === "serve" ? undefined : latestDispatchAtMs(one, regime, serviceMs);
        const ends = [late, ttlEndsAtMs(one, regime)].filter((end) => end !== undefined);
        expect(expiryOf(one, regime, serviceMs).atMs).toBe(ends.length === 0 ? undefined : Math.min(...ends));
      }),
    );
  });
});
