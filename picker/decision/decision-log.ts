/** The last requests and what became of them, for /debug/requests. Never a body, never a credential. */
import type {
  Dimension,
  DimensionVerdict,
  Judgement,
  MissReason,
  RequestObservation,
  RequestOutcome,
  Verdict,
} from "#objective";
import { dimensions } from "#objective";
import { toSeconds, type Milliseconds, type Seconds, type Tokens } from "#units";
import { outputTokensOf, type RequestEnd, type RequestRecord } from "../attainment/outcome.ts";

/** One ended request. Spans count from its arrival. */
export type DecisionRecord = {
  readonly id: string;
  readonly objective: string;
  readonly verdict: Verdict;
  /** Set exactly when the verdict is missed. */
  readonly reason: MissReason | undefined;
  readonly dimensions: Readonly<Partial<Record<Dimension, DimensionVerdict>>>;
  readonly outcome: RequestOutcome["kind"];
  /** Why it was refused; undefined for a request that was not. */
  readonly refusal: string | undefined;
  /** Undefined where no response was seen. */
  readonly responseStatus: number | undefined;
  readonly endpoint: string | undefined;
  readonly queueSeconds: Seconds | undefined;
  readonly ttftSeconds: Seconds | undefined;
  readonly tpotSeconds: Seconds | undefined;
  readonly elapsedSeconds: Seconds;
  readonly promptTokensEstimated: Tokens | undefined;
  readonly outputTokens: Tokens;
  /** Monotonic instant of the verdict. */
  readonly endedAtMs: Milliseconds;
};

const longestId = 128;
/** A slice would keep the whole text in memory; a copy does not. */
const shortened = (id: string): string =>
  id.length <= longestId ? id : Buffer.from(id.slice(0, longestId)).toString();
const seconds = (ms: Milliseconds | undefined): Seconds | undefined => (ms === undefined ? undefined : toSeconds(ms));

function recordOf(
  record: RequestRecord,
  end: RequestEnd,
  observation: RequestObservation,
  judgement: Judgement,
): DecisionRecord {
  const { arrival, route } = record;
  return {
    id: shortened(arrival.id),
    objective: arrival.objective.name,
    verdict: judgement.verdict,
    reason: judgement.reason,
    dimensions: Object.fromEntries(
      dimensions.flatMap((dimension) =>
        judgement[dimension] === undefined ? [] : [[dimension, judgement[dimension]]],
      ),
    ),
    outcome: observation.outcome.kind,
    refusal: end.refusal,
    responseStatus: end.responseStatus === 0 ? undefined : end.responseStatus,
    endpoint: route?.endpoint.id,
    queueSeconds: route === undefined ? undefined : toSeconds(route.decidedAtMs - arrival.arrivedAtMs),
    ttftSeconds: seconds(observation.ttftMs),
    tpotSeconds: seconds(observation.tpotMs),
    elapsedSeconds: toSeconds(observation.elapsedMs),
    promptTokensEstimated: route?.promptTokens,
    outputTokens: outputTokensOf(end),
    endedAtMs: end.endedAtMs,
  };
}

/** A ring of the last `capacity` records. */
export class DecisionLog {
  readonly #records: DecisionRecord[] = [];
  readonly #capacity: number;
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(record: RequestRecord, end: RequestEnd, observation: RequestObservation, judgement: Judgement): void {
    if (this.#capacity === 0) return;
    this.#records[this.#next] = recordOf(record, end, observation, judgement);
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Newest first; only those that `matches` accepts. */
  list(matches: (record: DecisionRecord) => boolean, limit: number): readonly DecisionRecord[] {
    const found: DecisionRecord[] = [];
    const { length } = this.#records;
    for (let back = 1; back <= length && found.length < limit; back++) {
      const record = this.#records[(this.#next - back + length) % length];
      if (record !== undefined && matches(record)) found.push(record);
    }
    return found;
  }
}
