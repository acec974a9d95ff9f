import { Engine } from "../../../../simulator/engine/engine.ts";
import type { EngineConfig, EngineEvent, EngineRequest } from "../../../../simulator/engine/engine-request.ts";

/** Round numbers: a step takes 10 ms, 1 ms a decoding sequence and 0.1 ms a prefill token. */
export const plainConfig: EngineConfig = {
  maxNumSeqs: 4,
  maxNumBatchedTokens: 64,
  maxModelLen: 512,
  maxWaitingRequests: 100,
  blockSize: 4,
  numGpuBlocks: 100,
  maxLoras: 1,
  loraLoadMs: 0,
  prefixCaching: true,
  stepJitterRatio: 0,
  stepTime: {
    baseMs: 10,
    perSequenceMs: 1,
    perContextTokenMs: 0,
    prefillOffsetMs: 0,
    perPrefillTokenMs: 0.1,
    prefillKneeTokens: 1000,
    perPrefillTokenAboveKneeMs: 0,
  },
};

export const engineOf = (change: Partial<EngineConfig> = {}): Engine =>
  new Engine({ config: { ...plainConfig, ...change }, random: () => 0.5 });

export const requestOf = (id: string, change: Partial<EngineRequest> = {}): EngineRequest => ({
  id,
  promptTokens: 10,
  outputTokens: 3,
  finishReason: "stop",
  blockHashes: [],
  adapter: undefined,
  ...change,
});

/** Runs to the end, one event at a time as a driver does. `onStep` sees the engine after each of them. */
export function drain(engine: Engine, onStep: () => void = () => undefined): readonly EngineEvent[] {
  const events: EngineEvent[] = [];
  for (let at = engine.nextEventAtMs(); at !== undefined; at = engine.nextEventAtMs()) {
    events.push(...engine.advance(at));
    onStep();
  }
  return events;
}

/** `token a 1 @11`, `finished a stop @33`, `preempted b @20`. */
export const told = (events: readonly EngineEvent[]): readonly string[] =>
  events.map((event) => {
    const at = `@${Number(event.atMs.toFixed(3))}`;
    if (event.kind === "token") return `token ${event.id} ${event.index} ${at}`;
    return event.kind === "finished" ? `finished ${event.id} ${event.reason} ${at}` : `preempted ${event.id} ${at}`;
  });

export const ofRequest = (events: readonly EngineEvent[], id: string): readonly EngineEvent[] =>
  events.filter((event) => event.id === id);
