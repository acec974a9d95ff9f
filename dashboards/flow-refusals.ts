import { flowMetrics, objectiveMetrics, pickerMetrics } from "#metrics";
import { rate, sumBy } from "#promql";
import { reasonColours, verdictColours } from "./colour.ts";
import { refusalReasons, refusedShare } from "./objective-query.ts";
import { answers, graph, stack, type Panel } from "./panel.ts";
import { value } from "./query.ts";
import { ofObjective, ofPool, scoped } from "./scope.ts";

const now = "$__rate_interval";
const refusals = scoped(pickerMetrics.refusalsTotal, ofPool);
const unserved = scoped(flowMetrics.outcomesTotal, { ...ofObjective, outcome: { not: "dispatched" } });
const displaced = scoped(flowMetrics.outcomesTotal, { ...ofObjective, outcome: "displaced" });

/** What the picker answered itself, and what no ratio counts. */
export const refusalPanels: readonly Panel[] = [
  stack({
    title: "Refusals by code",
    description: answers(
      "Requests per second that the picker answered itself, by HTTP status.",
      "None, or a few 400 of broken clients.",
      "429: shed or queue full. 503: no endpoint, or shutting down. 413: a body too large. 400: not what the API asks for.",
    ),
    unit: "requests/s",
    width: 8,
    queries: [value(sumBy(["code"], rate(refusals, now)), { by: ["code"] })],
  }),
  stack({
    title: "Refusals by reason",
    description: answers(
      "Refused requests per second that count as missed, by reason.",
      "None.",
      "shed and queue_full: overload. ttl_expired: waited too long. no_endpoints: nothing to send to. shutting_down: a picker is replaced.",
    ),
    unit: "requests/s",
    width: 8,
    queries: [
      value(
        sumBy(["reason"], rate(scoped(objectiveMetrics.missedTotal, { ...ofObjective, reason: refusalReasons }), now)),
        { by: ["reason"] },
      ),
    ],
    colours: reasonColours,
    runbook: ["AttainSheddingHigh", "AttainPoolNoEndpoints"],
  }),
  stack({
    title: "Left flow control unserved",
    description: answers(
      "Requests per second that left flow control without an endpoint, by outcome.",
      "None; under overload those of sheddable classes.",
      "saturated, infeasible, late: shed. queue_full, displaced, ttl_expired: no room for what waits. client_gone: nobody waited any more. filtered_out: see the filters. no_band: too many priorities.",
    ),
    unit: "requests/s",
    width: 8,
    queries: [value(sumBy(["outcome"], rate(unserved, now)), { by: ["outcome"] })],
    runbook: ["AttainImportantRefused"],
  }),
  graph({
    title: "Gave way",
    description: answers(
      "Requests per second that gave way: displaced in the queue by one of higher priority, evicted while they were in flight, or demoted since they could no longer be in time.",
      "None.",
      "Displaced: the queue is at its limit. Evicted: work that was begun is thrown away, shed earlier. Demoted: the wait is longer than what the first token may take.",
    ),
    unit: "requests/s",
    least: 0,
    queries: [
      value(sumBy(["objective"], rate(displaced, now)), { by: ["objective"], text: "displaced" }),
      value(sumBy(["objective"], rate(scoped(flowMetrics.evictedTotal, ofObjective), now)), {
        by: ["objective"],
        text: "evicted",
      }),
      value(sumBy(["objective"], rate(scoped(flowMetrics.demotedTotal, ofObjective), now)), {
        by: ["objective"],
        text: "demoted",
      }),
    ],
  }),
  graph({
    title: "Refused share by objective",
    description: answers(
      "Refused requests as a share of judged ones, by objective.",
      "0; under overload, classes of low priority first.",
      "A class of high priority is refused: the pool is far too small, or priorities are wrong.",
    ),
    unit: "ratio",
    decimals: 1,
    least: 0,
    queries: [value(refusedShare(now), { by: ["objective"] })],
    runbook: ["AttainSheddingHigh"],
  }),
  stack({
    title: "Excluded and untargeted",
    description: answers(
      "Requests per second that no ratio counts: excluded (broken requests, clients that left in time, sheds that are excluded) and untargeted.",
      "Little.",
      "Much of it hides from attainment: see the verdicts of each objective on its detail.",
    ),
    unit: "requests/s",
    queries: [
      value(
        sumBy(
          ["verdict"],
          rate(scoped(objectiveMetrics.requestsTotal, { ...ofObjective, verdict: ["excluded", "untargeted"] }), now),
        ),
        { by: ["verdict"] },
      ),
    ],
    colours: verdictColours,
  }),
  graph({
    title: "Unknown names and denied escalations",
    description: answers(
      "Requests per second that named an objective nobody configured, a model nobody configured or serves, or asked for more priority than they may have.",
      "None.",
      "The picker's log names unknown ones once: correct the client or add the object. A denied escalation was served with what it may have.",
    ),
    unit: "requests/s",
    least: 0,
    queries: [
      value(sumBy([], rate(scoped(pickerMetrics.unknownObjectiveRequestsTotal, ofPool), now)), "objective"),
      value(sumBy([], rate(scoped(pickerMetrics.unknownModelRequestsTotal, ofPool), now)), "model"),
      value(sumBy(["reason"], rate(scoped(flowMetrics.escalationsDeniedTotal, ofPool), now)), {
        by: ["reason"],
        text: "escalation",
      }),
    ],
    runbook: ["AttainUnknownObjective"],
  }),
];
