import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { Milliseconds } from "#units";
import type { LoadOptions } from "../options.ts";
import { recordOf, type Exchange } from "../outcome.ts";
import { planRequests, type PlannedRequest } from "../plan.ts";
import { longText } from "../prompt.ts";
import { Durations } from "../quantiles.ts";
import { ReportBuilder, type LoadReport } from "../report.ts";
import { apiPath, requestBody } from "../request-body.ts";
import { SelfWatch } from "./self-watch.ts";
import { InFlight, type Outgoing } from "./send.ts";

/** Live counts of a run. */
export type LoadProgress = {
  readonly elapsedMs: Milliseconds;
  readonly durationMs: Milliseconds;
  readonly sent: number;
  readonly skipped: number;
  readonly inFlight: number;
  readonly ended: number;
  readonly completed: number;
  readonly met: number;
  readonly missed: number;
};

/** How a run talks to whoever started it. */
export type RunHooks = {
  /** Called every `progressMs` and once at the end. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** 250 ms when not given. */
  readonly progressMs?: Milliseconds;
  /** Stops the run early: what is in flight becomes unfinished, and the report covers what was sent. */
  readonly signal?: AbortSignal;
};

/** One run's sending and counting. */
class Run {
  readonly #options: LoadOptions;
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #report: ReportBuilder;
  readonly #lateness = new Durations();
  readonly #active = new Set<InFlight>();
  readonly #startedAtMs = performance.now();
  readonly #stop: AbortSignal | undefined;
  readonly #counts = { sent: 0, skipped: 0, ended: 0, completed: 0, met: 0, missed: 0 };
  #onIdle: (() => void) | undefined;

  constructor(options: LoadOptions, signal: AbortSignal | undefined) {
    const url = new URL(options.url);
    this.#options = options;
    this.#stop = signal;
    this.#basePath = url.pathname.replace(/\/+$/, "");
    this.#report = new ReportBuilder(options);
    this.#pool = new Pool(url.origin, {
      connections: null,
      pipelining: 1,
      connect: { rejectUnauthorized: !options.insecure, timeout: options.requestTimeoutMs },
    });
  }

  get progress(): LoadProgress {
    const elapsedMs = performance.now() - this.#startedAtMs;
    return { elapsedMs, durationMs: this.#options.durationMs, inFlight: this.#active.size, ...this.#counts };
  }

  /** Sends every planned request at its time, whatever the earlier ones do. */
  async sendAll(): Promise<void> {
    for (const request of planRequests(this.#options)) {
      if (request.index >= this.#options.maxRequests) return;
      const outgoing = this.#prepare(request);
      if (!(await this.#until(outgoing.intendedAtMs))) return;
      if (this.#active.size >= this.#options.maxInFlight) {
        this.#counts.skipped += 1;
        this.#report.skip(request.objective.name);
      } else {
        this.#send(outgoing);
      }
    }
    await this.#until(this.#startedAtMs + this.#options.durationMs);
  }

  /** Waits for what is in flight, for at most the drain time, then cuts it off. */
  async drain(): Promise<void> {
    if (this.#active.size > 0 && this.#stop?.aborted !== true) {
      const waiting = new AbortController();
      const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
      const stopped = AbortSignal.any([waiting.signal, ...(this.#stop === undefined ? [] : [this.#stop])]);
      await Promise.race([idle, sleep(this.#options.drainMs, undefined, { signal: stopped }).catch(() => undefined)]);
      waiting.abort();
    }
    for (const request of this.#active) request.cut("unfinished");
    await this.#pool.destroy();
  }

  finish(startedAt: string, watch: SelfWatch): LoadReport {
    return this.#report.build(startedAt, performance.now() - this.#startedAtMs, watch.stop(this.#lateness.quantiles()));
  }

  /** False when the run was stopped meanwhile. */
  async #until(instantMs: Milliseconds): Promise<boolean> {
    for (let waitMs = instantMs - performance.now(); waitMs > 0; waitMs = instantMs - performance.now()) {
      await sleep(waitMs, undefined, this.#stop && { signal: this.#stop }).catch(() => undefined);
      if (this.#stop?.aborted === true) return false;
    }
    return this.#stop?.aborted !== true;
  }

  #prepare(request: PlannedRequest): Outgoing {
    const { objective } = request;
    const { model, seed, headers } = this.#options;
    const requestId = randomUUID();
    return {
      requestId,
      objective,
      intendedAtMs: this.#startedAtMs + request.intendedAtMs,
      path: this.#basePath + apiPath(objective.api),
      headers: {
        "content-type": "application/json",
        "x-llm-d-inference-objective": objective.name,
        ...headers,
        "x-request-id": requestId,
      },
      body: requestBody(request, model, seed),
    };
  }

  #send(outgoing: Outgoing): void {
    const request = new InFlight(outgoing, this.#options.requestTimeoutMs, (exchange) =>
      this.#ended(request, exchange),
    );
    this.#active.add(request);
    this.#counts.sent += 1;
    request.send(this.#pool);
  }

  #ended(request: InFlight, exchange: Exchange): void {
    const record = recordOf(exchange, this.#startedAtMs);
    const { verdict } = record.judgement;
    this.#lateness.add(record.latenessMs);
    this.#report.add(record);
    this.#counts.ended += 1;
    if (record.outcome === "completed") this.#counts.completed += 1;
    if (verdict === "met" || verdict === "missed") this.#counts[verdict] += 1;
    this.#active.delete(request);
    if (this.#active.size === 0) this.#onIdle?.();
  }
}

/**
 * Runs one open-loop load: requests go out at their planned times and never wait for replies. Ends by itself after the
 * duration and the drain time, or when `signal` aborts.
 * @returns the report, also of a run that is void or was stopped
 * @throws TypeError where the URL is none
 */
export async function runLoad(options: LoadOptions, hooks: RunHooks = {}): Promise<LoadReport> {
  longText();
  const startedAt = new Date().toISOString();
  const watch = new SelfWatch();
  const run = new Run(options, hooks.signal);
  const ticking = setInterval(() => hooks.onProgress?.(run.progress), hooks.progressMs ?? 250);
  try {
    await run.sendAll();
    await run.drain();
  } finally {
    clearInterval(ticking);
  }
  const report = run.finish(startedAt, watch);
  hooks.onProgress?.(run.progress);
  return report;
}
