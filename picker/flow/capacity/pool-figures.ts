import { freshness, type Endpoint, type PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio } from "#units";
import type { EndpointChoice, EndpointSaturation, SaturationDetector } from "./saturation-detector.ts";

/** Is there one endpoint with room? */
export function anyEndpointHasRoom(
  detector: Pick<SaturationDetector, "hasRoom">,
  { endpoints }: PoolSnapshot,
  ceiling: Ratio,
): boolean {
  for (let i = 0; i < endpoints.length; i++) if (detector.hasRoom(endpoints[i]!, ceiling)) return true;
  return false;
}

/** What a pool-wide mean needs to know of an endpoint. */
export interface Weighed {
  takesRequests(endpoint: Endpoint): boolean;
  weight(endpoint: Endpoint): number;
  saturation(endpoint: Endpoint): Ratio;
}

/** Mean saturation of the endpoints that take requests, by weight; 1 where there are none. */
export function meanSaturation(
  figures: Weighed,
  { endpoints }: PoolSnapshot,
  includes: EndpointChoice | undefined,
): Ratio {
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < endpoints.length; i++) {
    const endpoint = endpoints[i]!;
    if (!figures.takesRequests(endpoint) || (includes !== undefined && !includes(endpoint))) continue;
    const weight = figures.weight(endpoint);
    sum += weight * figures.saturation(endpoint);
    weights += weight;
  }
  return weights === 0 ? 1 : Math.min(1, sum / weights);
}

/** The part of an endpoint's state that does not depend on the detector. */
export const endpointFacts = (
  { id, metrics, unreachable }: Endpoint,
  nowMs: Milliseconds,
  staleAfterMs: Milliseconds,
): Pick<EndpointSaturation, "id" | "metrics" | "unreachable"> => ({
  id,
  metrics: freshness(metrics, nowMs, staleAfterMs),
  unreachable: unreachable === true,
});
