/** How long a pool takes from no endpoint to its first reachable one, learned from the times it did. */
import type { Milliseconds } from "#units";

export type ColdStartSettings = {
  /** Until one was seen. Source: llm-d-router, noEndpointRequestTTL. */
  readonly defaultMs: Milliseconds;
  /** How many are remembered; their median is the expectation, so that one stuck start moves it little. */
  readonly remembered: number;
};

export const defaultColdStartSettings: ColdStartSettings = { defaultMs: 60_000, remembered: 9 };

const medianOfSorted = (sorted: readonly Milliseconds[]): Milliseconds | undefined => {
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted.length % 2 === 1 ? upper : sorted[middle - 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
};

/**
 * A start is timed from the later of the last endpoint's loss and the first request that wanted one: a pool that was scaled
 * to zero is woken by demand, and the idle hours before it say nothing. The empty pool a picker begins with is not timed,
 * since the picker cannot tell a start from its own discovery.
 */
export class ColdStarts {
  readonly #settings: ColdStartSettings;
  readonly #samples: Milliseconds[] = [];
  #pool: "unseen" | "empty" | "reachable" = "unseen";
  #isTimed = false;
  #wantedAtMs: Milliseconds | undefined;

  constructor(settings: ColdStartSettings = defaultColdStartSettings) {
    this.#settings = settings;
  }

  /** How many endpoints can be reached now; to be told of each change. `isWanted`: requests wait for one. */
  reachable(endpoints: number, isWanted: boolean, nowMs: Milliseconds): void {
    if (endpoints > 0) {
      if (this.#pool === "empty" && this.#isTimed && this.#wantedAtMs !== undefined) {
        this.#remember(nowMs - this.#wantedAtMs);
      }
      this.#pool = "reachable";
      this.#wantedAtMs = undefined;
      return;
    }
    if (this.#pool === "empty") return;
    this.#isTimed = this.#pool === "reachable";
    this.#pool = "empty";
    if (isWanted) this.#wantedAtMs = nowMs;
  }

  /** A request arrived. */
  wanted(nowMs: Milliseconds): void {
    if (this.#pool !== "reachable") this.#wantedAtMs ??= nowMs;
  }

  /** A whole start as it was observed; undefined: none was. */
  observedMs(): Milliseconds | undefined {
    return medianOfSorted(this.#samples.toSorted((a, b) => a - b));
  }

  /** A whole start. */
  expectedMs(): Milliseconds {
    return this.observedMs() ?? this.#settings.defaultMs;
  }

  /**
   * What is left of the start under way: the median of the remembered ones that took longer than this one has, less the time
   * it has taken. One that outlasts them all is given half as long again.
   */
  remainingMs(nowMs: Milliseconds): Milliseconds {
    const elapsedMs = this.#wantedAtMs === undefined ? 0 : Math.max(0, nowMs - this.#wantedAtMs);
    const known = this.#samples.length === 0 ? [this.#settings.defaultMs] : this.#samples;
    const longer = known.filter((sample) => sample > elapsedMs).toSorted((a, b) => a - b);
    const median = medianOfSorted(longer);
    return median === undefined ? elapsedMs / 2 : median - elapsedMs;
  }

  #remember(sample: Milliseconds): void {
    this.#samples.push(sample);
    if (this.#samples.length > this.#settings.remembered) this.#samples.shift();
  }
}
