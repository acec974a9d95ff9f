/** Spans on their way out: bounded, sent in batches, one batch at a time. A request never waits for them. */
import type { Timers } from "#shell";
import type { Milliseconds } from "#units";
import type { SpanData } from "./span.ts";
import type { TracingSettings } from "./settings.ts";

/** What became of spans. */
export type SpanResult = "exported" | "queue_full" | "export_failed";

export type SpanQueueOptions = Pick<TracingSettings, "maxQueuedSpans" | "maxBatchSpans" | "exportDelayMs"> & {
  readonly timers: Timers;
  /** Rejects where the spans did not arrive. */
  readonly send: (spans: readonly SpanData[]) => Promise<void>;
  readonly onResult: (result: SpanResult, spans: number) => void;
  /** Told of each batch that did not arrive. */
  readonly onFailure: (error: unknown) => void;
};

/** Keeps spans until they are sent. */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  readonly #waiting: SpanData[] = [];
  #cancelTimer: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  /** Takes all spans of one request, or none. @returns whether there was room */
  keep(spans: readonly SpanData[]): boolean {
    const { maxQueuedSpans, maxBatchSpans, exportDelayMs, timers, onResult } = this.#options;
    if (this.#closed || this.#waiting.length + spans.length > maxQueuedSpans) {
      onResult("queue_full", spans.length);
      return false;
    }
    this.#waiting.push(...spans);
    const isWhole = this.#waiting.length >= maxBatchSpans;
    if (isWhole) this.#cancel();
    this.#cancelTimer ??= timers.after(isWhole ? 0 : exportDelayMs, () => {
      this.#cancelTimer = undefined;
      void this.flush();
    });
    return true;
  }

  /** Sends what waits, and what comes meanwhile. Never rejects. */
  flush(): Promise<void> {
    this.#cancel();
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  /** Takes no more, and sends what waits for at most `graceMs`. */
  async close(graceMs: Milliseconds): Promise<void> {
    this.#closed = true;
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.timers.after(graceMs, late.resolve);
    await Promise.race([this.flush(), late.promise]);
    cancel();
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  async #sendAll(): Promise<void> {
    const { maxBatchSpans, send, onResult, onFailure } = this.#options;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxBatchSpans);
      try {
        await send(batch);
        onResult("exported", batch.length);
      } catch (error) {
        onResult("export_failed", batch.length);
        onFailure(error);
      }
    }
  }
}
