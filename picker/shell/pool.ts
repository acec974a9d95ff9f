/** The pool as it is now: discovery and scrapes in, one snapshot a tick out. */
import { endpointMetrics, pickerMetrics, type MetricRegistry } from "#metrics";
import type { PoolSnapshot } from "#pool";
import type { Random } from "#random";
import type { Clock, Logger, Timers } from "#shell";
import { toSeconds, type Milliseconds } from "#units";
import type { ResolvedConfiguration } from "../configuration/resolved.ts";
import type { InFlightLedger } from "../flow/ledger.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import { engineSelector } from "../state/engine-config.ts";
import { SnapshotPublisher, type DiscoveredEndpoint } from "../state/snapshot-publisher.ts";
import type { Followed } from "./configuration-files.ts";
import { startScraper, type Scraper } from "./scraper.ts";

export type PoolOptions = {
  readonly pool: string;
  readonly configuration: ResolvedConfiguration;
  readonly scrapeIntervalMs: Milliseconds;
  readonly staleAfterMs: Milliseconds;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
};

export type PoolParts = {
  readonly registry: MetricRegistry;
  readonly endpoints: Followed<readonly DiscoveredEndpoint[]>;
  readonly ledger: InFlightLedger;
  readonly scheduler: Scheduler;
  readonly timers: Timers;
};

/** Told of what happens to the pool, as it happens. */
export type PoolListener = {
  /** There is a new snapshot. */
  readonly poolChanged: () => void;
  /** A scrape of the endpoint in `slot` was answered just now. */
  readonly noteScrape: (slot: number, observedAtMs: Milliseconds) => void;
};

export interface Pool {
  readonly ledger: InFlightLedger;
  readonly scheduler: Scheduler;
  snapshot(): PoolSnapshot;
  /** Whether a model server says that it serves this model or adapter. */
  servesModel(name: string): boolean;
  /** One listener, which takes the place of the one before. */
  listen(listener: PoolListener): void;
  stop(): Promise<void>;
}

/** Scrapes that come within this time of each other share one snapshot. */
const tickMs: Milliseconds = 5;

function openScraper(
  options: PoolOptions,
  parts: PoolParts,
  publisher: SnapshotPublisher,
  noteScrape: PoolListener["noteScrape"],
): Scraper | undefined {
  const { configuration, pool, log, clock, random } = options;
  if (configuration.metrics === undefined) return undefined;
  const failing = new Set<string>();
  const duration = parts.registry.histogram(pickerMetrics.scrapeDurationSeconds, { pool });
  return startScraper({
    source: configuration.metrics.source,
    engineOf: engineSelector(configuration.metrics.extractor),
    clock,
    timers: parts.timers,
    random,
    intervalMs: options.scrapeIntervalMs,
    onMetrics: (target, metrics) => {
      const endpoint = publisher.setMetrics(target.id, target.hostPort, metrics);
      if (endpoint !== undefined) noteScrape(endpoint.slot, metrics.observedAtMs);
      if (failing.delete(target.id)) log.info("endpoint is scraped again", { endpoint: target.id });
    },
    onScraped: (_target, durationMs) => duration.observe(toSeconds(durationMs)),
    onFailure: (target, reason, message) => {
      parts.registry.counter(pickerMetrics.scrapeFailuresTotal, { pool, endpoint: target.id, reason }).add(1);
      if (reason === "unreachable") publisher.setUnreachable(target.id, target.hostPort);
      if (failing.has(target.id)) return;
      failing.add(target.id);
      log.warn("endpoint cannot be scraped", { endpoint: target.id, reason, error: message });
    },
  });
}

/** Starts discovery and scraping. The first snapshot, with every endpoint and no metrics, is there at once. */
export function startPool(options: PoolOptions, parts: PoolParts): Pool {
  const { pool, clock } = options;
  const { registry, endpoints, ledger, scheduler, timers } = parts;
  const models = new Set<string>();
  let stopped = false;
  let listener: PoolListener | undefined;
  const publish = (): void => {
    if (stopped) return;
    const { endpoints: members } = publisher.publish();
    models.clear();
    for (const { metrics } of members) for (const model of metrics?.models ?? []) models.add(model);
    listener?.poolChanged();
  };
  const publisher = new SnapshotPublisher({
    now: () => clock.nowMs(),
    isIdle: (slot) => ledger.isIdle(slot),
    onRemoved: (slot, { id }) => {
      scheduler.forget(slot);
      for (const spec of [endpointMetrics.requestsInFlight, endpointMetrics.state, endpointMetrics.picksTotal]) {
        registry.remove(spec, { pool, endpoint: id });
      }
      registry.remove(pickerMetrics.scrapeFailuresTotal, { pool, endpoint: id });
    },
    onDirty: () => void timers.after(tickMs, publish),
  });
  const scraper = openScraper(options, parts, publisher, (slot, observedAtMs) =>
    listener?.noteScrape(slot, observedAtMs),
  );
  const take = (members: readonly DiscoveredEndpoint[]): void => {
    publisher.setEndpoints(members);
    scraper?.setTargets(publisher.endpoints);
  };
  take(endpoints.current());
  publish();
  endpoints.onChange(take);
  return {
    ledger,
    scheduler,
    snapshot: () => publisher.snapshot,
    servesModel: (name) => models.has(name),
    listen: (next) => (listener = next),
    stop: async () => {
      stopped = true;
      await scraper?.stop();
    },
  };
}
