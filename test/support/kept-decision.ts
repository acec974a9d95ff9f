import type { KeptDecision } from "../../picker/decision/kept-decision.ts";
import { exampleTable } from "./attainment.ts";

/** A request of objective `chat` that met it; instants in ms from 0 to 1000. */
export const keptWith = (part: Partial<KeptDecision> = {}): KeptDecision => ({
  sequence: 0,
  bytes: 1000,
  id: "request-1",
  objective: exampleTable.find("chat"),
  judgement: { verdict: "met", reason: undefined, ttft: "met", tpot: "met", e2e: undefined },
  outcome: "completed",
  refusal: undefined,
  refusalStatus: undefined,
  responseStatus: 200,
  streamed: true,
  model: "llama",
  endpoint: "default/a",
  arrivedAtMs: 0,
  decidingAtMs: 1,
  queuedMs: undefined,
  flow: undefined,
  retryAfterSeconds: undefined,
  decidedAtMs: 2,
  firstByteAtMs: 400,
  ttftMs: 400,
  tpotMs: 40,
  endedAtMs: 1000,
  promptTokens: 10,
  inputTokens: undefined,
  cachedTokens: undefined,
  outputTokens: 11,
  considered: undefined,
  ...part,
});
