import type { Input, RuleCase } from "../promtool.ts";
import { gauge, type Phase } from "../samples.ts";

const step = "30s";
const held = (phases: readonly Phase[], instance = "a"): Input =>
  gauge(`attain_flow_held_requests{pool="p",instance="${instance}"}`, phases);
const expected = (seconds: number, instance = "a"): Input =>
  gauge(`attain_flow_expected_cold_start_seconds{pool="p",instance="${instance}"}`, [[200, seconds]]);
const heldForZero = "AttainHeldForZero warning";

/** Twice the expected start after nothing was held for the last time, and `for` is 2 minutes. */
export const heldForZeroCases: readonly RuleCase[] = [
  {
    name: "one request that waits at one picker of two, longer than two starts of 70 s",
    step,
    inputs: [
      held([
        [10, 0],
        [20, 1],
        [10, 0],
      ]),
      held([[40, 0]], "b"),
      expected(70),
      expected(35, "b"),
    ],
    checks: [
      { at: "8m30s", firing: [] },
      { at: "9m", firing: [heldForZero] },
      { at: "14m30s", firing: [heldForZero] },
      { at: "15m", firing: [] },
    ],
  },
  {
    name: "a picker that finds waiting requests when it starts, and holds none once in between",
    step,
    inputs: [
      held([
        [21, 1],
        [1, 0],
        [20, 1],
      ]),
      expected(60),
    ],
    checks: [
      { at: "1m30s", firing: [] },
      { at: "2m", firing: [heldForZero] },
      { at: "10m", firing: [heldForZero] },
      { at: "10m30s", firing: [] },
      { at: "14m", firing: [] },
      { at: "14m30s", firing: [heldForZero] },
    ],
  },
  {
    name: "a start that is expected to take 40 minutes",
    step: "1m",
    inputs: [
      held([
        [11, 0],
        [80, 4],
      ]),
      expected(2400),
    ],
    checks: [
      { at: "50m", firing: [] },
      { at: "72m", firing: [] },
      { at: "73m", firing: [heldForZero] },
    ],
  },
  {
    name: "starts that take as long as they are expected to",
    step,
    inputs: [
      held(
        Array.from({ length: 8 }, (): Phase[] => [
          [3, 0],
          [4, 5],
        ]).flat(),
      ),
      expected(120),
    ],
    checks: ["2m", "5m", "10m", "20m"].map((at) => ({ at, firing: [] })),
  },
];

const oldest = (priority: number, phases: readonly Phase[], instance = "a"): Input =>
  gauge(`attain_flow_queue_oldest_age_seconds{pool="p",priority="${priority}",instance="${instance}"}`, phases);
const old = "AttainQueueOld warning";

/** More than 30 s at each scrape of two minutes, and `for` is 5. */
export const queueOldCases: readonly RuleCase[] = [
  {
    name: "a band of priority 0 whose oldest is 35 s old, from minute 5 on",
    step,
    inputs: [
      oldest(2, [[50, 1]]),
      oldest(0, [
        [10, 2],
        [30, 35],
        [10, 3],
      ]),
      oldest(0, [[50, 0]], "b"),
      oldest(-1, [[50, 600]]),
      held([[50, 0]]),
    ],
    checks: [
      { at: "11m30s", firing: [] },
      { at: "12m", firing: [old] },
      { at: "19m30s", firing: [old] },
      { at: "20m", firing: [] },
    ],
  },
  {
    name: "a band whose oldest is 25 s old",
    step,
    inputs: [oldest(0, [[50, 25]]), held([[50, 0]])],
    checks: [{ at: "20m", firing: [] }],
  },
  {
    name: "requests that go once a minute, the oldest after 40 s",
    step,
    inputs: [
      {
        series: 'attain_flow_queue_oldest_age_seconds{pool="p",priority="0",instance="a"}',
        values: "10 40 ".repeat(25).trim(),
      },
      held([[50, 0]]),
    ],
    checks: [{ at: "20m", firing: [] }],
  },
  {
    name: "requests that are held for a pool without endpoints, at one picker of two",
    step,
    inputs: [oldest(0, [[50, 300]]), held([[50, 1]]), held([[50, 0]], "b")],
    checks: [{ at: "20m", firing: [] }],
  },
];
