/** A state of flow control as it is told, put together by hand. */
import type { EndpointSaturation, SaturationMode } from "../../picker/flow/capacity/saturation-detector.ts";
import type { FlowStatus } from "../../picker/flow/flow-status.ts";
import type { BandSummary } from "../../picker/flow/queue/summary.ts";

/** An empty band. */
export const bandOf = (priority: number, given: Partial<BandSummary> = {}): BandSummary => ({
  priority,
  isStatic: false,
  requests: 0,
  bytes: 0,
  tokens: 0,
  oldestAgeMs: undefined,
  busyFlows: 0,
  idleFlows: 0,
  ...given,
});

/** An idle endpoint for eight requests. */
export const endpointOf = (id: string, given: Partial<EndpointSaturation> = {}): EndpointSaturation => ({
  id,
  inFlight: 0,
  outside: 0,
  capacity: 8,
  saturation: 0,
  metrics: "fresh",
  unreachable: false,
  ...given,
});

type Given = Partial<Omit<FlowStatus, "queue">> & {
  readonly mode?: SaturationMode;
  readonly bands?: readonly BandSummary[];
  readonly omittedBands?: number;
  readonly endpoints?: readonly EndpointSaturation[];
};

/** Nothing waits and nothing is taken, but for what is given. */
export function flowStatusOf({
  mode = "normal",
  bands = [],
  omittedBands = 0,
  endpoints = [],
  ...given
}: Given): FlowStatus {
  const sum = (of: (band: BandSummary) => number): number => bands.reduce((total, band) => total + of(band), 0);
  return {
    admission: "queue",
    enforcement: "enforce",
    saturation: { detector: "ledger-detector", mode, saturation: 0, endpoints },
    stages: {},
    queue: {
      requests: sum(({ requests }) => requests),
      bytes: sum(({ bytes }) => bytes),
      tokens: sum(({ tokens }) => tokens),
      bands,
      omittedBands,
    },
    ceilings: new Map(),
    held: { requests: 0, tokens: 0, oldestAgeMs: undefined },
    expectedColdStartMs: 60_000,
    ...given,
  };
}
