import { destinationKey, destinationNamespace } from "#extproc";

/** Header and metadata names of the endpoint picker protocol and of the field, in one place. Source: docs/ext-proc.md. */
export const header = {
  destination: destinationKey,
  droppedReason: "x-llm-d-request-dropped-reason",
  objective: "x-llm-d-inference-objective",
  objectiveAlias: "x-gateway-inference-objective",
  requestId: "x-request-id",
  traceparent: "traceparent",
  tracestate: "tracestate",
} as const;

/** What clients send to steer the picker; it is nobody else's business, so it is not passed on to the model server. */
export const controlHeaders = [
  "x-llm-d-inference-objective",
  "x-gateway-inference-objective",
  "x-llm-d-inference-fairness-id",
  "x-gateway-inference-fairness-id",
  "x-llm-d-model-name-rewrite",
  "x-gateway-model-name-rewrite",
  "x-llm-d-slo-ttft-ms",
  "x-slo-ttft-ms",
  "x-llm-d-slo-tpot-ms",
  "x-slo-tpot-ms",
  "x-gateway-destination-endpoint-subset",
] as const;

export const metadata = {
  namespace: destinationNamespace,
  scores: "x-gateway-destination-endpoint-scores",
  subsetNamespace: "envoy.lb.subset_hint",
  subset: "x-gateway-destination-endpoint-subset",
} as const;
