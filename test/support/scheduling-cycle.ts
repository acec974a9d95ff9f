import { hostPortOf, makeSnapshot, type Endpoint, type EndpointMetrics, type PoolSnapshot } from "#pool";
import type { Tokens } from "#units";
import type { Candidates, InFlightView, SchedulingContext, SchedulingRequest } from "../../picker/scheduling/plugin.ts";
import { estimatePromptTokens } from "../../picker/scheduling/prompt-tokens.ts";

/** What a test says of an endpoint; the rest is filled in. */
export type EndpointSketch = Partial<Omit<Endpoint, "metrics">> & {
  readonly metrics?: Partial<EndpointMetrics> | undefined;
};

export const endpointAt = (slot: number, { metrics, ...sketch }: EndpointSketch = {}): Endpoint => {
  const address = sketch.address ?? `10.0.${slot >> 8}.${slot & 255}`;
  const port = sketch.port ?? 8000;
  return {
    id: `default/pod-${slot}`,
    namespace: "default",
    name: `pod-${slot}`,
    labels: {},
    slot,
    ...sketch,
    address,
    port,
    hostPort: hostPortOf(address, port),
    metrics: metrics && {
      waitingRequests: undefined,
      runningRequests: undefined,
      kvCacheUsageRatio: undefined,
      cacheBlockSizeTokens: undefined,
      cacheBlockCount: undefined,
      lora: undefined,
      observedAtMs: 0,
      ...metrics,
    },
  };
};

export const snapshotOf = (sketches: readonly EndpointSketch[], version = 1): PoolSnapshot =>
  makeSnapshot(
    version,
    0,
    sketches.map((sketch, slot) => endpointAt(slot, sketch)),
  );

export const requestOf = (prompt = "", sketch: Partial<SchedulingRequest> = {}): SchedulingRequest => {
  const body = Buffer.from(prompt);
  return {
    id: "request",
    model: "m",
    objective: "none",
    priority: 0,
    body,
    promptRanges: new Uint32Array(body.length === 0 ? [] : [0, body.length]),
    cacheSalt: undefined,
    maxOutputTokens: undefined,
    header: () => undefined,
    ...sketch,
  };
};

/** In-flight requests and uncached prompt tokens by slot. */
export const inFlightOf = (requests: readonly number[] = [], uncached: readonly Tokens[] = []): InFlightView => ({
  requests: (slot) => requests[slot] ?? 0,
  promptTokens: (slot) => uncached[slot] ?? 0,
  uncachedPromptTokens: (slot) => uncached[slot] ?? 0,
});

/** A context as the scheduler makes it before producers run. */
export const contextOf = (snapshot: PoolSnapshot, sketch: Partial<SchedulingContext> = {}): SchedulingContext => {
  const request = sketch.request ?? requestOf();
  return {
    snapshot,
    nowMs: 0,
    request,
    inFlight: inFlightOf(),
    promptTokens: estimatePromptTokens(request.promptRanges),
    prefixMatchedBlocks: new Float64Array(snapshot.endpoints.length).fill(Number.NaN),
    prefixTotalBlocks: Number.NaN,
    prefixBlockTokens: Number.NaN,
    ...sketch,
  };
};

export const allOf = (snapshot: PoolSnapshot): Candidates => ({
  indexes: Int32Array.from(snapshot.endpoints.keys()),
  count: snapshot.endpoints.length,
});
