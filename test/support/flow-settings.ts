/** Settings of flow control for tests: the defaults, with what a test says of them. */
import { defaultConfiguration } from "../../picker/configuration/load.ts";
import { defaultBand, defaultQueue, type BandSettings, type QueueSettings } from "../../picker/flow/queue/settings.ts";
import type { DetectorSettings, FlowSettings } from "../../picker/flow/settings.ts";

/** The ledger detector with a capacity that is set by hand. */
export const ledgerDetectorOf = (maxRequests: number): DetectorSettings => ({
  type: "ledger-detector",
  capacity: { kind: "static", maxRequests },
  staleAfterMs: 2000,
  staleFadeMs: 10_000,
  ownShare: 0.1,
});

const defaults: FlowSettings = defaultConfiguration().flow;

/** The defaults with one request an endpoint. */
export const flowSettingsOf = (given: Partial<FlowSettings> = {}): FlowSettings => ({
  ...defaults,
  detector: ledgerDetectorOf(1),
  ...given,
});

/** A queue whose every band is like `band`. */
export function queueOf(queue: Partial<QueueSettings> = {}, band: Partial<BandSettings> = {}): QueueSettings {
  const full = { ...defaultBand, ...band };
  return { ...defaultQueue, bands: new Map([[0, full]]), dynamicBand: full, dynamicNegativeBand: full, ...queue };
}
