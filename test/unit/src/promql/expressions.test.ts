import { describe, expect, it } from "@jest/globals";
import { objectiveMetrics, poolMetrics, recordedSeries, requestMetrics } from "#metrics";
import {
  absent,
  add,
  and,
  bucketAt,
  clampMin,
  constantVector,
  countOf,
  div,
  eqBool,
  gt,
  increase,
  labelReplace,
  maxBy,
  maxOverTime,
  mul,
  offset,
  or,
  prometheusSeries,
  quantile,
  rate,
  ratio,
  scalarOf,
  series,
  sub,
  sumBy,
  sumOf,
  time,
  topk,
  unless,
  type Expression,
} from "#promql";
import { usageProblems } from "../../../support/promql-usage.ts";

const requests = series(objectiveMetrics.requestsTotal);
const ttft = series(requestMetrics.ttftSeconds);
const endpoints = series(poolMetrics.endpoints);
const target = series(objectiveMetrics.targetRatio);
const perObjective = sumBy(["pool", "objective"], rate(requests, "5m"));
const perPool = sumBy(["pool"], rate(requests, "5m"));

const table: readonly (readonly [string, Expression, string])[] = [
  ["no matchers", requests, "attain_objective_requests_total"],
  [
    "an exact value and several, in the order given",
    series(objectiveMetrics.requestsTotal, { verdict: ["met", "missed"], pool: "a" }),
    'attain_objective_requests_total{verdict=~"met|missed",pool="a"}',
  ],
  [
    "one of one value as that value",
    series(objectiveMetrics.requestsTotal, { verdict: ["met"] }),
    'attain_objective_requests_total{verdict="met"}',
  ],
  [
    "a dashboard variable as an expression",
    series(objectiveMetrics.requestsTotal, { pool: "$pool", objective: { not: "$objective" } }),
    'attain_objective_requests_total{pool=~"$pool",objective!~"$objective"}',
  ],
  [
    "negations, an expression, a label of the scrape",
    series(objectiveMetrics.requestsTotal, {
      verdict: { not: ["excluded", "untargeted"] },
      pool: { matches: "a.+" },
      job: "j",
    }),
    'attain_objective_requests_total{verdict!~"excluded|untargeted",pool=~"a.+",job="j"}',
  ],
  [
    "no matcher where the value is undefined",
    series(objectiveMetrics.requestsTotal, { pool: undefined, verdict: "met" }),
    'attain_objective_requests_total{verdict="met"}',
  ],
  [
    "quotes, and dots of literal alternatives",
    series(objectiveMetrics.requestsTotal, { pool: 'a"\\b', objective: ["a.b", "c"] }),
    String.raw`attain_objective_requests_total{pool="a\"\\b",objective=~"a\\.b|c"}`,
  ],
  ["milliseconds as a window", increase(requests, 150_000), "increase(attain_objective_requests_total[2m30s])"],
  ["Grafana's window", rate(requests, "$__rate_interval"), "rate(attain_objective_requests_total[$__rate_interval])"],
  ["grouping", perPool, "sum by (pool) (rate(attain_objective_requests_total[5m]))"],
  ["no grouping", sumBy([], perPool), "sum(sum by (pool) (rate(attain_objective_requests_total[5m])))"],
  [
    "a share that is empty, not NaN, where the whole is 0",
    ratio(maxBy(["pool"], endpoints), maxBy(["pool"], endpoints)),
    "max by (pool) (attain_pool_endpoints) / (max by (pool) (attain_pool_endpoints) > 0)",
  ],
  [
    "a quantile over all replicas",
    quantile(0.99, series(requestMetrics.ttftSeconds, { model: "m" }), { window: "5m", by: ["objective"] }),
    'histogram_quantile(0.99, sum by (objective, le) (rate(attain_request_ttft_seconds_bucket{model="m"}[5m])))',
  ],
  [
    "a quantile that a variable holds",
    quantile("$quantile", ttft, { window: "$__rate_interval" }),
    "histogram_quantile($quantile, sum by (le) (rate(attain_request_ttft_seconds_bucket[$__rate_interval])))",
  ],
  [
    "parts of a histogram",
    div(rate(sumOf(ttft), "5m"), rate(countOf(ttft), "5m")),
    "rate(attain_request_ttft_seconds_sum[5m]) / rate(attain_request_ttft_seconds_count[5m])",
  ],
  ["a bucket by its edge", bucketAt(ttft, 0.25), 'attain_request_ttft_seconds_bucket{le="0.25"}'],
  [
    "a bucket by a whole edge, as either format writes it",
    bucketAt(ttft, 1),
    'attain_request_ttft_seconds_bucket{le=~"1([.]0)?"}',
  ],
  [
    "nested operators in parentheses",
    sub(1, div(add(perPool, perPool), mul(perPool, 2))),
    `1 - ((${perPool.text} + ${perPool.text}) / (${perPool.text} * 2))`,
  ],
  [
    "many to one",
    div(perObjective, perPool, { on: ["pool"], groupLeft: [] }),
    `${perObjective.text} / on(pool) group_left() ${perPool.text}`,
  ],
  [
    "labels taken over",
    mul(perObjective, series(objectiveMetrics.info), { on: ["pool", "objective"], groupLeft: ["priority"] }),
    `${perObjective.text} * on(pool, objective) group_left(priority) attain_objective_info`,
  ],
  [
    "ignoring a label",
    gt(series(recordedSeries.missedRatio), perObjective, {
      ignoring: ["window", "job", "instance", "namespace", "pod", "cluster"],
    }),
    `objective:attain_requests_missed:ratio > ignoring(window, job, instance, namespace, pod, cluster) ${perObjective.text}`,
  ],
  [
    "and",
    and(gt(perPool, 0), perObjective, { on: ["pool"] }),
    `(${perPool.text} > 0) and on(pool) ${perObjective.text}`,
  ],
  ["or", or(perPool, constantVector(0)), `${perPool.text} or vector(0)`],
  ["unless", unless(perPool, absent(endpoints)), `${perPool.text} unless absent(attain_pool_endpoints)`],
  ["a range of a selector", maxOverTime(endpoints, "2m"), "max_over_time(attain_pool_endpoints[2m])"],
  ["a subquery of anything else", maxOverTime(gt(perPool, 1), "1h"), `max_over_time((${perPool.text} > 1)[1h:])`],
  ["a subquery at a step", maxOverTime(endpoints, "1h", "5m"), "max_over_time(attain_pool_endpoints[1h:5m])"],
  ["an earlier instant", offset(endpoints, "1d"), "attain_pool_endpoints offset 1d"],
  ["a comparison that keeps every series", eqBool(endpoints, 0), "attain_pool_endpoints == bool 0"],
  ["scalars", sub(time(), target), "time() - attain_objective_target_ratio"],
  [
    "a scalar of a vector",
    mul(target, scalarOf(sumBy([], target))),
    "attain_objective_target_ratio * scalar(sum(attain_objective_target_ratio))",
  ],
  [
    "series of Prometheus itself",
    series(prometheusSeries.alerts, { alertname: { matches: "Attain.*" } }),
    'ALERTS{alertname=~"Attain.*"}',
  ],
  ["the greatest", topk(3, clampMin(perPool, 0)), `topk(3, clamp_min(${perPool.text}, 0))`],
  [
    "a label made of another",
    labelReplace(endpoints, { to: "short", replacement: "$1", from: "pool", pattern: "(.+)-.*" }),
    'label_replace(attain_pool_endpoints, "short", "$1", "pool", "(.+)-.*")',
  ],
];

describe("expressions", () => {
  it.each(table)("%s", (_, expression, text) => {
    expect(expression.text).toBe(text);
    expect(usageProblems([text]).filter((problem) => problem.startsWith("not PromQL"))).toEqual([]);
  });
});
