import { destinationKey, destinationNamespace } from "#extproc";

/** Header and metadata names of the endpoint picker protocol and of the field, in one place. Source: docs/ext-proc.md. */
export const header = {
  destination: destinationKey,
  droppedReason: "x-llm-d-request-dropped-reason",
  fairnessId: "x-llm-d-inference-fairness-id",
  fairnessIdAlias: "x-gateway-inference-fairness-id",
  objective: "x-llm-d-inference-objective",
  objectiveAlias: "x-gateway-inference-objective",
  requestId: "x-request-id",
  /** Whole milliseconds that the request may wait in the queue; its name can be configured. */
  requestTtl: "x-attain-request-ttl-ms",
  /** Whole seconds. Source: RFC 9110, 10.2.3. */
  retryAfter: "retry-after",
  ttftTarget: "x-llm-d-slo-ttft-ms",
  ttftTargetAlias: "x-slo-ttft-ms",
  traceparent: "traceparent",
  tracestate: "tracestate",
} as const;

/** What clients send to steer the picker; it is nobody else's business, so it is not passed on to the model server. */
export const controlHeaders = [
  header.objective,
  header.objectiveAlias,
  header.fairnessId,
  header.fairnessIdAlias,
  "x-llm-d-model-name-rewrite",
  "x-gateway-model-name-rewrite",
  header.ttftTarget,
  header.ttftTargetAlias,
  "x-llm-d-slo-tpot-ms",
  "x-slo-tpot-ms",
  header.requestTtl,
  "x-gateway-destination-endpoint-subset",
] as const;

export const metadata = {
  namespace: destinationNamespace,
  scores: "x-gateway-destination-endpoint-scores",
  subsetNamespace: "envoy.lb.subset_hint",
  subset: "x-gateway-destination-endpoint-subset",
} as const;
