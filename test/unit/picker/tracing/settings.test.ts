import { describe, expect, it } from "@jest/globals";
import { tracingSettings, type Environment } from "../../../../picker/tracing/settings.ts";

const read = (env: Environment) => tracingSettings(env, { propagation: "inject", own: { "service.version": "1.2" } });
const settings = (env: Environment) => {
  const result = read(env);
  if (result.kind !== "on") throw new Error(JSON.stringify(result));
  return result.settings;
};

describe("tracingSettings", () => {
  it("samples a tenth of what has no parent where nothing is said, in batches of the specification's sizes", () => {
    expect(settings({})).toEqual({
      sampling: { parentBased: true, ratio: 0.1 },
      propagation: "inject",
      maxQueuedSpans: 2048,
      maxBatchSpans: 512,
      exportDelayMs: 5000,
      resource: { "service.name": "attain-picker", "service.version": "1.2" },
    });
  });

  it.each([
    { sampler: "always_on", argument: undefined, parentBased: false, ratio: 1 },
    { sampler: "always_off", argument: "0.5", parentBased: false, ratio: 0 },
    { sampler: "traceidratio", argument: "0.5", parentBased: false, ratio: 0.5 },
    { sampler: "parentbased_always_on", argument: undefined, parentBased: true, ratio: 1 },
    { sampler: "parentbased_always_off", argument: undefined, parentBased: true, ratio: 0 },
    { sampler: "parentbased_traceidratio", argument: "1", parentBased: true, ratio: 1 },
    { sampler: " ", argument: "0.25", parentBased: true, ratio: 0.25 },
  ])("OTEL_TRACES_SAMPLER=$sampler, argument $argument", ({ sampler, argument, parentBased, ratio }) => {
    const env = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument };
    expect(settings(env).sampling).toEqual({ parentBased, ratio });
  });

  it.each([
    { env: { OTEL_TRACES_SAMPLER: "xray" }, message: /^OTEL_TRACES_SAMPLER: found "xray"; allowed: always_on, / },
    { env: { OTEL_TRACES_SAMPLER_ARG: "10%" }, message: /^OTEL_TRACES_SAMPLER_ARG: found "10%"; allowed: 0 to 1$/ },
    { env: { OTEL_TRACES_SAMPLER_ARG: "1.5" }, message: /found "1.5"/ },
    { env: { OTEL_TRACES_EXPORTER: "zipkin" }, message: /^OTEL_TRACES_EXPORTER: found "zipkin"; allowed: otlp, none$/ },
    { env: { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, message: /found "grpc"; allowed: http\/protobuf$/ },
    {
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" },
      message: /^OTEL_EXPORTER_OTLP_TRACES_PROTOCOL/,
    },
    { env: { OTEL_BSP_MAX_QUEUE_SIZE: "0" }, message: /^OTEL_BSP_MAX_QUEUE_SIZE/ },
    { env: { OTEL_BSP_SCHEDULE_DELAY: "soon" }, message: /^OTEL_BSP_SCHEDULE_DELAY/ },
  ])("names a variable that it cannot use: $message", ({ env, message }) => {
    expect(read(env)).toEqual({ kind: "problem", message: expect.stringMatching(message) });
  });

  it.each([{ OTEL_SDK_DISABLED: "True" }, { OTEL_TRACES_EXPORTER: "none" }])("is off with %j", (env) => {
    expect(read(env).kind).toBe("off");
  });

  it("the traces' own protocol wins", () => {
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf" };
    expect(read(env).kind).toBe("on");
  });

  it("never makes a batch larger than the queue", () => {
    expect(settings({ OTEL_BSP_MAX_QUEUE_SIZE: "100" }).maxBatchSpans).toBe(100);
  });

  it("the name of the service wins over the list of attributes, which wins over ours", () => {
    const list = "service.name=listed,service.version=9,deployment.environment=a%20b,broken,=x,bad=%zz";
    expect(settings({ OTEL_RESOURCE_ATTRIBUTES: list }).resource).toEqual({
      "service.name": "listed",
      "service.version": "9",
      "deployment.environment": "a b",
    });
    expect(settings({ OTEL_RESOURCE_ATTRIBUTES: list, OTEL_SERVICE_NAME: "named" }).resource["service.name"]).toBe(
      "named",
    );
  });
});
