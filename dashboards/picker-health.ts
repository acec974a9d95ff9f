import { countBy, countOf, maxBy, minBy, quantile, rate, sub, sumBy, time } from "#promql";
import { attention, neutral } from "./colour.ts";
import { answers, stat, type Panel } from "./panel.ts";
import { decisions, loopDelay, startTime, streamsOpen } from "./picker-series.ts";
import { value } from "./query.ts";
import type { Step } from "./step.ts";

const now = "$__rate_interval";

const slow = (limit: number): readonly Step[] => [
  { from: undefined, colour: neutral },
  { from: limit, colour: attention },
];

/** How the pickers are, in six numbers. */
export const healthStats: readonly Panel[] = [
  stat({
    title: "Pickers",
    description: answers(
      "Pickers that Prometheus scrapes.",
      "As many as the deployment has replicas.",
      "Fewer: a replica is down or its scrape fails.",
    ),
    unit: "count",
    queries: [value(countBy([], streamsOpen), "pickers")],
    runbook: ["AttainPickerDown"],
  }),
  stat({
    title: "Decisions",
    description: answers(
      "Requests per second that were parsed and scheduled, all pickers together.",
      "The load.",
      "0 with traffic: the gateway does not reach the picker.",
    ),
    unit: "requests/s",
    decimals: 1,
    queries: [value(sumBy([], rate(countOf(decisions), now)), "decisions")],
  }),
  stat({
    title: "Decision p99",
    description: answers(
      "99th percentile of the time from a whole request to its decision.",
      "Below 2 ms.",
      "Above 10 ms: the picker is overloaded, or prompts are very long. Add a replica.",
    ),
    unit: "seconds",
    queries: [value(quantile(0.99, decisions, { window: now }), "p99")],
    steps: slow(0.01),
    runbook: ["AttainPickerOverloaded"],
  }),
  stat({
    title: "Event loop delay",
    description: answers(
      "Longest delay of the event loop since the scrape before, of the slowest picker.",
      "Below 20 ms.",
      "Above 50 ms every request waits that long at times: see CPU and decision time.",
    ),
    unit: "seconds",
    queries: [value(maxBy([], loopDelay), "longest")],
    steps: slow(0.05),
    runbook: ["AttainPickerOverloaded"],
  }),
  stat({
    title: "Open streams",
    description: answers(
      "Open ext-proc streams: one a request in flight.",
      "Follows the requests in flight.",
      "Far above the requests in flight: a proxy does not end its streams.",
    ),
    unit: "count",
    queries: [value(sumBy([], streamsOpen), "open")],
  }),
  stat({
    title: "Youngest picker",
    description: answers(
      "Time since the last start of a picker.",
      "Days.",
      "Minutes without a deployment: it crashed. Read its last log lines.",
    ),
    unit: "seconds",
    queries: [value(minBy([], sub(time(), startTime)), "youngest")],
    runbook: ["AttainPickerDown"],
  }),
];
