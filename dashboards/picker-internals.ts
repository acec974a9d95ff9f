import { pickerMetrics, processMetrics } from "#metrics";
import { bucketsOf, countOf, increase, maxBy, mul, quantile, rate, sub, sumBy, time, type Vector } from "#promql";
import { answers, graph, heatmap, stack, table, type Dashboard, type Panel } from "./panel.ts";
import { dataQualityPanels } from "./picker-data-quality.ts";
import { healthStats } from "./picker-health.ts";
import { decisions, loopDelay, memory, ofPickersOnly, startTime, streamsOpen } from "./picker-series.ts";
import { quantileLines } from "./quantile-lines.ts";
import { tableOf, value } from "./query.ts";
import { ofPicker, scoped } from "./scope.ts";

const range = "$__range";
const now = "$__rate_interval";

const decisionPanels: readonly Panel[] = [
  graph({
    title: "Decision time",
    description: answers(
      "Quantiles of the time from a whole request to its decision: parsing and scheduling; all pickers together.",
      "p50 in tenths of a millisecond, p99 below 2 ms.",
      "p99 alone: long prompts. All of them: CPU is short, add a replica.",
    ),
    unit: "seconds",
    width: 8,
    least: 0,
    queries: quantileLines((q) => quantile(q, decisions, { window: now })),
    runbook: ["AttainPickerOverloaded"],
  }),
  heatmap({
    title: "Decision time distribution",
    description: answers(
      "How many decisions fell into each bucket of time.",
      "One band below a millisecond.",
      "A second band is another kind of request, or a picker that is short of CPU.",
    ),
    unit: "seconds",
    width: 8,
    queries: [value(sumBy(["le"], increase(bucketsOf(decisions), now)), { by: ["le"] })],
  }),
  stack({
    title: "Decisions by picker",
    description: answers(
      "Decisions per second of each picker.",
      "Equal shares.",
      "One takes all: the gateway keeps one connection. One takes none: it is not ready, or not reached.",
    ),
    unit: "requests/s",
    width: 8,
    queries: [value(sumBy(["instance"], rate(countOf(decisions), now)), { by: ["instance"] })],
    runbook: ["AttainPickerDown"],
  }),
  stack({
    title: "Streams by their end",
    description: answers(
      "Ext-proc streams per second that ended, by how.",
      "Only ended and cancelled, a proxy's two normal ways to finish.",
      "reset: exchanges break, see Upstream errors. connection-lost: the proxy restarts. deadline: its gRPC time-out is short. aborted: the log says why.",
    ),
    unit: "events/s",
    width: 8,
    queries: [value(sumBy(["result"], rate(scoped(pickerMetrics.streamsTotal, ofPicker), now)), { by: ["result"] })],
  }),
  graph({
    title: "Open streams by picker",
    description: answers(
      "Open ext-proc streams of each picker.",
      "Follows the requests in flight.",
      "Grows without traffic: a proxy does not end its streams.",
    ),
    unit: "count",
    width: 8,
    least: 0,
    queries: [value(sumBy(["instance"], streamsOpen), { by: ["instance"] })],
  }),
  graph({
    title: "Malformed messages",
    description: answers(
      "Ext-proc messages per second that could not be read; each ended its own stream.",
      "None.",
      "Any: what speaks to the port is no ext-proc client, or a proxy of a kind that is not known yet. The log says where it broke.",
    ),
    unit: "events/s",
    width: 8,
    least: 0,
    queries: [
      value(sumBy(["instance"], rate(scoped(pickerMetrics.malformedMessagesTotal, ofPicker), now)), {
        by: ["instance"],
      }),
    ],
  }),
];

const processPanels: readonly Panel[] = [
  graph({
    title: "CPU",
    description: answers(
      "CPU that each picker uses, in cores.",
      "Well below 1: one thread decides.",
      "Near 1: add a replica.",
    ),
    unit: "cores",
    decimals: 2,
    width: 8,
    least: 0,
    queries: [value(ofPickersOnly(rate(scoped(processMetrics.cpuSecondsTotal, ofPicker), now)), { by: ["instance"] })],
    runbook: ["AttainPickerOverloaded"],
  }),
  graph({
    title: "Memory",
    description: answers(
      "Resident memory of each picker.",
      "Flat after the first hour.",
      "Grows for days: keep its log and report it.",
    ),
    unit: "bytes",
    width: 8,
    least: 0,
    queries: [value(memory, { by: ["instance"] })],
  }),
  graph({
    title: "Event loop delay by picker",
    description: answers(
      "Longest delay of the event loop between two scrapes.",
      "Below 20 ms.",
      "Spikes: very long prompts or a slow scrape. Always high: CPU is short.",
    ),
    unit: "seconds",
    width: 8,
    least: 0,
    queries: [value(maxBy(["instance"], loopDelay), { by: ["instance"] })],
    runbook: ["AttainPickerOverloaded"],
  }),
];

const perBuild = ["instance", "version", "commit"] as const;
const withBuild = (vector: Vector<"instance">): Vector<(typeof perBuild)[number]> =>
  mul(maxBy(["instance"], vector), maxBy(perBuild, scoped(processMetrics.buildInfo, ofPicker)), {
    on: ["instance"],
    groupLeft: ["version", "commit"],
  });

const build = table({
  title: "Versions",
  description: answers(
    "Version and commit of each picker, when it started, and its memory.",
    "One version, except during a deployment.",
    "Two versions for long: a deployment is stuck.",
  ),
  unit: "seconds",
  ...tableOf(
    [
      { label: "instance", title: "Picker" },
      { label: "version", title: "Version" },
      { label: "commit", title: "Commit" },
    ],
    [
      { title: "Up for", vector: withBuild(sub(time(), startTime)), unit: "seconds" },
      { title: "Memory", vector: withBuild(memory), unit: "bytes", decimals: 0 },
      {
        title: "Decisions",
        vector: withBuild(sumBy(["instance"], rate(countOf(decisions), range))),
        unit: "requests/s",
        decimals: 1,
      },
    ],
  ),
});

/** Is the picker itself well? */
export const pickerInternals: Dashboard = {
  name: "picker-internals",
  uid: "attain-picker",
  title: "Attain / Picker",
  description: "The Endpoint Picker itself: decisions, streams, CPU, memory, scrapes, configuration.",
  variables: ["pool", "instance"],
  from: "now-3h",
  rows: [
    { title: "Health", isCollapsed: false, panels: [...healthStats, ...decisionPanels] },
    { title: "Process", isCollapsed: true, panels: processPanels },
    { title: "Data and configuration", isCollapsed: true, panels: dataQualityPanels },
    { title: "Build", isCollapsed: true, panels: [build] },
  ],
};
