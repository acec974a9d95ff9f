/** /live/events: one snapshot a second, made once for all who watch, and none while nobody does. */
import type { MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import type { AdminEventRoute, Clock, EventClient, Timers } from "#shell";
import type { Milliseconds } from "#units";
import type { DecisionLog } from "../decision/decision-log.ts";
import type { FlowStatus } from "../flow/flow-status.ts";
import { liveDecisions, type LiveDecision } from "../live/decisions.ts";
import { liveSnapshot, type LiveSnapshot } from "../live/snapshot.ts";
import { LiveWindows, sampleStepMs } from "../live/windows.ts";
import type { Followed } from "./configuration-files.ts";
import type { Pool } from "./pool.ts";

export type LiveOptions = {
  readonly pool: string;
  readonly staleAfterMs: Milliseconds;
  readonly version: string;
  readonly clock: Clock;
};

export type LiveParts = {
  readonly registry: MetricRegistry;
  readonly pool: Pool;
  readonly objectives: Followed<ObjectiveTable>;
  readonly decisions: DecisionLog;
  readonly flow: () => FlowStatus;
  readonly timers: Timers;
};

/** One event. The first that a client gets has the decisions that are kept; later ones have those that are new. */
export type LiveEvent = LiveSnapshot & { readonly decisions: readonly LiveDecision[] };

export interface Live {
  readonly route: AdminEventRoute;
  stop(): void;
}

const tickMs: Milliseconds = 1000;
/** A crowd is not welcome: each costs its share of the picker's CPU. */
const mostClients = 32;

/** Runs every `stepMs` until it is cancelled. */
function repeat(timers: Timers, stepMs: Milliseconds, run: () => void): () => void {
  let cancel = (): void => {};
  const next = (): void => {
    cancel = timers.after(stepMs, () => {
      next();
      run();
    });
  };
  next();
  return () => cancel();
}

class LiveFeed implements Live {
  readonly #options: LiveOptions;
  readonly #parts: LiveParts;
  readonly #windows: LiveWindows;
  readonly #stopSampling: () => void;
  readonly #clients = new Set<EventClient>();
  #stopTicking: (() => void) | undefined;
  #latest: LiveSnapshot | undefined;
  #decisionsSinceMs: Milliseconds = 0;

  constructor(options: LiveOptions, parts: LiveParts) {
    const { registry, pool, objectives, timers } = parts;
    const { clock } = options;
    this.#options = options;
    this.#parts = parts;
    const sources = {
      registry,
      pool: options.pool,
      objectives: () => objectives.current(),
      snapshot: () => pool.snapshot(),
    };
    this.#windows = new LiveWindows(sources, clock.nowMs());
    this.#stopSampling = repeat(timers, sampleStepMs, () => this.#windows.sample(clock.nowMs()));
  }

  readonly route: AdminEventRoute = {
    open: (client) => {
      if (this.#clients.size >= mostClients) return false;
      if (this.#latest === undefined) {
        this.#latest = this.#snapshot();
        this.#decisionsSinceMs = this.#options.clock.nowMs();
      }
      const decisions = liveDecisions(this.#parts.decisions, this.#options.clock, undefined);
      client.send(JSON.stringify({ ...this.#latest, decisions } satisfies LiveEvent));
      this.#clients.add(client);
      client.onGone(() => this.#remove(client));
      this.#stopTicking ??= repeat(this.#parts.timers, tickMs, () => this.#tick());
      return true;
    },
  };

  stop(): void {
    this.#stopSampling();
    this.#stopTicking?.();
  }

  #remove(client: EventClient): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = undefined;
    this.#latest = undefined;
  }

  #tick(): void {
    const snapshot = this.#snapshot();
    const decisions = liveDecisions(this.#parts.decisions, this.#options.clock, this.#decisionsSinceMs);
    this.#decisionsSinceMs = this.#options.clock.nowMs();
    this.#latest = snapshot;
    const event = JSON.stringify({ ...snapshot, decisions } satisfies LiveEvent);
    for (const client of this.#clients) client.send(event);
  }

  #snapshot(): LiveSnapshot {
    const { version, pool: name, staleAfterMs, clock } = this.#options;
    const { registry, pool, objectives, flow } = this.#parts;
    return liveSnapshot({
      version,
      registry,
      pool: name,
      objectives: objectives.current(),
      snapshot: pool.snapshot(),
      ledger: pool.ledger,
      windows: this.#windows,
      flow,
      staleAfterMs,
      nowMs: clock.nowMs(),
      wallMs: clock.wallMs(),
    });
  }
}

/** Samples from now on, whether or not somebody watches, so that a page that is opened has a past to show. */
export const openLive = (options: LiveOptions, parts: LiveParts): Live => new LiveFeed(options, parts);
