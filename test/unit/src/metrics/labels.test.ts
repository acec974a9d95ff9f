import { describe, expect, it } from "@jest/globals";
import { MetricRegistry, objectiveMetrics, pickerMetrics, requestMetrics } from "#metrics";

/** Never called: each line must fail to compile, or `tsc` reports an unused expectation. */
const doesNotCompile = (registry: MetricRegistry): void => {
  // @ts-expect-error a label is missing
  registry.counter(objectiveMetrics.requestsTotal, { pool: "p", objective: "o" });
  // @ts-expect-error a label is misspelt
  registry.counter(objectiveMetrics.requestsTotal, { pool: "p", objectiv: "o", verdict: "met" });
  // @ts-expect-error a value outside the closed set
  registry.counter(objectiveMetrics.requestsTotal, { pool: "p", objective: "o", verdict: "good" });
  // @ts-expect-error labels are required
  registry.histogram(requestMetrics.ttftSeconds);
  // @ts-expect-error a label on a family without labels
  registry.gauge(pickerMetrics.streamsOpen, { pool: "p" });
  // @ts-expect-error a histogram's spec where a counter's is wanted
  registry.counter(requestMetrics.ttftSeconds, { pool: "p", objective: "o", model: "m" });
  // @ts-expect-error a label that the spec does not have
  registry.remove(objectiveMetrics.requestsTotal, { endpoint: "e" });
  // @ts-expect-error a label that the spec does not have
  registry.value(objectiveMetrics.requestsTotal, { endpoint: "e" });
};

describe("labels", () => {
  it("are checked at compile time", () => expect(doesNotCompile).toBeInstanceOf(Function));

  it.each<{ name: string; labels: Record<string, unknown>; says: string }>([
    { name: "a missing label", labels: { pool: "p" }, says: "label objective is undefined" },
    { name: "a value that is not text", labels: { pool: 1, objective: "o" }, says: "label pool is number" },
    { name: "a label too many", labels: { pool: "p", objective: "o", model: "m" }, says: "label model is not one of" },
  ])("are checked at run time: $name", ({ labels, says }) => {
    const make = (): unknown =>
      new MetricRegistry().gauge(requestMetrics.inFlight, labels as { pool: string; objective: string });
    expect(make).toThrow(
      expect.objectContaining({ data: { code: "METRIC_LABELS", metric: "attain_requests_in_flight" } }),
    );
    expect(make).toThrow(says);
  });
});
