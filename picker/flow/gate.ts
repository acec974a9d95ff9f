import type { Endpoint, PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio } from "#units";
import type { InFlightView } from "../scheduling/plugin.ts";
import type { SaturationDetector } from "./capacity/saturation-detector.ts";
import { effectiveSaturation } from "./capacity/stage.ts";
import { Ceilings, withPriority } from "./ceilings.ts";
import { createDetector, createUsageLimit } from "./create-detector.ts";
import type { FlowSettings } from "./settings.ts";

/** Which endpoints a request of a band may be sent to now: the detector's word, under the ceiling of the band. */
export class Gate {
  readonly detector: SaturationDetector;
  readonly #ceilings: Ceilings;
  readonly #snapshot: () => PoolSnapshot;
  /** A policy that does is also the only one that goes by saturation. */
  readonly #countsCalls: boolean;
  /** Of the band that was asked about last. */
  #ceiling: Ratio = 1;

  constructor(settings: FlowSettings, inFlight: InFlightView, snapshot: () => PoolSnapshot) {
    this.#snapshot = snapshot;
    this.detector = createDetector(settings.detector, inFlight);
    this.#countsCalls = settings.usageLimit.type === "soft-reflective-ceiling-policy";
    this.#ceilings = new Ceilings(createUsageLimit(settings.usageLimit), () =>
      this.#countsCalls ? effectiveSaturation(this.detector, snapshot()) : Number.NaN,
    );
  }

  /** Takes in the pool and the time; before each round of questions. */
  update(nowMs: Milliseconds): void {
    this.detector.update(this.#snapshot(), nowMs);
  }

  /** Begins the decision of who of these bands goes next. @param priorities highest first */
  decide(priorities: readonly number[]): void {
    this.#ceilings.decide(priorities);
  }

  /** Begins the decision about a new request of a band, which may not be there yet: `admits` is about it from now on. */
  decideFor(priority: number, priorities: readonly number[]): void {
    this.#ceilings.decide(withPriority(priorities, priority));
    this.#ceiling = this.#ceilings.of(priority);
  }

  /** Whether an endpoint has room for a band. One behind its minimum share is not held to its ceiling. */
  readonly isOpen = (priority: number, isMinShare: boolean): boolean => {
    this.#ceiling = isMinShare ? 1 : this.#ceilings.of(priority);
    return this.detector.anyRoom(this.#snapshot(), this.#ceiling);
  };

  /** Whether this endpoint has room for the band that was asked about last. */
  readonly admits = (endpoint: Endpoint): boolean => this.detector.hasRoom(endpoint, this.#ceiling);

  ceilingOf(priority: number): Ratio {
    return this.#ceilings.of(priority);
  }

  /** Of each of these bands, as of the last decision where the policy counts its calls. @param priorities highest first */
  ceilingsOf(priorities: readonly number[]): ReadonlyMap<number, Ratio> {
    if (!this.#countsCalls) this.#ceilings.decide(priorities);
    return new Map(priorities.map((priority) => [priority, this.#ceilings.of(priority)]));
  }

  get saturation(): Ratio {
    return this.detector.poolSaturation(this.#snapshot());
  }
}
