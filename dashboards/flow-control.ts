import { endpointMetrics, flowMetrics, objectiveMetrics, requestMetrics } from "#metrics";
import { bucketsOf, countOf, gte, increase, maxBy, mul, quantile, rate, ratio, sumBy, type Vector } from "#promql";
import { attention } from "./colour.ts";
import { endedIn, endedRate, refusedIn, refusedShare, threshold } from "./objective-query.ts";
import { queuePanels, queuedPanel, waitPanel } from "./flow-queue.ts";
import { refusalPanels } from "./flow-refusals.ts";
import { fairnessPanel, observePanel } from "./flow-shares.ts";
import { answers, graph, heatmap, stat, table, type Dashboard, type Panel } from "./panel.ts";
import { inFlightPanel, saturationStat } from "./pool-panels.ts";
import { tableOf, value } from "./query.ts";
import { ofObjective, ofPool, perObjective, scoped } from "./scope.ts";
import { aboveNone } from "./steps.ts";

const range = "$__range";
const now = "$__rate_interval";

const queue = scoped(requestMetrics.queueSeconds, ofObjective);
const waitIn = (window: typeof now | typeof range) =>
  gte(quantile("$quantile", queue, { window, by: perObjective }), 0);

const standing: readonly Panel[] = [
  stat({
    title: "Refused, of judged",
    description: answers(
      "Share of judged requests over the time range that the picker refused: shed, queue full, expired, no endpoint.",
      "0, or sheddable classes only.",
      "See which reason and which class below.",
    ),
    unit: "ratio",
    decimals: 2,
    queries: [value(ratio(sumBy([], refusedIn(range)), sumBy([], endedIn(range))), "refused")],
    steps: aboveNone(attention),
    runbook: ["AttainSheddingHigh"],
  }),
  stat({
    title: "Waiting now",
    description: answers(
      "Requests that wait in flow control, all pickers and priorities together.",
      "0, or a few in bursts.",
      "Growing: the pool is full. See which band waits, and the saturation of the endpoints.",
    ),
    unit: "count",
    queries: [value(sumBy([], scoped(flowMetrics.queueRequests, ofPool)), "waiting")],
    runbook: ["AttainQueueOld"],
  }),
  stat({
    title: "Oldest waiting",
    description: answers(
      "How long the oldest request that waits has waited, of any priority.",
      "0, or below a second.",
      "Long at a priority of at least 0: see the bands below. Long below 0: what is left for sheddable requests is little.",
    ),
    unit: "seconds",
    queries: [value(maxBy([], scoped(flowMetrics.queueOldestAgeSeconds, ofPool)), "oldest")],
    runbook: ["AttainQueueOld"],
  }),
  stat({
    title: "Wait, chosen quantile",
    description: answers(
      "Arrival to dispatch at the chosen quantile, all objectives together.",
      "A few milliseconds.",
      "Compare the wait with the TTFT thresholds below.",
    ),
    unit: "seconds",
    queries: [value(quantile("$quantile", queue, { window: now }), "wait")],
    runbook: ["AttainQueueWaitHigh"],
  }),
  saturationStat,
  stat({
    title: "Dispatched",
    description: answers(
      "Requests per second that were sent to an endpoint.",
      "Equal to the arrivals.",
      "Below the load: the rest is refused or waits.",
    ),
    unit: "requests/s",
    decimals: 1,
    queries: [value(sumBy([], rate(scoped(endpointMetrics.picksTotal, ofPool), now)), "dispatched")],
  }),
];

const waiting: readonly Panel[] = [
  heatmap({
    title: "Wait distribution",
    description: answers(
      "Arrival to dispatch of all requests: parsing, waiting, scheduling.",
      "One band at a few milliseconds or less.",
      "A second band far above is requests that wait for room, or a busy picker.",
    ),
    unit: "seconds",
    width: 8,
    queries: [value(sumBy(["le"], increase(bucketsOf(queue), now)), { by: ["le"] })],
    runbook: ["AttainQueueWaitHigh"],
  }),
  waitPanel,
  graph({
    title: "Wait as a share of the TTFT threshold",
    description: answers(
      "Wait at the chosen quantile over the objective's TTFT threshold; objectives without one are not shown.",
      "A few percent.",
      "Above 50 % the model server has less than half of the time that was promised: shed earlier or scale.",
    ),
    unit: "ratio",
    decimals: 1,
    width: 8,
    least: 0,
    queries: [value(ratio(waitIn(now), threshold("ttft")), { by: ["objective"] })],
    runbook: ["AttainQueueWaitHigh"],
  }),
  queuedPanel,
  inFlightPanel,
  graph({
    title: "Load and dispatch",
    description: answers(
      "Requests per second that ended with a verdict, and that were dispatched to an endpoint.",
      "The two lines lie on each other.",
      "Ended above dispatched: the gap is refused. Dispatched above ended for long: answers take longer and longer.",
    ),
    unit: "requests/s",
    width: 8,
    least: 0,
    queries: [
      value(sumBy([], endedRate(now, ["met", "missed", "excluded", "untargeted"])), "ended"),
      value(sumBy([], rate(scoped(endpointMetrics.picksTotal, ofPool), now)), "dispatched"),
    ],
  }),
];

const perClass = [...perObjective, "priority"] as const;
const priority = maxBy(perClass, scoped(objectiveMetrics.info, ofObjective));
const withPriority = (vector: Vector<(typeof perObjective)[number]>) =>
  mul(vector, priority, { on: perObjective, groupLeft: ["priority"] });

const classes = table({
  title: "Classes",
  description: answers(
    "Objectives with their priority over the time range: higher is served first, below 0 is sheddable.",
    "Refusals only where the priority is below 0.",
    "Refusals elsewhere: raise capacity, or lower the priority of what can wait.",
  ),
  unit: "requests/s",
  ...tableOf(
    [
      { label: "pool", title: "Pool" },
      { label: "objective", title: "Objective", leadsTo: { uid: "attain-objective-detail" } },
      { label: "priority", title: "Priority" },
    ],
    [
      {
        title: "In flight",
        vector: withPriority(sumBy(perObjective, scoped(requestMetrics.inFlight, ofObjective))),
        unit: "count",
      },
      {
        title: "Dispatched",
        vector: withPriority(sumBy(perObjective, rate(countOf(queue), range))),
        unit: "requests/s",
        decimals: 2,
      },
      {
        title: "Wait",
        vector: withPriority(waitIn(range)),
        unit: "seconds",
      },
      {
        title: "Refused share",
        vector: withPriority(refusedShare(range)),
        unit: "ratio",
        decimals: 2,
        steps: aboveNone(attention),
      },
    ],
  ),
});

/** Who waits, who is refused, and why? */
export const flowControl: Dashboard = {
  name: "flow-control",
  uid: "attain-flow",
  title: "Attain / Flow control",
  description: "Waiting and refusals by class and priority, beside the saturation that causes them.",
  variables: ["pool", "objective", "quantile"],
  from: "now-6h",
  rows: [
    { title: "Waiting", isCollapsed: false, panels: [...standing, ...waiting] },
    { title: "Queue", isCollapsed: true, panels: queuePanels },
    { title: "Refusals", isCollapsed: true, panels: refusalPanels },
    { title: "Classes", isCollapsed: true, panels: [classes, fairnessPanel, observePanel] },
  ],
};
