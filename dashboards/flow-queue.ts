/** Panels of what waits, by priority band. */
import { flowMetrics } from "#metrics";
import { gte, maxBy, quantile, sumBy } from "#promql";
import { answers, graph, stack, type Panel } from "./panel.ts";
import { value } from "./query.ts";
import { ofObjective, ofPool, scoped } from "./scope.ts";

const wait = scoped(flowMetrics.waitSeconds, ofObjective);
const priority = { by: ["priority"] } as const;

export const waitPanel = graph({
  title: "Wait by outcome",
  description: answers(
    "Time in flow control until requests left it, at the chosen quantile, by objective and what became of them.",
    "Dispatched: 0 to a few milliseconds. Refused: absent, or short.",
    "Refused after long waits: shorten the time to live, so that clients learn sooner. Dispatched late: the pool is full.",
  ),
  unit: "seconds",
  width: 8,
  least: 0,
  queries: [
    value(gte(quantile("$quantile", wait, { window: "$__rate_interval", by: ["objective", "outcome"] }), 0), {
      by: ["objective", "outcome"],
    }),
  ],
  runbook: ["AttainQueueWaitHigh"],
});

export const queuedPanel = stack({
  title: "Waiting by priority",
  description: answers(
    "Requests that wait in flow control, by priority, all pickers together.",
    "None, or short peaks; under overload those of priorities below 0.",
    "A high priority that waits: load of that class alone is more than the pool serves, or its ceiling is low.",
  ),
  unit: "count",
  width: 8,
  queries: [value(sumBy(["priority"], scoped(flowMetrics.queueRequests, ofPool)), priority)],
  runbook: ["AttainQueueOld"],
});

export const queuePanels: readonly Panel[] = [
  graph({
    title: "Oldest by priority",
    description: answers(
      "How long the oldest request has waited, by priority; 0 where none waits.",
      "0, or seconds in bursts; up to the time to live for priorities below 0 under overload.",
      "A line that rises like a clock: nothing of this priority is dispatched. See its ceiling on the Pool dashboard.",
    ),
    unit: "seconds",
    width: 8,
    least: 0,
    queries: [value(maxBy(["priority"], scoped(flowMetrics.queueOldestAgeSeconds, ofPool)), priority)],
    runbook: ["AttainQueueOld"],
  }),
  stack({
    title: "Tokens that wait",
    description: answers(
      "Tokens that waiting requests are expected to cost, prompt and answer, by priority.",
      "None, or short peaks.",
      "Over the output tokens that the pool makes a second, this is how far behind it is: add endpoints where that is more than clients wait.",
    ),
    unit: "tokens",
    width: 8,
    queries: [value(sumBy(["priority"], scoped(flowMetrics.queueTokens, ofPool)), priority)],
  }),
  stack({
    title: "Bytes that wait",
    description: answers(
      "Size of the bodies of waiting requests, by priority; they are in the memory of the pickers.",
      "None, or far below the limit of the band (1 GB unless set).",
      "Near the limit: requests are refused as queue_full. Lower the limits where pickers run out of memory.",
    ),
    unit: "bytes",
    width: 8,
    queries: [value(sumBy(["priority"], scoped(flowMetrics.queueBytes, ofPool)), priority)],
  }),
];
