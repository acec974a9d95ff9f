/** Attributes of spans: OpenTelemetry's names where it has them, `attain.` for the rest. Table: docs/traces.md. */
import { dimensions, type Judgement, type RequestObservation } from "#objective";
import { toSeconds, type Milliseconds, type Seconds } from "#units";
import { outputTokensOf, type RequestEnd, type RequestRecord } from "../attainment/outcome.ts";
import type { Api } from "../request/request.ts";
import type { KeptBy } from "./sampling.ts";
import type { Attributes, AttributeValue } from "./span.ts";

/** An ended request with all that is known of it. */
export type EndedRequest = {
  readonly record: RequestRecord;
  readonly end: RequestEnd;
  readonly observation: RequestObservation;
  readonly judgement: Judgement;
};

/** Attributes under construction. */
export type Writable = Record<string, AttributeValue>;

/** Source: OpenTelemetry semantic conventions for generative AI, `gen_ai.operation.name` and `gen_ai.provider.name`. */
const generative: Readonly<Record<Api, readonly [operation: string, provider: string] | undefined>> = {
  "openai-chat": ["chat", "openai"],
  "openai-completions": ["text_completion", "openai"],
  "openai-embeddings": ["embeddings", "openai"],
  "openai-responses": ["chat", "openai"],
  "anthropic-messages": ["chat", "anthropic"],
  "anthropic-count-tokens": ["count_tokens", "anthropic"],
  "pass-through": undefined,
};
const methods: ReadonlySet<string> = new Set("GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH".split(" "));
const dimensionNames = { ttft: "attain.dimension.ttft", tpot: "attain.dimension.tpot", e2e: "attain.dimension.e2e" };
const longestText = 128;

/** A slice would keep the whole text in memory; a copy does not. */
const short = (text: string): string =>
  text.length <= longestText ? text : Buffer.from(text.slice(0, longestText)).toString();
const seconds = (ms: Milliseconds | undefined): Seconds | undefined => (ms === undefined ? undefined : toSeconds(ms));

/** Sets an attribute whose value is known. */
export function put(into: Writable, name: string, value: AttributeValue | undefined): void {
  if (value !== undefined) into[name] = value;
}

/** What failed, in few words; undefined where nothing did. Value of `error.type`. */
export function errorOf({ observation: { outcome }, end }: EndedRequest): string | undefined {
  if (outcome.kind === "refused") return outcome.reason;
  if (outcome.kind !== "upstream-error") return undefined;
  return end.responseStatus >= 500 ? String(end.responseStatus) : "upstream_error";
}

function putGenerative(into: Writable, { record, end }: EndedRequest): void {
  const named = generative[record.arrival.api];
  if (named === undefined) return;
  into["gen_ai.operation.name"] = named[0];
  into["gen_ai.provider.name"] = named[1];
  put(into, "gen_ai.request.model", record.route?.model && short(record.route.model));
  if (end.reader === undefined) return;
  const { inputTokens, outputTokens, cachedTokens } = end.reader.usage;
  put(into, "gen_ai.usage.input_tokens", inputTokens);
  put(into, "gen_ai.usage.output_tokens", outputTokens);
  put(into, "gen_ai.usage.cache_read.input_tokens", cachedTokens);
}

function putObjective(into: Writable, { record, judgement }: EndedRequest): void {
  const { name, priority, level } = record.arrival.objective;
  into["attain.objective.name"] = name;
  into["attain.objective.priority"] = priority;
  if (level !== undefined) {
    const { ttftMs, tpotMs, e2eMs } = level.thresholds;
    into["attain.objective.target_ratio"] = level.target;
    put(into, "attain.threshold.ttft_seconds", seconds(ttftMs));
    put(into, "attain.threshold.tpot_seconds", seconds(tpotMs));
    put(into, "attain.threshold.e2e_seconds", seconds(e2eMs));
  }
  into["attain.objective.verdict"] = judgement.verdict;
  put(into, "attain.objective.missed_reason", judgement.reason);
  for (const dimension of dimensions) put(into, dimensionNames[dimension], judgement[dimension]);
}

function putMeasures(into: Writable, { record: { arrival, route }, end, observation }: EndedRequest): void {
  into["attain.outcome"] = observation.outcome.kind;
  put(into, "attain.refusal.reason", end.refusal);
  if (route !== undefined) into["attain.queue_seconds"] = toSeconds(route.decidedAtMs - arrival.arrivedAtMs);
  put(into, "attain.ttft_seconds", seconds(observation.ttftMs));
  put(into, "attain.tpot_seconds", seconds(observation.tpotMs));
  into["attain.output_tokens"] = outputTokensOf(end);
  put(into, "attain.response.streamed", observation.streamed);
}

/** Of the whole request. Never a body, a path or a header but the request id. */
export function requestAttributes(ended: EndedRequest, pool: string, keptBy: KeptBy): Attributes {
  const { arrival } = ended.record;
  const { refusalStatus, responseStatus } = ended.end;
  const into: Writable = {
    "http.request.method": methods.has(arrival.method) ? arrival.method : "_OTHER",
    "attain.pool": pool,
    "attain.request.id": short(arrival.id),
    "attain.api": arrival.api,
    "attain.kept_by": keptBy,
  };
  put(into, "http.response.status_code", refusalStatus ?? (responseStatus === 0 ? undefined : responseStatus));
  put(into, "error.type", errorOf(ended));
  putGenerative(into, ended);
  putObjective(into, ended);
  putMeasures(into, ended);
  return into;
}

/** Of the time in which a request waited for its decision. */
export function admissionAttributes({ record: { route, flow } }: EndedRequest): Attributes {
  const into: Writable = { "attain.admission": route === undefined ? "refused" : "admitted" };
  put(into, "attain.flow_queue_seconds", seconds(flow?.waitedMs));
  return into;
}
