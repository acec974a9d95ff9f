import type { Milliseconds, Tokens } from "#units";
import type { EngineConfig, EngineRequest } from "./engine-request.ts";
import { emptyTable, KvCache } from "./kv-cache.ts";
import type { BlockTable } from "./kv-cache.ts";
import { LoraSlots } from "./lora-slots.ts";
import type { StepLoad } from "./step-time.ts";

/** A request and how far it is. */
export type Sequence = {
  readonly request: EngineRequest;
  readonly submittedAtMs: Milliseconds;
  readonly table: BlockTable;
  /** Tokens whose keys and values are in the table. */
  computedTokens: Tokens;
  emittedTokens: Tokens;
  /** Of the step that is running; 0 where it takes no part. */
  stepTokens: Tokens;
  cachedTokens: Tokens | undefined;
  scheduledAtMs: Milliseconds | undefined;
  firstTokenAtMs: Milliseconds | undefined;
  lastTokenAtMs: Milliseconds | undefined;
};

export const newSequence = (request: EngineRequest, submittedAtMs: Milliseconds): Sequence => ({
  request,
  submittedAtMs,
  table: emptyTable(),
  computedTokens: 0,
  emittedTokens: 0,
  stepTokens: 0,
  cachedTokens: undefined,
  scheduledAtMs: undefined,
  firstTokenAtMs: undefined,
  lastTokenAtMs: undefined,
});

const totalTokens = (sequence: Sequence): Tokens => sequence.request.promptTokens + sequence.emittedTokens;

/** What the next step does. */
export type StepPlan = StepLoad & { readonly loadedAdapters: number; readonly preempted: readonly Sequence[] };

/**
 * Continuous batching with chunked prefill, first come first served: running sequences first, in the order in which they
 * were admitted, then waiting ones while batch, token budget and memory allow. When memory runs out the newest running
 * sequence gives its blocks back and waits at the head of the queue; it computes its tokens again later.
 */
export class Scheduler {
  readonly waiting: Sequence[] = [];
  readonly running: Sequence[] = [];
  readonly kv: KvCache;
  readonly lora: LoraSlots;
  prefixQueriedTokens = 0;
  prefixHitTokens = 0;
  readonly #config: EngineConfig;
  #budget = 0;
  #decodes = 0;
  #contextTokens = 0;
  #prefillTokens = 0;

  constructor(config: EngineConfig) {
    this.#config = config;
    this.kv = new KvCache(config.numGpuBlocks, config.blockSize);
    this.lora = new LoraSlots(config.maxLoras);
  }

  /** Decides the step that starts now and takes its memory. Undefined where there is nothing to do. */
  plan(nowMs: Milliseconds): StepPlan | undefined {
    this.#budget = this.#config.maxNumBatchedTokens;
    this.#decodes = this.#contextTokens = this.#prefillTokens = 0;
    const preempted: Sequence[] = [];
    for (const sequence of this.running) sequence.stepTokens = 0;
    this.#continueRunning(preempted);
    // Memory that was just given back belongs to those that were running, not to newcomers.
    const loadedAdapters = preempted.length === 0 ? this.#admit(nowMs) : 0;
    if (this.running.length === 0) return undefined;
    return {
      decodes: this.#decodes,
      contextTokens: this.#contextTokens,
      prefillTokens: this.#prefillTokens,
      loadedAdapters,
      preempted,
    };
  }

  /** Takes a sequence out, wherever it is, and gives its memory back. */
  remove(sequence: Sequence): void {
    const at = this.running.indexOf(sequence);
    if (at >= 0) {
      this.running.splice(at, 1);
      this.#release(sequence);
    } else {
      this.waiting.splice(this.waiting.indexOf(sequence), 1);
    }
  }

  waitingAdapters(): readonly string[] {
    const names = new Set<string>();
    for (const { request } of this.waiting) if (request.adapter !== undefined) names.add(request.adapter);
    return [...names];
  }

  #continueRunning(preempted: Sequence[]): void {
    for (let i = 0; i < this.running.length && this.#budget > 0; i++) {
      const sequence = this.running[i]!;
      const tokens = Math.min(totalTokens(sequence) - sequence.computedTokens, this.#budget);
      while (i < this.running.length && !this.kv.grow(sequence.table, sequence.computedTokens + tokens)) {
        preempted.push(this.#preemptNewest());
      }
      if (i < this.running.length) this.#take(sequence, tokens);
    }
  }

  #preemptNewest(): Sequence {
    const sequence = this.running.pop()!;
    this.#release(sequence);
    this.waiting.unshift(sequence);
    return sequence;
  }

  #admit(nowMs: Milliseconds): number {
    let loaded = 0;
    for (let i = 0; i < this.waiting.length && this.running.length < this.#config.maxNumSeqs && this.#budget > 0;) {
      const sequence = this.waiting[i]!;
      const { adapter, blockHashes } = sequence.request;
      if (adapter !== undefined && !this.lora.admits(adapter)) {
        i++;
        continue;
      }
      const wanted = totalTokens(sequence);
      // At least one token is always computed: the next one comes out of it.
      const limit = Math.min(blockHashes.length, Math.floor((wanted - 1) / this.#config.blockSize));
      const cached = this.#config.prefixCaching ? this.kv.cachedPrefix(blockHashes, limit) : [];
      const cachedTokens = cached.length * this.#config.blockSize;
      const tokens = Math.min(wanted - cachedTokens, this.#budget);
      if (!this.kv.open(sequence.table, cached, cachedTokens + tokens)) break;
      this.waiting.splice(i, 1);
      this.running.push(sequence);
      if (adapter !== undefined && this.lora.acquire(adapter) === "loaded") loaded++;
      this.#admitted(sequence, cachedTokens, nowMs);
      this.#take(sequence, tokens);
    }
    return loaded;
  }

  #admitted(sequence: Sequence, cachedTokens: Tokens, nowMs: Milliseconds): void {
    sequence.computedTokens = cachedTokens;
    if (sequence.scheduledAtMs !== undefined) return;
    sequence.scheduledAtMs = nowMs;
    sequence.cachedTokens = cachedTokens;
    if (!this.#config.prefixCaching) return;
    this.prefixQueriedTokens += sequence.request.promptTokens;
    this.prefixHitTokens += cachedTokens;
  }

  #take(sequence: Sequence, tokens: Tokens): void {
    sequence.stepTokens = tokens;
    this.#budget -= tokens;
    if (tokens === 1 && sequence.emittedTokens > 0) {
      this.#decodes++;
      this.#contextTokens += sequence.computedTokens + 1;
    } else {
      this.#prefillTokens += tokens;
    }
  }

  #release(sequence: Sequence): void {
    this.kv.close(sequence.table);
    if (sequence.request.adapter !== undefined) this.lora.release(sequence.request.adapter);
    sequence.stepTokens = 0;
  }
}
