import { pickerMetrics, poolMetrics, processMetrics } from "#metrics";
import { increase, maxBy, quantile, rate, sumBy } from "#promql";
import { answers, graph, stack, type Panel } from "./panel.ts";
import { quantileLines } from "./quantile-lines.ts";
import { value } from "./query.ts";
import { ofPicker, ofPool, scoped } from "./scope.ts";

const now = "$__rate_interval";

const scrapes = scoped(pickerMetrics.scrapeDurationSeconds, ofPool);

/** How good the picker's knowledge is: scrapes of model servers, files that it follows, names that it does not know. */
export const dataQualityPanels: readonly Panel[] = [
  graph({
    title: "Scrape time of model servers",
    description: answers(
      "Quantiles of the time of one scrape of one model server, failed ones included.",
      "A few milliseconds.",
      "Near the scrape interval: the model server's own loop is busy; its metrics are late.",
    ),
    unit: "seconds",
    width: 8,
    least: 0,
    queries: quantileLines((q) => quantile(q, scrapes, { window: now })),
  }),
  stack({
    title: "Failed scrapes by reason",
    description: answers(
      "Scrapes of model servers per second that brought no usable answer.",
      "None, except while model servers start or stop.",
      "The Endpoints dashboard names the endpoint; the picker's log has the message.",
    ),
    unit: "events/s",
    width: 8,
    queries: [
      value(sumBy(["reason"], rate(scoped(pickerMetrics.scrapeFailuresTotal, ofPool), now)), { by: ["reason"] }),
    ],
    runbook: ["AttainEndpointScrapeStale"],
  }),
  graph({
    title: "Snapshot age by picker",
    description: answers(
      "Age of the pool snapshot that requests are scheduled over.",
      "Below a second.",
      "Growing: the loop is blocked, or discovery and scrapes have stopped.",
    ),
    unit: "seconds",
    width: 8,
    least: 0,
    queries: [value(maxBy(["instance"], scoped(poolMetrics.snapshotAgeSeconds, ofPool)), { by: ["instance"] })],
    runbook: ["AttainPickerOverloaded"],
  }),
  graph({
    title: "Configuration reloads",
    description: answers(
      "Reloads of followed files that took effect, and that were refused.",
      "A reload on every pod after a change; none refused.",
      "Refused: what was loaded before stays in force. The log names file, line and key.",
    ),
    unit: "count",
    width: 8,
    least: 0,
    queries: [
      value(sumBy(["file"], increase(scoped(processMetrics.configurationReloadsTotal, ofPicker), now)), {
        by: ["file"],
        text: "taken",
      }),
      value(sumBy(["file"], increase(scoped(processMetrics.configurationReloadFailuresTotal, ofPicker), now)), {
        by: ["file"],
        text: "refused",
      }),
    ],
    runbook: ["AttainConfigInvalid"],
  }),
  graph({
    title: "Requests with unknown names",
    description: answers(
      "Requests per second of each picker that named an objective or a model that it does not know.",
      "None.",
      "On one picker only: its objects are behind the others', see its reloads. On all: a client is wrong.",
    ),
    unit: "requests/s",
    width: 8,
    least: 0,
    queries: [
      value(sumBy(["instance"], rate(scoped(pickerMetrics.unknownObjectiveRequestsTotal, ofPool), now)), {
        by: ["instance"],
        text: "objective",
      }),
      value(sumBy(["instance"], rate(scoped(pickerMetrics.unknownModelRequestsTotal, ofPool), now)), {
        by: ["instance"],
        text: "model",
      }),
    ],
    runbook: ["AttainUnknownObjective"],
  }),
  stack({
    title: "Trace spans",
    description: answers(
      "Spans of kept traces per second, by what became of them. Empty with tracing off.",
      "All exported.",
      "queue_full: keep fewer traces. export_failed: the collector is not reached.",
    ),
    unit: "events/s",
    width: 8,
    queries: [value(sumBy(["result"], rate(scoped(pickerMetrics.traceSpansTotal, ofPicker), now)), { by: ["result"] })],
  }),
];
