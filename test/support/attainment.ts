import { ObjectiveTable, type InferenceObjective, type ServiceLevel } from "#objective";
import type { HeaderView } from "#extproc";
import type { Arrival, Route } from "../../picker/director/arrival.ts";
import type { FlowRequest } from "../../picker/flow/flow-request.ts";
import { InFlightLedger } from "../../picker/flow/ledger.ts";
import type { RequestEnd } from "../../picker/attainment/outcome.ts";
import type { ResponseReader } from "../../picker/request/request.ts";

export const chatLevel: ServiceLevel = {
  thresholds: { ttftMs: 500, tpotMs: 50 },
  target: 0.99,
  periodMs: 28 * 86_400_000,
  sheddedAs: "missed",
};

export const objective = (name: string, priority = 0): InferenceObjective => ({
  namespace: "default",
  name,
  poolName: "pool",
  priority,
});

/** `chat` with TTFT 500 ms and TPOT 50 ms, `batch` sheddable with E2E 60 s, `plain` without targets. */
export const exampleTable = new ObjectiveTable([
  { objective: objective("chat", 2), level: chatLevel },
  { objective: objective("batch", -1), level: { ...chatLevel, thresholds: { e2eMs: 60_000 } } },
  { objective: objective("plain"), level: undefined },
]);

export const headersOf = (entries: Readonly<Record<string, string>>): HeaderView => ({
  get: (name) => entries[name],
  all: (name) => (entries[name] === undefined ? [] : [entries[name]]),
  entries: () => Object.entries(entries),
});

export const arrivalOf = (objectiveName: string, arrivedAtMs = 0, table = exampleTable): Arrival => ({
  id: "request-1",
  arrivedAtMs,
  method: "POST",
  path: "/v1/chat/completions",
  api: "openai-chat",
  headers: headersOf({}),
  objective: table.find(objectiveName),
  priority: table.find(objectiveName).priority,
  refusal: undefined,
  subsetHint: undefined,
});

/** Of objective `chat`, without a limit of time. */
export const flowRequestOf = (part: Partial<FlowRequest> = {}): FlowRequest => ({
  id: "request-1",
  objective: "chat",
  priority: 2,
  fairnessId: "default-flow",
  bytes: 100,
  promptTokens: 10,
  expectedOutputTokens: 256,
  arrivedAtMs: 0,
  expiresAtMs: undefined,
  ttftDeadlineAtMs: undefined,
  ...part,
});

export const routeTo = (name: string, model: string | undefined, decidedAtMs = 0): Route => ({
  kind: "route",
  endpoint: {
    id: `default/${name}`,
    namespace: "default",
    name,
    address: "10.0.0.1",
    port: 8000,
    hostPort: "10.0.0.1:8000",
    labels: {},
    slot: 0,
    metrics: undefined,
  },
  destination: "10.0.0.1:8000",
  scores: undefined,
  entry: new InFlightLedger().admit(0, "chat", 10, 10),
  flow: flowRequestOf(),
  model,
  promptTokens: 10,
  decidedAtMs,
});

/** A reader that has seen what is given. */
export const readerWith = (part: Partial<ResponseReader>): ResponseReader => ({
  onChunk: () => {},
  onEnd: () => {},
  firstByteAtMs: part.firstTokenAtMs,
  firstTokenAtMs: undefined,
  lastTokenAtMs: undefined,
  tokenEvents: 0,
  usage: { inputTokens: undefined, outputTokens: undefined, cachedTokens: undefined },
  streamed: true,
  complete: true,
  failed: false,
  ...part,
});

/** A streamed answer of 41 tokens, first at 120, last at 900, ended at 910. */
export const streamedEnd: RequestEnd = {
  ending: "responded",
  refusal: undefined,
  responseStatus: 200,
  reader: readerWith({
    firstTokenAtMs: 120,
    lastTokenAtMs: 900,
    tokenEvents: 40,
    usage: { inputTokens: 300, outputTokens: 41, cachedTokens: 256 },
  }),
  endedAtMs: 910,
};
