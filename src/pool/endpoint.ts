import type { Milliseconds, Ratio, Tokens } from "#units";

/** What one scrape of a model server said. A value it did not say is undefined: unknown, never zero. */
export type EndpointMetrics = {
  readonly waitingRequests: number | undefined;
  readonly runningRequests: number | undefined;
  readonly kvCacheUsageRatio: Ratio | undefined;
  readonly cacheBlockSizeTokens: Tokens | undefined;
  readonly cacheBlockCount: number | undefined;
  /** Undefined where the server has no LoRA series. */
  readonly lora: LoraState | undefined;
  /** Models and adapters that the server names in its series; absent where it names none. */
  readonly models?: ReadonlySet<string>;
  /** Monotonic instant at which the scrape's answer was complete. */
  readonly observedAtMs: Milliseconds;
};

/** LoRA adapters of one model server. Source: vllm:lora_requests_info. */
export type LoraState = {
  readonly running: ReadonlySet<string>;
  readonly waiting: ReadonlySet<string>;
  /** Slots; undefined where the series does not say. */
  readonly maxAdapters: number | undefined;
};

/** One model server: a (pod, target port) pair of the pool. */
export type Endpoint = {
  /** `namespace/name`, unique in the pool. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** IPv4 or IPv6 literal without brackets. */
  readonly address: string;
  readonly port: number;
  /** `address:port` with IPv6 in brackets: the form of the destination header. */
  readonly hostPort: string;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Small number that stays with the endpoint while it lives and indexes per-endpoint arrays (ledger, prefix index).
   * Reused only after the endpoint left the pool and nothing of it is in flight.
   */
  readonly slot: number;
  /** Undefined until the first successful scrape. */
  readonly metrics: EndpointMetrics | undefined;
  /** The last scrape could not connect. Absent where it could, and where nothing is scraped. */
  readonly unreachable?: true;
};

/** `address:port`, with an IPv6 address in brackets. */
export const hostPortOf = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

/** Whether what is known of an endpoint may be relied on. */
export type Freshness = "fresh" | "stale" | "unknown";

/** unknown: never scraped; stale: older than `staleAfterMs`; fresh: else. */
export function freshness(
  metrics: Pick<EndpointMetrics, "observedAtMs"> | undefined,
  nowMs: Milliseconds,
  staleAfterMs: Milliseconds,
): Freshness {
  if (metrics === undefined) return "unknown";
  return nowMs - metrics.observedAtMs > staleAfterMs ? "stale" : "fresh";
}
