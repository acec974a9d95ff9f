/** Tracing of one picker: the tracer that sessions ask, the queue, and the SDK behind it. */
import { messageOf } from "#errors";
import { pickerMetrics, type MetricRegistry } from "#metrics";
import type { Random } from "#random";
import { systemTimers, type Clock, type Logger } from "#shell";
import type { Milliseconds } from "#units";
import { RequestTracer } from "../tracing/request-tracer.ts";
import type { TracingSettings } from "../tracing/settings.ts";
import { SpanQueue, type SpanResult } from "../tracing/span-queue.ts";
import { loadTracingSdk } from "./tracing-sdk.ts";

export type TracingOptions = {
  readonly tracing?: TracingSettings | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: string;
  readonly version: string;
};

export interface Tracing {
  readonly tracer: RequestTracer;
  /** Sends what waits for a short time, then lets go. */
  close(): Promise<void>;
}

const closeGraceMs: Milliseconds = 3000;

/** Loads the SDK and starts to trace; undefined where the options have no tracing. */
export async function openTracing(options: TracingOptions, registry: MetricRegistry): Promise<Tracing | undefined> {
  const { tracing: settings, log, clock, random, pool, version } = options;
  if (settings === undefined) return undefined;
  const counted = (result: SpanResult) => registry.counter(pickerMetrics.traceSpansTotal, { result });
  const counters = {
    exported: counted("exported"),
    queue_full: counted("queue_full"),
    export_failed: counted("export_failed"),
  };
  const sdk = await loadTracingSdk(settings.resource, version);
  let isFailing = false;
  const queue = new SpanQueue({
    ...settings,
    timers: systemTimers,
    send: (spans) => sdk.send(spans),
    onResult: (result, spans) => {
      counters[result].add(spans);
      if (result !== "exported" || !isFailing) return;
      isFailing = false;
      log.info("traces are exported again");
    },
    onFailure: (error) => {
      if (!isFailing) log.warn("traces cannot be exported", { error: messageOf(error) });
      isFailing = true;
    },
  });
  const tracer = new RequestTracer({
    ...settings,
    pool,
    random,
    wallOffsetMs: () => clock.wallMs() - clock.nowMs(),
    keep: (spans) => queue.keep(spans),
  });
  return {
    tracer,
    close: async () => {
      await queue.close(closeGraceMs);
      await Promise.race([sdk.shutdown(), new Promise<void>((resolve) => void systemTimers.after(1000, resolve))]);
    },
  };
}
