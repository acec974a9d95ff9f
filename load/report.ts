import { attainmentRatio, type LatencyThresholds, type MissReason } from "#objective";
import { toSeconds, type Milliseconds, type Ratio, type Seconds } from "#units";
import type { LoadObjective } from "./objective.ts";
import type { LoadOptions } from "./options.ts";
import type { LoadOutcome, RequestRecord } from "./outcome.ts";
import { Durations, type Quantiles } from "./quantiles.ts";
import { voidReasons, type RunHealth } from "./run-health.ts";

/** What one objective's requests got. Latencies count from the intended send time. */
export type ObjectiveReport = {
  readonly name: string;
  readonly target: Ratio | undefined;
  readonly thresholds: LatencyThresholds | undefined;
  readonly sent: number;
  /** Arrivals that the cap on requests in flight kept back. */
  readonly skipped: number;
  readonly completed: number;
  /** Sent and not completed. */
  readonly failed: number;
  /** met + missed. */
  readonly judged: number;
  readonly met: number;
  readonly missed: number;
  readonly excluded: number;
  readonly untargeted: number;
  /** met / judged; undefined where nothing was judged. */
  readonly attainment: Ratio | undefined;
  /** Whether attainment reaches the target; undefined where either is. */
  readonly targetReached: boolean | undefined;
  readonly missedBy: Readonly<Partial<Record<MissReason, number>>>;
  readonly outcomes: Readonly<Partial<Record<LoadOutcome, number>>>;
  /** Count by HTTP status; responses that never came are not in it. */
  readonly statusCounts: Readonly<Record<string, number>>;
  readonly ttftSeconds: Quantiles<Seconds>;
  readonly ttftFromSendSeconds: Quantiles<Seconds>;
  readonly tpotSeconds: Quantiles<Seconds>;
  /** Of completed requests. */
  readonly e2eSeconds: Quantiles<Seconds>;
  readonly outputTokens: number;
  readonly outputTokensPerSecond: number;
  /** Met requests and their output tokens, per second of the run. */
  readonly goodput: { readonly requestsPerSecond: number; readonly outputTokensPerSecond: number };
};

/** The result of one run. */
export type LoadReport = {
  readonly url: string;
  readonly model: string;
  readonly seed: number;
  /** ISO 8601, wall clock. */
  readonly startedAt: string;
  /** From the first intended instant to the end of the last response. */
  readonly elapsedSeconds: Seconds;
  readonly objectives: readonly ObjectiveReport[];
  /** All objectives as one; without thresholds and target. */
  readonly total: ObjectiveReport;
  readonly health: RunHealth;
  /** Why the figures cannot be trusted; empty for a valid run. */
  readonly voidBecause: readonly string[];
  /** In the order of ending; undefined unless asked for. */
  readonly records: readonly RequestRecord[] | undefined;
};

const count = <K extends string>(counts: Partial<Record<K, number>>, key: K): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

/** Collects one objective's records. */
class Tally {
  skipped = 0;
  #sent = 0;
  readonly #verdicts = { met: 0, missed: 0, excluded: 0, untargeted: 0 };
  readonly #missedBy: Partial<Record<MissReason, number>> = {};
  readonly #outcomes: Partial<Record<LoadOutcome, number>> = {};
  readonly #statuses: Record<string, number> = {};
  readonly #ttft = new Durations();
  readonly #ttftFromSend = new Durations();
  readonly #tpot = new Durations();
  readonly #e2e = new Durations();
  #outputTokens = 0;
  #metOutputTokens = 0;

  add(record: RequestRecord): void {
    const { verdict, reason } = record.judgement;
    this.#sent += 1;
    this.#verdicts[verdict] += 1;
    if (reason !== undefined) count(this.#missedBy, reason);
    count(this.#outcomes, record.outcome);
    if (record.status !== undefined) count(this.#statuses, String(record.status));
    if (record.ttftMs !== undefined) this.#ttft.add(record.ttftMs);
    if (record.ttftFromSendMs !== undefined) this.#ttftFromSend.add(record.ttftFromSendMs);
    if (record.tpotMs !== undefined) this.#tpot.add(record.tpotMs);
    if (record.outcome === "completed") this.#e2e.add(record.e2eMs);
    this.#outputTokens += record.outputTokens;
    if (verdict === "met") this.#metOutputTokens += record.outputTokens;
  }

  report(name: string, level: LoadObjective["level"], elapsedSeconds: Seconds): ObjectiveReport {
    const attainment = attainmentRatio(this.#verdicts);
    const perSecond = (amount: number): number => (elapsedSeconds > 0 ? amount / elapsedSeconds : 0);
    return {
      name,
      target: level?.target,
      thresholds: level?.thresholds,
      sent: this.#sent,
      skipped: this.skipped,
      completed: this.#outcomes.completed ?? 0,
      failed: this.#sent - (this.#outcomes.completed ?? 0),
      judged: this.#verdicts.met + this.#verdicts.missed,
      ...this.#verdicts,
      attainment,
      targetReached: attainment === undefined || level === undefined ? undefined : attainment >= level.target,
      missedBy: this.#missedBy,
      outcomes: this.#outcomes,
      statusCounts: this.#statuses,
      ttftSeconds: this.#ttft.quantilesSeconds(),
      ttftFromSendSeconds: this.#ttftFromSend.quantilesSeconds(),
      tpotSeconds: this.#tpot.quantilesSeconds(),
      e2eSeconds: this.#e2e.quantilesSeconds(),
      outputTokens: this.#outputTokens,
      outputTokensPerSecond: perSecond(this.#outputTokens),
      goodput: {
        requestsPerSecond: perSecond(this.#verdicts.met),
        outputTokensPerSecond: perSecond(this.#metOutputTokens),
      },
    };
  }
}

/** Builds the report of one run, record by record. */
export class ReportBuilder {
  readonly #options: LoadOptions;
  readonly #total = new Tally();
  readonly #byObjective: ReadonlyMap<string, Tally>;
  readonly #records: RequestRecord[] | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#byObjective = new Map(options.objectives.map(({ name }) => [name, new Tally()]));
    this.#records = options.records ? [] : undefined;
  }

  add(record: RequestRecord): void {
    this.#total.add(record);
    this.#byObjective.get(record.objective)?.add(record);
    this.#records?.push(record);
  }

  skip(objective: string): void {
    this.#total.skipped += 1;
    const tally = this.#byObjective.get(objective);
    if (tally !== undefined) tally.skipped += 1;
  }

  /** @param startedAt ISO 8601, wall clock */
  build(startedAt: string, elapsedMs: Milliseconds, health: RunHealth): LoadReport {
    const { url, model, seed, objectives } = this.#options;
    const elapsedSeconds = toSeconds(elapsedMs);
    return {
      url,
      model,
      seed,
      startedAt,
      elapsedSeconds,
      objectives: objectives.map(({ name, level }) =>
        (this.#byObjective.get(name) ?? new Tally()).report(name, level, elapsedSeconds),
      ),
      total: this.#total.report("total", undefined, elapsedSeconds),
      health,
      voidBecause: voidReasons(health, this.#total.skipped, this.#options.maxLatenessMs),
      records: this.#records,
    };
  }
}
