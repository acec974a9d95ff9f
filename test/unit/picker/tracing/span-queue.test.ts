import { describe, expect, it } from "@jest/globals";
import type { SpanData } from "../../../../picker/tracing/span.ts";
import { SpanQueue, type SpanQueueOptions } from "../../../../picker/tracing/span-queue.ts";

const span = (name: string): SpanData => ({
  name,
  traceId: "a".repeat(32),
  spanId: "b".repeat(16),
  kind: "internal",
  parentSpanId: undefined,
  parentIsRemote: false,
  traceState: undefined,
  startMs: 0,
  endMs: 1,
  attributes: {},
  events: [],
  error: undefined,
});
const named = (...names: readonly string[]): readonly SpanData[] => names.map(span);

/** Timers that run when they are told, and a `send` that ends when it is told. */
function setUp(options: Partial<SpanQueueOptions> = {}) {
  const waiting: { delayMs: number; run: () => void }[] = [];
  const sent: { names: readonly string[]; done: (failure?: Error) => void }[] = [];
  const counts = { exported: 0, queue_full: 0, export_failed: 0 };
  const failures: unknown[] = [];
  const queue = new SpanQueue({
    maxQueuedSpans: 6,
    maxBatchSpans: 3,
    exportDelayMs: 100,
    timers: {
      after: (delayMs, run) => {
        const timer = { delayMs, run };
        waiting.push(timer);
        return () => void (waiting.includes(timer) && waiting.splice(waiting.indexOf(timer), 1));
      },
    },
    send: (spans) =>
      new Promise((resolve, reject) => {
        sent.push({ names: spans.map(({ name }) => name), done: (failure) => (failure ? reject(failure) : resolve()) });
      }),
    onResult: (result, spans) => void (counts[result] += spans),
    onFailure: (error) => void failures.push(error),
    ...options,
  });
  const fire = (): void => waiting.shift()?.run();
  return { queue, waiting, sent, counts, failures, fire };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("SpanQueue", () => {
  it("sends what came within the delay as one batch", async () => {
    const { queue, waiting, sent, counts, fire } = setUp();
    queue.keep(named("a"));
    queue.keep(named("b"));
    expect(waiting.map(({ delayMs }) => delayMs)).toEqual([100]);
    expect(sent).toEqual([]);
    fire();
    expect(sent.map(({ names }) => names)).toEqual([["a", "b"]]);
    sent[0]!.done();
    await settle();
    expect(counts).toEqual({ exported: 2, queue_full: 0, export_failed: 0 });
  });

  it("does not wait once a batch is whole", () => {
    const { queue, waiting } = setUp();
    queue.keep(named("a"));
    queue.keep(named("b", "c"));
    expect(waiting.map(({ delayMs }) => delayMs)).toEqual([0]);
  });

  it("has one batch under way at a time, and sends the rest after it", async () => {
    const { queue, sent, fire } = setUp();
    queue.keep(named("a", "b", "c", "d"));
    fire();
    queue.keep(named("e"));
    expect(sent.map(({ names }) => names)).toEqual([["a", "b", "c"]]);
    sent[0]!.done();
    await settle();
    expect(sent.map(({ names }) => names)).toEqual([
      ["a", "b", "c"],
      ["d", "e"],
    ]);
  });

  it("is bounded: takes a request whole or not at all, and counts what it drops", async () => {
    const { queue, counts, sent, fire } = setUp();
    expect(queue.keep(named("a", "b", "c"))).toBe(true);
    expect(queue.keep(named("d", "e"))).toBe(true);
    expect(queue.keep(named("f", "g"))).toBe(false);
    expect(queue.keep(named("h"))).toBe(true);
    expect(counts.queue_full).toBe(2);
    fire();
    // What is under way is no longer in the queue.
    expect(queue.keep(named("i", "j", "k"))).toBe(true);
    sent[0]!.done();
    await settle();
    expect(sent[1]?.names).toEqual(["d", "e", "h"]);
  });

  it("counts a batch that did not arrive, says why, and goes on", async () => {
    const { queue, sent, counts, failures, fire } = setUp();
    queue.keep(named("a", "b", "c", "d"));
    fire();
    sent[0]!.done(new Error("no collector"));
    await settle();
    sent[1]!.done();
    await settle();
    expect(counts).toEqual({ exported: 1, queue_full: 0, export_failed: 3 });
    expect(failures).toEqual([new Error("no collector")]);
  });

  it("sends what waits when it is closed, and takes no more", async () => {
    const { queue, sent, counts } = setUp();
    queue.keep(named("a"));
    const closed = queue.close(1000);
    sent[0]!.done();
    await closed;
    expect(counts.exported).toBe(1);
    expect(queue.keep(named("b"))).toBe(false);
  });

  it("does not wait for a collector that never answers", async () => {
    const { queue, waiting, sent } = setUp();
    queue.keep(named("a"));
    const closed = queue.close(1000);
    expect(sent).toHaveLength(1);
    expect(waiting.map(({ delayMs }) => delayMs)).toEqual([1000]);
    waiting[0]!.run();
    await closed;
  });
});
