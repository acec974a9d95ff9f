import { describe, expect, it } from "@jest/globals";
import { allSpecs, defineCounter, defineGauge, defineHistogram, specProblems, type MetricSpec } from "#metrics";

const described = { help: "A thing.", stability: "beta", owner: "picker" } as const;
const counter = (name: string, labels: readonly string[] = []): MetricSpec =>
  defineCounter({ ...described, unit: "none", name, labels });

describe("the catalogue", () => {
  it("keeps its own rules", () => expect(specProblems(allSpecs)).toEqual([]));

  it.each([
    ["attain_objective_requests_total", "pool,objective,verdict"],
    ["attain_objective_dimension_total", "pool,objective,dimension,verdict"],
    ["attain_objective_missed_total", "pool,objective,reason"],
    ["attain_objective_output_tokens_total", "pool,objective,verdict"],
    ["attain_request_ttft_seconds", "pool,objective,model"],
    ["attain_request_tpot_seconds", "pool,objective,model"],
    ["attain_request_duration_seconds", "pool,objective,model"],
    ["attain_request_queue_seconds", "pool,objective,model"],
    ["attain_request_tokens_total", "pool,model,direction,source"],
    ["attain_requests_in_flight", "pool,objective"],
    ["attain_endpoint_requests_in_flight", "pool,endpoint"],
    ["attain_endpoint_state", "pool,endpoint,state"],
    ["attain_pool_saturation_ratio", "pool"],
    ["attain_pool_endpoints", "pool,state"],
    ["attain_objective_info", "pool,objective,priority"],
    ["attain_objective_target_ratio", "pool,objective"],
    ["attain_objective_threshold_seconds", "pool,objective,dimension"],
    ["attain_flow_outcomes_total", "pool,objective,outcome"],
    ["attain_flow_wait_seconds", "pool,objective,outcome"],
    ["attain_flow_dispatched_tokens_total", "pool,objective"],
    ["attain_flow_queue_requests", "pool,priority"],
    ["attain_flow_queue_oldest_age_seconds", "pool,priority"],
    ["attain_flow_mode", "pool,mode"],
    ["attain_flow_held_requests", "pool"],
    ["attain_endpoint_saturation_ratio", "pool,endpoint"],
    ["attain_endpoint_capacity_requests", "pool,endpoint"],
  ])("promises %s{%s}", (name, labels) => {
    const spec = allSpecs.find((one) => one.name === name);
    expect(spec?.labels.join(",")).toBe(labels);
    expect(spec?.stability).toBe("stable");
  });
});

describe("specProblems", () => {
  it.each<{ name: string; specs: readonly MetricSpec[]; says: string }>([
    { name: "a foreign prefix", specs: [counter("vllm_requests_total")], says: "starts with none of" },
    { name: "camel case", specs: [counter("attain_thingDone_total")], says: "not in snake case" },
    { name: "a counter without _total", specs: [counter("attain_things")], says: "_total is for counters" },
    {
      name: "a gauge with _total",
      specs: [defineGauge({ ...described, unit: "none", name: "attain_things_total", labels: [] })],
      says: "_total is for counters",
    },
    { name: "a unit that is not base", specs: [counter("attain_wait_milliseconds_total")], says: "not a base unit" },
    { name: "a unit in the name only", specs: [counter("attain_wait_seconds_total")], says: "says unit seconds" },
    {
      name: "a unit in the spec only",
      specs: [defineGauge({ ...described, unit: "bytes", name: "attain_body", labels: [] })],
      says: "the spec says bytes",
    },
    { name: "the suffix of a histogram's sample", specs: [counter("attain_thing_count_total")], says: "like a sample" },
    { name: "a label twice", specs: [counter("attain_x_total", ["pool", "pool"])], says: "named twice" },
    { name: "a reserved label", specs: [counter("attain_x_total", ["le"])], says: "label le is reserved" },
    { name: "a label in camel case", specs: [counter("attain_x_total", ["poolName"])], says: "label poolName" },
    {
      name: "values of a label that is not there",
      specs: [
        defineCounter({ ...described, unit: "none", name: "attain_x_total", labels: ["a"], values: { b: ["c"] } }),
      ],
      says: "b, which is not a label",
    },
    {
      name: "values that repeat",
      specs: [
        defineCounter({ ...described, unit: "none", name: "attain_x_total", labels: ["a"], values: { a: ["c", "c"] } }),
      ],
      says: "empty or repeat",
    },
    {
      name: "help that is no sentence",
      specs: [defineCounter({ ...described, help: "things", unit: "none", name: "attain_x_total", labels: [] })],
      says: "not one sentence",
    },
    {
      name: "edges out of order",
      specs: [defineHistogram({ ...described, unit: "seconds", name: "attain_x_seconds", labels: [], edges: [2, 1] })],
      says: "ascending",
    },
    { name: "a name twice", specs: [counter("attain_x_total"), counter("attain_x_total")], says: "used twice" },
  ])("finds $name", ({ specs, says }) => {
    const problems = specProblems(specs);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(says);
  });
});
