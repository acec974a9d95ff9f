import { makeSnapshot, type Endpoint, type EndpointMetrics, type PoolSnapshot } from "#pool";
import fc from "fast-check";
import { detectorSettings } from "../../../../../picker/configuration/flow-detector.ts";
import type { SaturationDetector } from "../../../../../picker/flow/capacity/saturation-detector.ts";
import { createDetector } from "../../../../../picker/flow/create-detector.ts";
import { InFlightLedger, type LedgerEntry } from "../../../../../picker/flow/ledger.ts";
import type { PluginDefinition } from "../../../../../picker/scheduling/plugin.ts";

/** A scrape at an instant; what is left out the server did not say. */
export const scrapedAt = (
  observedAtMs: number,
  said: { readonly running?: number; readonly waiting?: number; readonly kv?: number } = {},
): EndpointMetrics => ({
  runningRequests: said.running,
  waitingRequests: said.waiting,
  kvCacheUsageRatio: said.kv,
  cacheBlockSizeTokens: undefined,
  cacheBlockCount: undefined,
  lora: undefined,
  observedAtMs,
});

export type EndpointFields = {
  readonly slot: number;
  readonly name?: string;
  readonly metrics?: EndpointMetrics | undefined;
  readonly unreachable?: boolean;
  readonly role?: string;
};

export const endpointOf = ({ slot, name = `pod-${slot}`, metrics, unreachable, role }: EndpointFields): Endpoint => ({
  id: `ns/${name}`,
  namespace: "ns",
  name,
  address: `10.0.0.${slot}`,
  port: 8000,
  hostPort: `10.0.0.${slot}:8000`,
  labels: role === undefined ? {} : { "llm-d.ai/role": role },
  slot,
  metrics,
  ...(unreachable === true ? { unreachable } : {}),
});

let version = 0;
export const snapshotOf = (...endpoints: readonly Endpoint[]): PoolSnapshot => makeSnapshot(++version, 0, endpoints);

/** Endpoints in slots 0 … count − 1, all alike. */
export const poolOf = (count: number, metrics?: EndpointMetrics): PoolSnapshot =>
  snapshotOf(...Array.from({ length: count }, (_, slot) => endpointOf({ slot, metrics })));

/** Puts this many requests of `tokens` tokens each in flight. */
export function admit(ledger: InFlightLedger, slot: number, count: number, tokens = 0): LedgerEntry[] {
  return Array.from({ length: count }, () => ledger.admit(slot, "chat", tokens, tokens));
}

/** A ledger with this many requests in flight by slot. */
export function ledgerOf(...requests: readonly number[]): InFlightLedger {
  const ledger = new InFlightLedger();
  for (const [slot, count] of requests.entries()) admit(ledger, slot, count);
  return ledger;
}

/** A detector with these parameters, as a configuration has them. */
export function detectorOf<P>(
  definition: PluginDefinition<P>,
  parameters: object,
  ledger: InFlightLedger,
): SaturationDetector {
  const plugin = { name: definition.type, definition: definition as PluginDefinition };
  return createDetector(detectorSettings({ ...plugin, parameters: definition.parameters.parse(parameters) }), ledger);
}

/** Sends requests to an endpoint until it has no room, 1,000 at most; gives how many. */
export function fill(detector: SaturationDetector, ledger: InFlightLedger, endpoint: Endpoint): number {
  let admitted = 0;
  for (; admitted < 1000 && detector.hasRoom(endpoint, 1); admitted++) admit(ledger, endpoint.slot, 1);
  return admitted;
}

export const someCeiling = fc.double({ min: 1e-6, max: 1, noNaN: true });
export const someScrape = fc.record(
  { running: fc.nat(2000), waiting: fc.nat(2000), kv: fc.double({ min: 0, max: 1, noNaN: true }) },
  { requiredKeys: [] },
);
