import type { Milliseconds, Ratio, Tokens } from "#units";
import type {
  EngineConfig,
  EngineEvent,
  EngineRequest,
  EngineState,
  FinishReason,
  SubmitResult,
} from "./engine-request.ts";
import { newSequence, Scheduler } from "./scheduler.ts";
import type { Sequence } from "./scheduler.ts";
import { stepTimeMs } from "./step-time.ts";

/** What an engine needs from outside. */
export type EngineOptions = {
  readonly config: EngineConfig;
  /** Uniform in [0, 1): the jitter of step times. */
  readonly random: () => Ratio;
  /** Multiplies each step's time, read when the step starts. */
  readonly slowdown?: (nowMs: Milliseconds) => number;
};

/**
 * A continuous-batching model server as a state machine. Time comes in with each call and never goes back; steps follow
 * one another without a gap while there is work, so the same engine runs in real time and under a virtual clock.
 */
export class Engine {
  readonly config: EngineConfig;
  readonly #random: () => Ratio;
  readonly #slowdown: (nowMs: Milliseconds) => number;
  readonly #scheduler: Scheduler;
  readonly #sequences = new Map<string, Sequence>();
  #events: EngineEvent[] = [];
  /** End of the running step; undefined between steps. */
  #stepEndsAtMs: Milliseconds | undefined;
  /** When the next step starts, while none runs and there is work. */
  #wakeAtMs: Milliseconds | undefined;
  #heldSinceMs: Milliseconds | undefined;
  #promptTokens: Tokens = 0;
  #generatedTokens: Tokens = 0;
  #preemptions = 0;

  constructor(options: EngineOptions) {
    this.config = options.config;
    this.#random = options.random;
    this.#slowdown = options.slowdown ?? (() => 1);
    this.#scheduler = new Scheduler(options.config);
  }

  /** Requests that have not finished. */
  get unfinished(): number {
    return this.#sequences.size;
  }

  /**
   * Queues a request. Requests submitted at the same instant join the same step. Throws on an id that is in use.
   * `too-long`: prompt and output exceed the context, or the whole KV memory.
   */
  submit(request: EngineRequest, nowMs: Milliseconds): SubmitResult {
    if (this.#sequences.has(request.id)) throw new Error(`request id "${request.id}" is in use`);
    this.#run(nowMs, false);
    const tokens = request.promptTokens + request.outputTokens;
    if (tokens > this.config.maxModelLen || this.#scheduler.kv.blocksFor(tokens) > this.config.numGpuBlocks) {
      return { kind: "rejected", reason: "too-long" };
    }
    if (this.#scheduler.waiting.length >= this.config.maxWaitingRequests) {
      return { kind: "rejected", reason: "queue-full" };
    }
    const sequence = newSequence(request, nowMs);
    this.#sequences.set(request.id, sequence);
    this.#scheduler.waiting.push(sequence);
    if (this.#stepEndsAtMs === undefined) this.#wakeAtMs ??= nowMs;
    return { kind: "accepted" };
  }

  /** Ends a request early; it finishes with reason `abort`. False where the id is unknown or has finished. */
  cancel(id: string, nowMs: Milliseconds): boolean {
    this.#run(nowMs, false);
    const sequence = this.#sequences.get(id);
    if (sequence === undefined) return false;
    this.#scheduler.remove(sequence);
    this.#finish(sequence, "abort", nowMs);
    if (this.#sequences.size === 0) this.#wakeAtMs = undefined;
    return true;
  }

  /** Runs to `nowMs` and returns what happened since the last call, in the order of time. */
  advance(nowMs: Milliseconds): readonly EngineEvent[] {
    this.#run(nowMs, true);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The instant at which {@link advance} has something to do or to tell; undefined while idle or held. */
  nextEventAtMs(): Milliseconds | undefined {
    if (this.#events.length > 0) return this.#events[0]!.atMs;
    return this.#heldSinceMs === undefined ? (this.#stepEndsAtMs ?? this.#wakeAtMs) : undefined;
  }

  /** Stands still: requests queue and can be cancelled, and nothing else happens until {@link release}. */
  hold(nowMs: Milliseconds): void {
    this.#run(nowMs, false);
    this.#heldSinceMs ??= nowMs;
  }

  /** Goes on where it was held; what was under way takes that much longer. */
  release(nowMs: Milliseconds): void {
    if (this.#heldSinceMs === undefined) return;
    const heldMs = nowMs - this.#heldSinceMs;
    this.#heldSinceMs = undefined;
    if (this.#stepEndsAtMs !== undefined) this.#stepEndsAtMs += heldMs;
    if (this.#wakeAtMs !== undefined) this.#wakeAtMs = nowMs;
  }

  state(): EngineState {
    const { running, waiting, kv, lora, prefixQueriedTokens, prefixHitTokens } = this.#scheduler;
    return {
      runningRequests: running.length,
      waitingRequests: waiting.length,
      kvCacheUsageRatio: kv.usageRatio,
      usedBlocks: kv.usedBlocks,
      cachedBlocks: kv.cachedBlocks,
      runningAdapters: lora.active(),
      waitingAdapters: this.#scheduler.waitingAdapters(),
      totals: {
        promptTokens: this.#promptTokens,
        generatedTokens: this.#generatedTokens,
        preemptions: this.#preemptions,
        prefixQueriedTokens,
        prefixHitTokens,
      },
    };
  }

  /** Before a submission, a step that would start at that same instant is left to wait for it (`startAtNow` false). */
  #run(nowMs: Milliseconds, startAtNow: boolean): void {
    if (this.#heldSinceMs !== undefined) return;
    for (;;) {
      if (this.#stepEndsAtMs !== undefined) {
        if (this.#stepEndsAtMs > nowMs) return;
        this.#completeStep(this.#stepEndsAtMs);
      }
      const wakeAtMs = this.#wakeAtMs;
      if (wakeAtMs === undefined || wakeAtMs > nowMs || (wakeAtMs === nowMs && !startAtNow)) return;
      this.#startStep(wakeAtMs);
    }
  }

  #startStep(nowMs: Milliseconds): void {
    this.#wakeAtMs = undefined;
    const plan = this.#scheduler.plan(nowMs);
    if (plan === undefined) return;
    for (const { request } of plan.preempted) {
      this.#preemptions++;
      this.#events.push({ kind: "preempted", id: request.id, atMs: nowMs });
    }
    const jitter = 1 + this.config.stepJitterRatio * (2 * this.#random() - 1);
    const computeMs = stepTimeMs(this.config.stepTime, plan) * jitter + this.config.loraLoadMs * plan.loadedAdapters;
    this.#stepEndsAtMs = nowMs + computeMs * this.#slowdown(nowMs);
  }

  #completeStep(atMs: Milliseconds): void {
    this.#stepEndsAtMs = undefined;
    const { running, kv } = this.#scheduler;
    const done: Sequence[] = [];
    for (const sequence of running) {
      if (sequence.stepTokens === 0) continue;
      sequence.computedTokens += sequence.stepTokens;
      if (this.config.prefixCaching) kv.register(sequence.table, sequence.request.blockHashes, sequence.computedTokens);
      if (sequence.computedTokens < sequence.request.promptTokens + sequence.emittedTokens) continue;
      this.#produce(sequence, atMs);
      if (sequence.emittedTokens === sequence.request.outputTokens) done.push(sequence);
    }
    for (const sequence of done) {
      this.#scheduler.remove(sequence);
      this.#finish(sequence, sequence.request.finishReason, atMs);
    }
    if (this.#sequences.size > 0) this.#wakeAtMs = atMs;
  }

  #produce(sequence: Sequence, atMs: Milliseconds): void {
    if (sequence.emittedTokens === 0) this.#promptTokens += sequence.request.promptTokens;
    if (sequence.request.outputTokens === 0) return;
    const sinceMs = atMs - (sequence.lastTokenAtMs ?? sequence.submittedAtMs);
    sequence.emittedTokens++;
    sequence.firstTokenAtMs ??= atMs;
    sequence.lastTokenAtMs = atMs;
    this.#generatedTokens++;
    const { request, emittedTokens: index, cachedTokens = 0 } = sequence;
    this.#events.push({ kind: "token", id: request.id, atMs, index, sinceMs, cachedTokens });
  }

  #finish(sequence: Sequence, reason: FinishReason, atMs: Milliseconds): void {
    this.#sequences.delete(sequence.request.id);
    this.#events.push({
      kind: "finished",
      id: sequence.request.id,
      atMs,
      reason,
      promptTokens: sequence.request.promptTokens,
      outputTokens: sequence.emittedTokens,
      cachedTokens: sequence.cachedTokens ?? 0,
      submittedAtMs: sequence.submittedAtMs,
      scheduledAtMs: sequence.scheduledAtMs,
      firstTokenAtMs: sequence.firstTokenAtMs,
    });
  }
}
