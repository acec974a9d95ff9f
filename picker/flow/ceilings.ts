import type { Ratio } from "#units";
import type { UsageLimitPolicy } from "./capacity/usage-limit-policy.ts";

/** How much of each endpoint every band may use, asked of the policy once a decision. */
export class Ceilings {
  readonly #policy: UsageLimitPolicy;
  readonly #saturation: () => Ratio;
  #priorities: readonly number[] = [];
  #ceilings = new Float64Array(64);

  /** @param saturation effective saturation of the pool; costs a look at every endpoint */
  constructor(policy: UsageLimitPolicy, saturation: () => Ratio) {
    this.#policy = policy;
    this.#saturation = saturation;
  }

  /** Begins a decision. @param priorities of all bands, highest first */
  decide(priorities: readonly number[]): void {
    if (this.#ceilings.length < priorities.length) this.#ceilings = new Float64Array(priorities.length * 2);
    this.#priorities = priorities;
    this.#policy.ceilings(this.#saturation(), priorities, this.#ceilings);
  }

  /** Of a band of the decision; 0 for any other. */
  of(priority: number): Ratio {
    const at = this.#priorities.indexOf(priority);
    return at === -1 ? 0 : this.#ceilings[at]!;
  }
}

/** Priorities with one more among them, highest first; the same array where it is there already. */
export function withPriority(priorities: readonly number[], priority: number): readonly number[] {
  if (priorities.includes(priority)) return priorities;
  const at = priorities.findIndex((one) => one < priority);
  return at === -1 ? [...priorities, priority] : priorities.toSpliced(at, 0, priority);
}
