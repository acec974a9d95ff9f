import { expect } from "@jest/globals";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import { defaultProgramAware } from "../../../../../picker/flow/queue/settings.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { enqueueAll, requestOf, settingsOf } from "./request-of.ts";

const { serviceWeight, headWaitWeight, halfLifeMs } = defaultProgramAware;
const tolerance = 0.05 * headWaitWeight + 1e-9;

/** A program-aware queue beside all scores, computed from their definition at every choice. */
export class Attained {
  readonly queue = new BandedQueue(settingsOf({ fairness: defaultProgramAware }, { maxIdleFlows: 100 }));
  readonly waiting: FlowRequest[] = [];
  readonly skipped = new Set<string>();
  readonly known = new Set<string>();
  readonly ended: { readonly fairnessId: string; readonly cost: number; readonly atMs: number }[] = [];
  nowMs = 0;

  enqueue(fairnessId: string): void {
    const request = requestOf({ fairnessId, arrivedAtMs: this.nowMs });
    enqueueAll(this.queue, [request]);
    this.waiting.push(request);
    this.known.add(fairnessId);
  }

  settle(fairnessId: string, tokens: number): void {
    const used = { promptTokens: tokens, outputTokens: tokens };
    this.queue.settle(requestOf({ fairnessId }), used, this.nowMs);
    if (this.known.has(fairnessId)) this.ended.push({ fairnessId, cost: 3 * tokens, atMs: this.nowMs });
  }

  cancel(index: number): void {
    const request = this.waiting[index % Math.max(1, this.waiting.length)];
    if (request === undefined) return;
    this.queue.remove(request);
    this.#leave(request);
  }

  skip(): void {
    const chosen = this.#checkedChoice();
    if (chosen === undefined) return;
    this.queue.skip(chosen);
    this.skipped.add(chosen.fairnessId);
  }

  take(): void {
    const chosen = this.#checkedChoice();
    if (chosen === undefined) {
      this.queue.beginPass();
      this.skipped.clear();
      return;
    }
    this.queue.take(chosen);
    this.#leave(chosen);
  }

  #leave(request: FlowRequest): void {
    this.waiting.splice(this.waiting.indexOf(request), 1);
    const { fairnessId } = request;
    if (!this.waiting.some((one) => one.fairnessId === fairnessId)) this.skipped.delete(fairnessId);
  }

  #checkedChoice(): FlowRequest | undefined {
    const chosen = this.queue.peek(this.nowMs, () => true);
    const ids = [...new Set(this.waiting.map(({ fairnessId }) => fairnessId))].filter((id) => !this.skipped.has(id));
    const heads = ids.map((id) => this.waiting.find(({ fairnessId }) => fairnessId === id)!);
    const services = ids.map((id) => this.#serviceOf(id));
    const waits = heads.map(({ arrivedAtMs }) => this.nowMs - arrivedAtMs);
    const relative = (value: number, of: readonly number[]): number => (value === 0 ? 0 : value / Math.max(...of));
    const scores = heads.map(
      (_, i) => serviceWeight * (1 - relative(services[i]!, services)) + headWaitWeight * relative(waits[i]!, waits),
    );
    expect(chosen === undefined).toBe(heads.length === 0);
    if (chosen === undefined) return undefined;
    expect(heads).toContain(chosen);
    expect(scores[heads.indexOf(chosen)]).toBeGreaterThanOrEqual(Math.max(...scores) - tolerance);
    return chosen;
  }

  #serviceOf(id: string): number {
    return this.ended
      .filter(({ fairnessId }) => fairnessId === id)
      .reduce((sum, { cost, atMs }) => sum + cost * 0.5 ** ((this.nowMs - atMs) / halfLifeMs), 0);
  }
}
