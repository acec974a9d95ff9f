import type { Check, Input, RuleCase } from "../promtool.ts";
import { counter, gauge } from "../samples.ts";

const step = "30s";
const queueWait = "AttainQueueWaitHigh warning";
const threshold = (dimension: string, value: number, instance = "a"): Input =>
  gauge(
    `attain_objective_threshold_seconds{pool="p",objective="chat",dimension="${dimension}",instance="${instance}"}`,
    [[60, value]],
  );
const queue = (count: number, meanSeconds: number, instance = "a"): readonly Input[] =>
  queuePhases([[59, count, meanSeconds]], instance);
/** So many steps with so many dispatched in each, and their mean wait. */
function queuePhases(phases: readonly (readonly [number, number, number])[], instance = "a"): readonly Input[] {
  const labels = `{pool="p",objective="chat",model="m",instance="${instance}"}`;
  return [
    counter(
      `attain_request_queue_seconds_count${labels}`,
      phases.map(([steps, count]) => [steps, count]),
    ),
    counter(
      `attain_request_queue_seconds_sum${labels}`,
      phases.map(([steps, count, mean]) => [steps, count * mean]),
    ),
  ];
}
const silent: readonly Check[] = [{ at: "25m", firing: [] }];
const fires: readonly Check[] = [{ at: "25m", firing: [queueWait] }];
const thresholds = [threshold("ttft", 0.5), threshold("ttft", 0.5, "b"), threshold("tpot", 0.01), threshold("e2e", 30)];
const queueCase = (name: string, inputs: readonly Input[], checks: readonly Check[]): RuleCase => ({
  name,
  step,
  inputs: [...thresholds, ...inputs],
  checks,
});

/** Half of 500 ms. `for` is 10 minutes from the second sample on. */
export const queueWaitCases: readonly RuleCase[] = [
  queueCase(
    "a mean of 260 ms at two pickers",
    [...queue(30, 0.26), ...queue(30, 0.26, "b")],
    [
      { at: "10m", firing: [] },
      { at: "10m30s", firing: [queueWait] },
    ],
  ),
  queueCase("a mean of 240 ms at two pickers", [...queue(30, 0.24), ...queue(30, 0.24, "b")], silent),
  queueCase("a slow picker with a tenth of the requests", [...queue(6, 1), ...queue(54, 0.1, "b")], silent),
  queueCase("six requests to two pickers in ten minutes", [...queue(0.15, 1), ...queue(0.15, 1, "b")], fires),
  queueCase("five requests in ten minutes", queue(0.25, 1), silent),
  queueCase(
    "a mean of 270 ms over ten minutes, of which five had no wait",
    queuePhases(
      Array.from(
        { length: 3 },
        () =>
          [
            [10, 60, 0.54],
            [10, 60, 0],
          ] as const,
      ).flat(),
    ),
    fires,
  ),
  queueCase(
    "a mean of 200 ms while the requests become four times as many",
    queuePhases([
      [20, 60, 0.2],
      [40, 240, 0.2],
    ]),
    [
      { at: "12m", firing: [] },
      { at: "25m", firing: [] },
    ],
  ),
  {
    name: "a picker that has loaded a tighter threshold before the other",
    step,
    inputs: [threshold("ttft", 0.5), threshold("ttft", 0.4, "b"), ...queue(60, 0.22)],
    checks: silent,
  },
  {
    name: "an objective without a threshold for the first token",
    step,
    inputs: [threshold("e2e", 1), ...queue(60, 20)],
    checks: [{ at: "25m", firing: [] }],
  },
];
