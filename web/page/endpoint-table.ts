/** Endpoints as a heat map: the more colour, the fuller. */
import { count, share, shortNames } from "./format.ts";
import type { Endpoint, Snapshot } from "./snapshot.ts";
import { table } from "./tables.ts";

/** From when on an endpoint's queue counts as full. Source: the picker's saturation threshold. */
const fullQueue = 5;
/** From when on as many requests in flight get the full colour, where no endpoint has more. */
const manyInFlight = 8;

type Row = Endpoint & { readonly name: string; readonly mostInFlight: number };

const portion = (value: number | undefined, whole: number): number | undefined =>
  value === undefined ? undefined : Math.min(1, value / whole);

/** Rows for the table. */
export function endpointRows({ endpoints }: Snapshot): readonly Row[] {
  const names = shortNames(endpoints.map(({ id }) => id));
  const mostInFlight = Math.max(manyInFlight, ...endpoints.map(({ inFlight }) => inFlight.requests));
  return endpoints.map((endpoint) => ({ ...endpoint, name: names.get(endpoint.id) ?? endpoint.id, mostInFlight }));
}

/** How many endpoints there are and in which state, in words. */
export function statesInWords({ endpointCount, endpointStates, endpoints }: Snapshot): string {
  const states = (["fresh", "stale", "unknown"] as const)
    .filter((state) => endpointStates[state] > 0)
    .map((state) => `${endpointStates[state]} ${state}`);
  const beyond = endpointCount > endpoints.length ? `, the first ${endpoints.length} are shown` : "";
  return endpointCount === 0 ? "none" : `${states.join(", ")} of ${count(endpointCount)}${beyond}`;
}

export const endpointTable = (parent: Element): ((rows: readonly Row[]) => void) =>
  table<Row>(parent, {
    caption: "Endpoints and how full they are",
    keyOf: ({ id }) => id,
    columns: [
      { name: "endpoint", text: ({ name }) => name },
      { name: "address", text: ({ hostPort }) => hostPort, isMinor: true },
      { name: "state", text: ({ state }) => state, state: ({ state }) => state },
      {
        name: "in flight",
        isNumber: true,
        text: ({ inFlight }) => count(inFlight.requests),
        heat: ({ inFlight, mostInFlight }) => portion(inFlight.requests, mostInFlight),
      },
      {
        name: "capacity",
        isNumber: true,
        text: ({ capacity }) => count(capacity === undefined ? undefined : Math.round(capacity)),
        heat: ({ saturation }) => saturation,
      },
      {
        name: "waiting",
        isNumber: true,
        text: ({ waitingRequests }) => count(waitingRequests),
        heat: ({ waitingRequests }) => portion(waitingRequests, fullQueue),
      },
      {
        name: "running",
        isNumber: true,
        isMinor: true,
        text: ({ runningRequests }) => count(runningRequests),
        heat: ({ runningRequests, mostInFlight }) => portion(runningRequests, mostInFlight),
      },
      {
        name: "KV cache",
        isNumber: true,
        text: ({ kvCacheUsageRatio }) => share(kvCacheUsageRatio, 0),
        heat: ({ kvCacheUsageRatio }) => kvCacheUsageRatio,
      },
      {
        name: "picks, 5 min",
        isNumber: true,
        text: ({ recentPicksShare }) => share(recentPicksShare, 0),
        heat: ({ recentPicksShare }) => recentPicksShare,
      },
    ],
  });
