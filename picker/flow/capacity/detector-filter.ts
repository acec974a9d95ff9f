import type { Candidates, Filter, InFlightView, SchedulingContext } from "../../scheduling/plugin.ts";
import type { SaturationDetector } from "./saturation-detector.ts";

/** What is left where no endpoint has room. */
export type WhenFull = "all" | "none";

/** The ledger of the cycle that runs. */
class LedgerOfCycle implements InFlightView {
  #current: InFlightView | undefined;

  begin(ledger: InFlightView): void {
    this.#current = ledger;
  }

  requests(slot: number): number {
    return this.#current?.requests(slot) ?? 0;
  }

  promptTokens(slot: number): number {
    return this.#current?.promptTokens(slot) ?? 0;
  }

  uncachedPromptTokens(slot: number): number {
    return this.#current?.uncachedPromptTokens(slot) ?? 0;
  }
}

/**
 * A detector in a scheduling profile: keeps the endpoints with room. Whether requests wait is not its matter; that is for
 * the detector of flow control.
 */
export class DetectorFilter implements Filter {
  readonly #ledger = new LedgerOfCycle();
  readonly #detector: SaturationDetector;
  readonly #whenFull: WhenFull;

  /** @param create makes the filter's own detector over a ledger */
  constructor(create: (inFlight: InFlightView) => SaturationDetector, whenFull: WhenFull) {
    this.#detector = create(this.#ledger);
    this.#whenFull = whenFull;
  }

  filter({ inFlight, snapshot, nowMs }: SchedulingContext, candidates: Candidates): void {
    this.#ledger.begin(inFlight);
    this.#detector.update(snapshot, nowMs);
    const { endpoints } = snapshot;
    const { indexes, count } = candidates;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const index = indexes[i]!;
      if (this.#detector.hasRoom(endpoints[index]!, 1)) indexes[kept++] = index;
    }
    if (kept > 0 || this.#whenFull === "none") candidates.count = kept;
  }
}
