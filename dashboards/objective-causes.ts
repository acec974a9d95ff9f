import { objectiveMetrics, recordedSeries, requestMetrics } from "#metrics";
import { clampMin, countOf, quantile, rate, ratio, sub, sumBy, sumOf, type Selector } from "#promql";
import { dimensionColours, verdictColours } from "./colour.ts";
import { target } from "./objective-query.ts";
import { answers, graph, stack, type Panel } from "./panel.ts";
import { quantileLines } from "./quantile-lines.ts";
import { bound, value } from "./query.ts";
import { ofObjective, recordedOf, scoped } from "./scope.ts";

const now = "$__rate_interval";

const meanOf = <L extends string>(histogram: Selector<"histogram", L>) =>
  ratio(sumBy([], rate(sumOf(histogram), now)), sumBy([], rate(countOf(histogram), now)));
const queue = scoped(requestMetrics.queueSeconds, ofObjective);
const ttft = scoped(requestMetrics.ttftSeconds, ofObjective);
const duration = scoped(requestMetrics.durationSeconds, ofObjective);

/** Where to look when an objective is missed. */
export const causePanels: readonly Panel[] = [
  stack({
    title: "Where the time goes",
    description: answers(
      "Mean time of a request in its parts: in the picker until dispatch, then until the first token (the model server's queue and prefill), then until the end (decode). Means of streamed answers; others have no first token and blur it.",
      "Decode is the largest part by far; the picker's part cannot be seen.",
      "The picker's part is large: open Flow control. First token: too little prefill capacity or cold caches. Decode: batches are too large.",
    ),
    unit: "seconds",
    queries: [
      value(meanOf(queue), "picker", { colour: "#b877d9" }),
      value(clampMin(sub(meanOf(ttft), meanOf(queue)), 0), "to first token", { colour: dimensionColours.ttft }),
      value(clampMin(sub(meanOf(duration), meanOf(ttft)), 0), "decode", { colour: dimensionColours.tpot }),
    ],
    runbook: ["AttainQueueWaitHigh"],
  }),
  graph({
    title: "Burn rate by window",
    description: answers(
      "Burn rate over each window of the alerts; at 1 the budget lasts exactly for the period, and 0 is not drawn. Needs the recording rules.",
      "All below 1.",
      "An alert needs its short and its long window above the same factor: short windows alone are a spike that ended or has just begun.",
    ),
    unit: "times",
    scale: "log",
    queries: [value(sumBy(["window"], scoped(recordedSeries.burnRate, recordedOf)), { by: ["window"] })],
    runbook: ["AttainErrorBudgetBurn"],
  }),
  graph({
    title: "Misses as a share, by window",
    description: answers(
      "Missed requests as a share of judged ones over each window of the recording rules.",
      "All below the error budget, which is 1 minus the target.",
      "Windows that have grown apart show when it began: the shortest window that is high is its age.",
    ),
    unit: "ratio",
    decimals: 2,
    least: 0,
    queries: [
      value(sumBy(["window"], scoped(recordedSeries.missedRatio, recordedOf)), { by: ["window"] }),
      bound(sub(1, target()), "error budget"),
    ],
    runbook: ["AttainErrorBudgetBurn"],
  }),
  graph({
    title: "Wait in the picker",
    description: answers(
      "Arrival to dispatch: parsing, waiting, scheduling.",
      "A few milliseconds.",
      "It is part of TTFT. High: the picker is busy (Picker dashboard) or requests wait for room (Flow control).",
    ),
    unit: "seconds",
    least: 0,
    queries: quantileLines((q) => quantile(q, queue, { window: now })),
    runbook: ["AttainQueueWaitHigh"],
  }),
  stack({
    title: "Output tokens by verdict",
    description: answers(
      "Output tokens per second of ended requests, by the verdict of their request.",
      "Green: work that counted.",
      "Red is capacity spent on requests that missed all the same: shed earlier, or scale.",
    ),
    unit: "tokens/s",
    queries: [
      value(sumBy(["verdict"], rate(scoped(objectiveMetrics.outputTokensTotal, ofObjective), now)), {
        by: ["verdict"],
      }),
    ],
    colours: verdictColours,
  }),
  graph({
    title: "Upstream errors by model",
    description: answers(
      "Requests per second whose answer was a server error, was cut off, or said that it failed.",
      "None.",
      "Each is a miss. Find the endpoint on the Endpoints dashboard and read its log.",
    ),
    unit: "requests/s",
    least: 0,
    queries: [
      value(sumBy(["model"], rate(scoped(requestMetrics.upstreamErrorsTotal, ofObjective), now)), { by: ["model"] }),
    ],
    runbook: ["AttainErrorBudgetBurn"],
  }),
];
