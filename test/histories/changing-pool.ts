import type { Endpoint, EndpointMetrics } from "#pool";
import type { Random } from "#random";
import type { FlowRig } from "../support/flow-rig.ts";
import { endpointAt } from "../support/scheduling-cycle.ts";
import { between, chance, oneOf } from "./draw.ts";

export const endpointNames = ["p", "q", "r", "s"] as const;

const metricsAt = (random: Random, observedAtMs: number): Partial<EndpointMetrics> => ({
  runningRequests: between(random, 0, 4),
  waitingRequests: oneOf(random, [undefined, 0, 1, 3]),
  kvCacheUsageRatio: oneOf(random, [undefined, 0.1, 0.9]),
  observedAtMs,
});

/** Endpoints that come and go. A slot is given away again once nothing is in flight there, as in the picker. */
export class ChangingPool {
  readonly #rig: FlowRig;
  readonly #random: Random;
  /** Whether endpoints are scraped at all. */
  readonly #isScraped: boolean;
  #endpoints: readonly Endpoint[] = [];

  constructor(rig: FlowRig, random: Random, isScraped: boolean) {
    this.#rig = rig;
    this.#random = random;
    this.#isScraped = isScraped;
  }

  /** One more endpoint, where there is one that is not in the pool. */
  add(): void {
    const absent = endpointNames.filter((name) => !this.#endpoints.some((one) => one.name === name));
    if (absent.length === 0) return;
    const name = oneOf(this.#random, absent);
    const address = `10.0.0.${1 + endpointNames.indexOf(name)}`;
    this.#show([...this.#endpoints, endpointAt(this.#freeSlot(), { id: `ns/${name}`, name, address })]);
  }

  #freeSlot(): number {
    for (let slot = 0; ; slot++) {
      if (this.#rig.ledger.isIdle(slot) && !this.#endpoints.some((one) => one.slot === slot)) return slot;
    }
  }

  #change(): readonly Endpoint[] {
    const at = between(this.#random, 0, this.#endpoints.length - 1);
    const { metrics: _, unreachable, ...endpoint } = this.#endpoints[at]!;
    const nowMs = this.#rig.clock.now();
    const changed = endpointAt(endpoint.slot, {
      ...endpoint,
      ...(chance(this.#random, 0.3) === (unreachable === true) ? {} : { unreachable: true }),
      ...(this.#isScraped ? { metrics: metricsAt(this.#random, nowMs) } : {}),
    });
    if (this.#isScraped && chance(this.#random, 0.5)) this.#rig.flow.noteScrape(endpoint.slot, nowMs);
    return this.#endpoints.with(at, changed);
  }

  /** A new snapshot. */
  step(): string {
    const kind = this.#random();
    if (kind < 0.4 || this.#endpoints.length === 0) this.add();
    else if (kind < 0.65)
      this.#show(this.#endpoints.toSpliced(between(this.#random, 0, this.#endpoints.length - 1), 1));
    else if (kind < 0.75) this.#show([]);
    else if (kind < 0.95) this.#show(this.#change());
    else this.#show(this.#endpoints);
    return `pool ${this.#endpoints.map(({ name, slot, unreachable }) => `${name}@${slot}${unreachable === true ? "!" : ""}`).join(" ")}`;
  }

  #show(endpoints: readonly Endpoint[]): void {
    this.#endpoints = endpoints;
    this.#rig.setPool(endpoints);
  }
}
