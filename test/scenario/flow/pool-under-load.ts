/** The picker before simulated model servers, on one virtual clock. */
import { headersOf } from "#extproc";
import type { ObjectiveTable } from "#objective";
import { seedOf } from "#random";
import type { Milliseconds, Tokens } from "#units";
import type { EngineConfig } from "../../../simulator/engine/engine-request.ts";
import type { Decision, Route } from "../../../picker/director/arrival.ts";
import type { Director } from "../../../picker/director/director.ts";
import type { FlowController } from "../../../picker/flow/controller.ts";
import { header } from "../../../picker/extproc/headers.ts";
import type { FlowStatus } from "../../../picker/flow/flow-status.ts";
import type { FlowSettings } from "../../../picker/flow/settings.ts";
import { apiOf } from "../../../picker/request/api.ts";
import type { DiscoveredEndpoint, SnapshotPublisher } from "../../../picker/state/snapshot-publisher.ts";
import { tpotMs, type Exchange } from "./exchange.ts";
import { ModelServer } from "./model-server.ts";
import { openPicker } from "./picker-parts.ts";
import type { Sent } from "./traffic.ts";
import { VirtualClock } from "./virtual-clock.ts";

export type PoolUnderLoadOptions = {
  readonly engine: EngineConfig;
  readonly servers: number;
  readonly settings: FlowSettings;
  readonly objectives: ObjectiveTable;
  readonly seed: number;
};

/** One way, between any two processes. */
const networkMs: Milliseconds = 1;
const scrapeIntervalMs: Milliseconds = 200;
/** From the first of several scrapes to the snapshot of them all. */
const publishAfterMs: Milliseconds = 5;
const path = "/v1/chat/completions";
const bytesPerToken = 4;

const filler = "all work and no play ".repeat(1000);

/** A prompt of the right length; its id comes first, so that no two share a prefix. */
const bodyOf = ({ id, promptTokens }: Sent): Buffer => {
  const content = `${id} ${filler}`.slice(0, promptTokens * bytesPerToken);
  return Buffer.from(JSON.stringify({ model: "base", stream: true, messages: [{ role: "user", content }] }));
};

const discovered = (index: number): DiscoveredEndpoint => ({
  namespace: "default",
  name: `server-${index}`,
  address: `10.0.0.${index + 1}`,
  port: 8000,
  labels: {},
});

export class PoolUnderLoad {
  readonly clock = new VirtualClock();
  /** In the order of arrival. */
  readonly exchanges: Exchange[] = [];
  readonly servers: ModelServer[] = [];
  /** Told of each server's running sequences whenever its scrape is due. */
  onSampled: (running: number) => void = () => {};
  /** Told of each dispatch. */
  onDispatched: (exchange: Exchange) => void = () => {};
  #scrapes = true;
  readonly #open = new Map<string, number>();
  readonly #options: PoolUnderLoadOptions;
  readonly #publisher: SnapshotPublisher;
  readonly #controller: FlowController;
  readonly #director: Director;

  constructor(options: PoolUnderLoadOptions) {
    this.#options = options;
    const { publisher, controller, director } = openPicker({
      ...options,
      clock: this.clock,
      onDirty: () => void this.clock.after(publishAfterMs, () => this.#publish()),
    });
    this.#publisher = publisher;
    this.#controller = controller;
    this.#director = director;
    this.setServers(options.servers);
    this.#publish();
  }

  get flow(): FlowStatus {
    return this.#controller.status();
  }

  /** The pool has this many servers from now on; new ones are idle. It never shrinks. */
  setServers(count: number): void {
    const { engine, seed } = this.#options;
    while (this.servers.length < count) {
      const index = this.servers.length;
      this.servers.push(new ModelServer(this.clock, engine, seedOf(seed, `server-${index}`)));
      this.clock.after(scrapeIntervalMs * ((index * 0.618) % 1), () => this.#scrape(index));
    }
    this.#publisher.setEndpoints(this.servers.map((_, index) => discovered(index)));
  }

  /** Requests that were sent to an endpoint and have not ended, as their clients know. */
  sentTo(endpointId: string): number {
    return this.#open.get(endpointId) ?? 0;
  }

  #count({ endpoint: { id } }: Route, by: 1 | -1): void {
    this.#open.set(id, this.sentTo(id) + by);
  }

  /** Output tokens of all servers since they began. */
  generatedTokens(): Tokens {
    return this.servers.reduce((sum, { generatedTokens }) => sum + generatedTokens, 0);
  }

  /** Runs until every request that was sent has ended. */
  finish(withinMs: Milliseconds = 3_600_000): void {
    const untilMs = this.clock.now() + withinMs;
    const isOpen = (): boolean => this.exchanges.some(({ endedAtMs }) => endedAtMs === undefined);
    while (this.clock.now() < untilMs && isOpen()) this.clock.runUntil(this.clock.now() + 1000);
  }

  /** Whether scrapes are answered. */
  set scrapes(answered: boolean) {
    this.#scrapes = answered;
  }

  #publish(): void {
    this.#publisher.publish();
    this.#controller.poolChanged();
  }

  #scrape(index: number): void {
    this.clock.after(scrapeIntervalMs, () => this.#scrape(index));
    const metrics = this.servers[index]!.metrics(this.clock.now() + networkMs);
    this.onSampled(metrics.runningRequests ?? 0);
    if (!this.#scrapes) return;
    this.clock.after(networkMs, () => {
      const endpoint = this.#publisher.endpoints[index]!;
      this.#publisher.setMetrics(endpoint.id, endpoint.hostPort, metrics);
      this.#controller.noteScrape(endpoint.slot, metrics.observedAtMs);
    });
  }

  /** A client sends a request. */
  send(sent: Sent): void {
    const { objective, tenant, onlyServer } = sent.source;
    const arrival = this.#director.arrive({
      arrivedAtMs: this.clock.now(),
      method: "POST",
      path,
      api: apiOf("POST", path),
      headers: headersOf([
        [header.requestId, sent.id],
        [header.fairnessId, tenant],
        [header.objective, objective ?? ""],
      ]),
      metadata: () => undefined,
      subsetHint: onlyServer === undefined ? undefined : discovered(onlyServer).address,
    });
    const exchange: Exchange = {
      sent,
      arrival,
      route: undefined,
      refusal: undefined,
      decidedAtMs: undefined,
      firstTokenAtMs: undefined,
      endedAtMs: undefined,
    };
    this.exchanges.push(exchange);
    this.#director.decide(arrival, bodyOf(sent), ({ decision, learn }) => {
      this.#decided(exchange, decision);
      learn?.();
    });
  }

  #decided(exchange: Exchange, decision: Decision): void {
    const nowMs = this.clock.now();
    exchange.decidedAtMs = nowMs;
    if (decision.kind === "refuse") {
      exchange.refusal = decision;
      exchange.endedAtMs = nowMs;
      return;
    }
    exchange.route = decision;
    this.#count(decision, 1);
    this.onDispatched(exchange);
    this.clock.after(networkMs, () => this.#serve(exchange, decision));
  }

  #serve(exchange: Exchange, route: Route): void {
    const { sent } = exchange;
    const index = this.#publisher.endpoints.findIndex(({ id }) => id === route.endpoint.id);
    const later = (run: () => void) => () => void this.clock.after(networkMs, run);
    this.servers[index]!.submit({
      id: sent.id,
      promptTokens: sent.promptTokens,
      outputTokens: sent.outputTokens,
      onFirstToken: later(() => {
        exchange.firstTokenAtMs = this.clock.now();
        this.#director.firstToken(route, exchange.firstTokenAtMs);
      }),
      onFinished: later(() => {
        exchange.endedAtMs = this.clock.now();
        this.#count(route, -1);
        const { promptTokens, outputTokens } = sent;
        this.#director.release(route, { promptTokens, outputTokens, tpotMs: tpotMs(exchange) });
      }),
    });
  }
}
