import { describe, expect, it } from "@jest/globals";
import { flowMetrics, objectiveMetrics, renderText, requestMetrics } from "#metrics";
import { ObjectiveTable } from "#objective";
import { emptySnapshot } from "#pool";
import { refusalKinds } from "../../../../picker/flow/refusal/outcomes.ts";
import { flowStatusOf } from "../../../support/flow-status.ts";
import { objective } from "../../../support/attainment.ts";
import { compatScene } from "../../../support/compat-scene.ts";
import { samplesOf } from "../../src/metrics/text-parser.ts";

type Scene = ReturnType<typeof compatScene>;
const valuesOf = (
  { registry }: Scene,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): readonly number[] =>
  samplesOf(renderText(registry))
    .filter((sample) => sample.name === `llm_d_epp_${name}`)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .map(({ value }) => Number(value));

describe("compat view", () => {
  it("merges objectives of one priority, which the field cannot tell apart", () => {
    const scene = compatScene();
    expect(valuesOf(scene, "request_total", { model_name: "llama", priority: "2" })).toEqual([3]);
    expect(
      valuesOf(scene, "request_ttft_seconds_count", { model_name: "llama", priority: "2", streaming: "true" }),
    ).toEqual([3]);
  });

  it("counts what our own series count, neither more nor less", () => {
    const scene = compatScene();
    const sum = (name: string): number => valuesOf(scene, name).reduce((total, value) => total + value, 0);
    const { registry } = scene;
    expect(sum("request_total")).toBe(registry.histogramOf(requestMetrics.queueSeconds)?.count);
    expect(sum("request_duration_seconds_count")).toBe(registry.histogramOf(requestMetrics.durationSeconds)?.count);
    expect(sum("request_streaming_tpot_seconds_sum")).toBeCloseTo(
      registry.histogramOf(requestMetrics.tpotSeconds)?.sum ?? 0,
    );
  });

  it.each([
    { code: "BadRequest", want: [3] },
    { code: "ResourceExhausted", want: [3] },
    { code: "ServiceUnavailable", want: [4] },
    { code: "ModelServerError", want: [1] },
  ])("names the error $code as the field does", ({ code, want }) => {
    const values = valuesOf(compatScene(), "request_error_total", { error_code: code });
    expect(values.filter((value) => value > 0)).toEqual(want);
  });

  it.each([
    { name: "average_queue_size", want: 2 },
    { name: "std_dev_queue_size", want: 1 },
    { name: "average_running_requests", want: 4 },
    { name: "average_kv_cache_utilization", want: 0.5 },
    { name: "std_dev_kv_cache_utilization", want: 0.25 },
    { name: "ready_endpoints", want: 2 },
    { name: "request_running", want: 3 },
  ])("$name is $want over the fresh endpoints", ({ name, want }) => {
    expect(valuesOf(compatScene(), name)).toEqual([want]);
  });

  it("does not know what nobody says: no average without a fresh endpoint, neither 0 nor the last value", () => {
    const scene = compatScene({ snapshot: emptySnapshot });
    for (const name of [
      "average_queue_size",
      "std_dev_queue_size",
      "average_kv_cache_utilization",
      "per_endpoint_queue_size",
    ]) {
      expect(valuesOf(scene, name)).toEqual([]);
    }
  });

  it("shows picks of endpoints that are in the pool", () => {
    expect(
      valuesOf(compatScene(), "scheduler_attempts_total", { status: "success", namespace: "default", port: "8000" }),
    ).toEqual([3, 1]);
  });

  it("drops the counts of an objective that was removed, rather than moving them to another priority", () => {
    const scene = compatScene();
    scene.recorder.useObjectives(new ObjectiveTable([{ objective: objective("chat", 2), level: undefined }]));
    expect(scene.registry.values(objectiveMetrics.info, { objective: "batch" })).toEqual([]);
    expect(valuesOf(scene, "request_total", { priority: "-1" })).toEqual([]);
    expect(valuesOf(scene, "request_total", { model_name: "llama", priority: "2" })).toEqual([2]);
  });

  it("follows the next request without being told", () => {
    const scene = compatScene();
    scene.request("chat", "llama");
    expect(valuesOf(scene, "request_total", { model_name: "llama", priority: "2" })).toEqual([4]);
  });

  describe("of flow control", () => {
    it.each([
      { outcome: "Dispatched", want: 1, why: "dispatched" },
      { outcome: "RejectedCapacity", want: 1, why: "queue full" },
      { outcome: "RejectedNoEndpoints", want: 1, why: "queue full without endpoints" },
      { outcome: "RejectedOther", want: 3, why: "infeasible, without a band, shutting down" },
      { outcome: "EvictedTTL", want: 2, why: "late, expired" },
      { outcome: "EvictedNoEndpoints", want: 1, why: "expired without endpoints" },
      { outcome: "EvictedContextCancelled", want: 1, why: "client gone" },
      { outcome: "EvictedOther", want: 2, why: "displaced, shutting down while queued" },
    ])("$outcome counts what is $why", ({ outcome, want }) => {
      const values = valuesOf(compatScene(), "flow_control_requests_total", { outcome, priority: "-1" });
      expect(values).toEqual([want]);
    });

    it("has no outcome of its own", () => {
      const scene = compatScene();
      const ours = [...scene.registry.values(flowMetrics.outcomesTotal, { objective: "batch" })];
      const unknown = ["saturated", "evicted", "no_endpoints", "filtered_out"];
      const shown = valuesOf(scene, "flow_control_requests_total", { priority: "-1" });
      expect(shown.reduce((sum, value) => sum + value, 0)).toBe(ours.length - unknown.length);
    });

    it("has the waits of one priority as one, without those of refused requests", () => {
      const scene = compatScene();
      const name = "flow_control_request_queue_duration_seconds";
      expect(valuesOf(scene, `${name}_sum`, { priority: "2", outcome: "Dispatched" })).toEqual([1]);
      const shown = valuesOf(scene, `${name}_count`).reduce((sum, value) => sum + value, 0);
      expect(shown).toBe(scene.registry.histogramOf(flowMetrics.waitSeconds)!.count - refusalKinds.length);
    });

    it("shows what waits, in every band that there is", () => {
      expect(valuesOf(compatScene(), "flow_control_queue_size")).toEqual([2, 0, 1]);
      expect(valuesOf(compatScene(), "flow_control_queue_bytes", { priority: "-1" })).toEqual([900]);
    });

    it.each([
      { name: "the fullest stage", flow: flowStatusOf({ stages: { prefill: 0.25, decode: 0.5 } }), want: [0.5] },
      { name: "the pool where nobody takes a stage", flow: flowStatusOf({}), want: [0] },
      { name: "full where there is no endpoint", flow: flowStatusOf({ mode: "no-endpoints" }), want: [1] },
    ])("is as saturated as $name", ({ flow, want }) => {
      expect(valuesOf(compatScene({ flow }), "flow_control_pool_saturation", { stage: "effective" })).toEqual(want);
    });

    it("counts endpoints without fresh metrics, and answers that were given up", () => {
      expect(valuesOf(compatScene(), "flow_control_stale_endpoints")).toEqual([2]);
      expect(valuesOf(compatScene(), "flow_control_revocations_issued_total")).toEqual([1]);
    });

    it("drops the counts of an objective that was removed", () => {
      const scene = compatScene();
      scene.recorder.useObjectives(new ObjectiveTable([{ objective: objective("chat", 2), level: undefined }]));
      expect(valuesOf(scene, "flow_control_requests_total", { priority: "-1" })).toEqual([]);
    });

    it("shows what is in flight at each endpoint that is in the pool", () => {
      expect(valuesOf(compatScene(), "inflight_requests", { namespace: "default" })).toEqual([1, 2]);
      expect(valuesOf(compatScene({ snapshot: emptySnapshot }), "inflight_requests")).toEqual([]);
    });
  });
});
