/** The last requests and what became of them, for /debug/requests. Never a body, never a credential. */
import type { Judgement, RequestObservation, Verdict } from "#objective";
import type { Bytes, Milliseconds } from "#units";
import type { RequestEnd, RequestRecord } from "../attainment/outcome.ts";
import { CandidateScores } from "../scheduling/candidate-scores.ts";
import { decisionRecord, explainedDecision, type DecisionRecord, type ExplainedDecision } from "./decision-record.ts";
import { isRemarkable, keptDecision, type KeptDecision } from "./kept-decision.ts";
import { RecordRing } from "./record-ring.ts";

export type { DecisionRecord, ExplainedDecision } from "./decision-record.ts";

/** Memory for records unless something else is said. */
export const defaultDecisionBytes: Bytes = 16 * 2 ** 20;
const defaultStaleAfterMs: Milliseconds = 2000;
/** Score sheets that wait for their next request; more are left to the collector. */
const mostSpareScores = 256;

export type DecisionLogOptions = {
  /** Estimated memory of all records; 16 MiB unless given. */
  readonly maxBytes?: Bytes;
  /** Age from which an endpoint's metrics are stale; 2000 unless given. */
  readonly staleAfterMs?: Milliseconds;
  /** Whether a model server says that it serves this name; nothing is known unless given. */
  readonly isKnownModel?: (model: string) => boolean;
};

/** Undefined: all. */
export type DecisionQuery = {
  readonly id?: string | undefined;
  readonly verdict?: Verdict | undefined;
  readonly objective?: string | undefined;
  /** Only what ended at or after this instant of the picker's clock. */
  readonly sinceMs?: Milliseconds | undefined;
};

/** One kind of record in its order, with what it holds. */
class Kind {
  readonly ring = new RecordRing<KeptDecision>();
  bytes: Bytes = 0;
  dropped = 0;

  push(kept: KeptDecision): void {
    this.ring.push(kept);
    this.bytes += kept.bytes;
  }

  drop(): KeptDecision | undefined {
    const kept = this.ring.shift();
    if (kept === undefined) return undefined;
    this.bytes -= kept.bytes;
    this.dropped++;
    return kept;
  }
}

/**
 * Keeps the last records, at most `capacity` and at most `maxBytes` of them. Misses and refusals are kept before others:
 * they may fill seven eighths, so that the requests of right now are always there, too.
 */
export class DecisionLog {
  readonly #capacity: number;
  readonly #maxBytes: Bytes;
  readonly #staleAfterMs: Milliseconds;
  readonly #isKnownModel: (model: string) => boolean;
  readonly #remarkable = new Kind();
  readonly #others = new Kind();
  readonly #spare: CandidateScores[] = [];
  #sequence = 0;

  constructor(capacity: number, options: DecisionLogOptions = {}) {
    this.#capacity = capacity;
    this.#maxBytes = options.maxBytes ?? defaultDecisionBytes;
    this.#staleAfterMs = options.staleAfterMs ?? defaultStaleAfterMs;
    this.#isKnownModel = options.isKnownModel ?? (() => false);
  }

  /** A sheet for the scores of one decision, which comes back with its record; undefined where nothing is kept. */
  takeScores(): CandidateScores | undefined {
    return this.#capacity === 0 ? undefined : (this.#spare.pop() ?? new CandidateScores());
  }

  /** The request ended. */
  add(record: RequestRecord, end: RequestEnd, observation: RequestObservation, judgement: Judgement): void {
    if (this.#capacity === 0) return;
    const kept = keptDecision({ record, end, observation, judgement }, this.#sequence++, this.#modelOf(record));
    const kind = isRemarkable(kept) ? this.#remarkable : this.#others;
    kind.push(kept);
    while (this.#isOver()) {
      const from = this.#others.ring.length === 0 || this.#isRemarkableOver() ? this.#remarkable : this.#others;
      this.#recycle(from.drop());
    }
  }

  /** Those that `matches` accepts, in short, newest first. */
  list(matches: (record: DecisionRecord) => boolean, limit: number): readonly DecisionRecord[] {
    const found: DecisionRecord[] = [];
    for (const kept of this.#newestFirst()) {
      if (found.length >= limit) break;
      const record = decisionRecord(kept);
      if (matches(record)) found.push(record);
    }
    return found;
  }

  /** Those that the query asks for, newest first; {@link explain} says what each is about. */
  find({ id, verdict, objective, sinceMs }: DecisionQuery, limit: number): readonly KeptDecision[] {
    const found: KeptDecision[] = [];
    for (const kept of this.#newestFirst()) {
      if (found.length >= limit) break;
      const matches =
        (id === undefined || kept.id === id) &&
        (verdict === undefined || kept.judgement.verdict === verdict) &&
        (objective === undefined || kept.objective.name === objective) &&
        (sinceMs === undefined || kept.endedAtMs >= sinceMs);
      if (matches) found.push(kept);
    }
    return found;
  }

  /** A record in full. The scores of one that was dropped meanwhile are gone. */
  explain(kept: KeptDecision): ExplainedDecision {
    return explainedDecision(kept, this.#staleAfterMs);
  }

  /** How much is kept, and how much was dropped since the start. */
  state(): Readonly<Record<string, number>> {
    return {
      remarkable: this.#remarkable.ring.length,
      others: this.#others.ring.length,
      bytes: this.#remarkable.bytes + this.#others.bytes,
      maxRecords: this.#capacity,
      maxBytes: this.#maxBytes,
      remarkableDropped: this.#remarkable.dropped,
      othersDropped: this.#others.dropped,
    };
  }

  #modelOf({ route }: RequestRecord): string | undefined {
    if (route?.model === undefined) return undefined;
    return this.#isKnownModel(route.model) ? route.model : "other";
  }

  #isOver(): boolean {
    const count = this.#remarkable.ring.length + this.#others.ring.length;
    return count > this.#capacity || this.#remarkable.bytes + this.#others.bytes > this.#maxBytes;
  }

  /** Whether misses and refusals fill more than they may while others are there. */
  #isRemarkableOver(): boolean {
    const { ring, bytes } = this.#remarkable;
    return ring.length > this.#capacity - Math.floor(this.#capacity / 8) || bytes > this.#maxBytes * (7 / 8);
  }

  #recycle(kept: KeptDecision | undefined): void {
    const scores = kept?.considered;
    if (kept === undefined || scores === undefined) return;
    kept.considered = undefined;
    if (this.#spare.length < mostSpareScores) this.#spare.push(scores);
  }

  *#newestFirst(): Generator<KeptDecision, void> {
    let remarkable = 0;
    let other = 0;
    for (;;) {
      const a = this.#remarkable.ring.fromNewest(remarkable);
      const b = this.#others.ring.fromNewest(other);
      if (a === undefined && b === undefined) return;
      if (b === undefined || (a !== undefined && a.sequence > b.sequence)) {
        remarkable++;
        yield a!;
      } else {
        other++;
        yield b;
      }
    }
  }
}
