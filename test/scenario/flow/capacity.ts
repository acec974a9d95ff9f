/** What a simulated server can do at most, measured. */
import type { Milliseconds } from "#units";
import type { EngineConfig } from "../../../simulator/engine/engine-request.ts";
import { ModelServer } from "./model-server.ts";
import { requestsOf, type Source } from "./traffic.ts";
import { VirtualClock } from "./virtual-clock.ts";

const warmUpMs: Milliseconds = 20_000;
const measuredMs: Milliseconds = 100_000;
const seed = 7;

/**
 * Requests a second that one server finishes while its batch is never short of work, where each source has its part in
 * proportion to its rate: by this offered load is measured.
 */
export function capacityPerSecond(config: EngineConfig, sources: readonly Source[]): number {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, config, seed);
  const mixed = sources.map((source) => ({ next: requestsOf(source, seed), perSecond: source.perSecond, sent: 0 }));
  let finished = 0;
  const submit = (): void => {
    const due = mixed.reduce((a, b) => ((a.sent + 1) / a.perSecond <= (b.sent + 1) / b.perSecond ? a : b));
    due.sent++;
    const { id, promptTokens, outputTokens } = due.next();
    const onFinished = (): void => {
      finished++;
      clock.after(0, submit);
    };
    server.submit({ id, promptTokens, outputTokens, onFirstToken: () => {}, onFinished });
  };
  for (let i = 0; i < 2 * config.maxNumSeqs; i++) submit();
  clock.runUntil(warmUpMs);
  finished = 0;
  clock.runUntil(warmUpMs + measuredMs);
  return (finished * 1000) / measuredMs;
}
