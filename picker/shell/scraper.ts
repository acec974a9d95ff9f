import type { Random } from "#random";
import type { Clock, Timers } from "#shell";
import { hostPortOf, type Endpoint, type EndpointMetrics } from "#pool";
import type { Bytes, Milliseconds } from "#units";
import type { EngineSelector } from "../state/engine-config.ts";
import type { MetricsSource } from "../state/metrics-source.ts";
import { readModelServerMetrics } from "../state/model-server-metrics.ts";
import { pageConnection, readScrapeTls, type PageConnection, type ScrapeFailureReason } from "./scraper-fetch.ts";
import { Permits } from "./scraper-permits.ts";

/** What is scraped: an endpoint without what scrapes themselves tell. */
export type ScrapeTarget = Pick<Endpoint, "id" | "address" | "port" | "hostPort" | "labels">;

export type ScraperOptions = {
  readonly source: MetricsSource;
  readonly engineOf: EngineSelector;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly onMetrics: (target: ScrapeTarget, metrics: EndpointMetrics) => void;
  readonly onFailure: (target: ScrapeTarget, reason: ScrapeFailureReason, message: string) => void;
  /** Told of every scrape, good or not, before its result. */
  readonly onScraped?: (target: ScrapeTarget, durationMs: Milliseconds) => void;
  /** Between two scrapes of one endpoint, ± 10 %, where the source has no interval of its own; 200 unless given. */
  readonly intervalMs?: Milliseconds;
  /** For one scrape from connecting to the page's end; 1000 unless given. */
  readonly timeoutMs?: Milliseconds;
  /** 8 MiB unless given. */
  readonly maxPageBytes?: Bytes;
  /** Scrapes at once of endpoints whose last scrape went well; 256 unless given. */
  readonly maxConcurrent?: number;
  /** Scrapes at once of the others, apart, so that they never hold up the well; 32 unless given. */
  readonly maxConcurrentFailing?: number;
};

/** Scrapes every target again and again until it is stopped. */
export interface Scraper {
  /** Starts what is new, stops what is gone. A target whose address changed counts as new. */
  setTargets(targets: readonly ScrapeTarget[]): void;
  /** Ends scrapes in flight without reporting them; resolves when all connections are closed. */
  stop(): Promise<void>;
}

type Settings = Required<Pick<ScraperOptions, "intervalMs" | "timeoutMs" | "maxPageBytes">>;
type Pools = { readonly well: Permits; readonly failing: Permits };

const settingsOf = ({ source, intervalMs, timeoutMs, maxPageBytes }: ScraperOptions): Settings => ({
  intervalMs: source.interval ?? intervalMs ?? 200,
  timeoutMs: timeoutMs ?? 1000,
  maxPageBytes: maxPageBytes ?? 8 * 1024 * 1024,
});

const jitter = 0.1;

/** The scrapes of one target: never two at once, each planned from the start of the one before. */
class TargetLoop {
  target: ScrapeTarget;
  readonly #options: ScraperOptions;
  readonly #settings: Settings;
  readonly #pools: Pools;
  readonly #connection: PageConnection;
  #cancel: () => void;
  #isFailing = false;
  #isStopped = false;

  constructor(
    target: ScrapeTarget,
    connection: PageConnection,
    settings: Settings,
    options: ScraperOptions,
    pools: Pools,
  ) {
    this.target = target;
    this.#connection = connection;
    this.#settings = settings;
    this.#options = options;
    this.#pools = pools;
    this.#cancel = options.timers.after(options.random() * settings.intervalMs, () => this.#queue());
  }

  async stop(): Promise<void> {
    this.#cancel();
    this.#isStopped = true;
    await this.#connection.close();
  }

  #queue(): void {
    const permits = this.#isFailing ? this.#pools.failing : this.#pools.well;
    this.#cancel = permits.acquire(() => {
      void this.#scrape().finally(() => permits.release());
    });
  }

  async #scrape(): Promise<void> {
    const { clock, timers, random } = this.#options;
    const startedMs = clock.nowMs();
    const fetching = this.#connection.fetch();
    const cancelTimeout = timers.after(this.#settings.timeoutMs, () => fetching.abort());
    const page = await fetching.page;
    cancelTimeout();
    if (this.#isStopped) return;
    const nowMs = clock.nowMs();
    this.#options.onScraped?.(this.target, nowMs - startedMs);
    if (page.ok) this.#read(page.text, nowMs);
    else this.#failed(page.reason, page.message);
    const dueMs = startedMs + this.#settings.intervalMs * (1 - jitter + 2 * jitter * random());
    this.#cancel = timers.after(Math.max(0, dueMs - nowMs), () => this.#queue());
  }

  #read(text: string, nowMs: Milliseconds): void {
    const engine = this.#options.engineOf(this.target.labels);
    const metrics = readModelServerMetrics(text, engine, nowMs);
    if (metrics === undefined) return this.#failed("unrecognized", `no load metrics of engine "${engine.name}"`);
    this.#isFailing = false;
    return this.#options.onMetrics(this.target, metrics);
  }

  #failed(reason: ScrapeFailureReason, message: string): void {
    this.#isFailing = true;
    this.#options.onFailure(this.target, reason, message);
  }
}

/**
 * Starts scraping; nothing happens before the first targets are set.
 * @throws FileUnreadableError when a certificate file of the source cannot be read
 */
export function startScraper(options: ScraperOptions): Scraper {
  const { source, maxConcurrent = 256, maxConcurrentFailing = 32 } = options;
  const settings = settingsOf(options);
  const pageSettings = {
    path: source.path,
    tls: readScrapeTls(source),
    maxBytes: settings.maxPageBytes,
    connectTimeoutMs: settings.timeoutMs,
  };
  const pools: Pools = { well: new Permits(maxConcurrent), failing: new Permits(maxConcurrentFailing) };
  const loops = new Map<string, TargetLoop>();
  const stopping = new Set<Promise<void>>();
  const end = (id: string, loop: TargetLoop): void => {
    loops.delete(id);
    const stopped: Promise<void> = loop.stop().finally(() => stopping.delete(stopped));
    stopping.add(stopped);
  };
  const begin = (target: ScrapeTarget): TargetLoop => {
    const origin = `${source.scheme}://${hostPortOf(target.address, source.port ?? target.port)}`;
    const connection = pageConnection({ ...pageSettings, origin });
    return new TargetLoop(target, connection, settings, options, pools);
  };
  return {
    setTargets: (targets) => {
      const wanted = new Map(targets.map((target) => [target.id, target]));
      for (const [id, loop] of loops) if (wanted.get(id)?.hostPort !== loop.target.hostPort) end(id, loop);
      for (const [id, target] of wanted) {
        const loop = loops.get(id);
        if (loop === undefined) loops.set(id, begin(target));
        else loop.target = target;
      }
    },
    stop: async () => {
      for (const [id, loop] of loops) end(id, loop);
      await Promise.all(stopping);
    },
  };
}
