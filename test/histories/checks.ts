import type { Endpoint } from "#pool";
import type { QueueSummary } from "../../picker/flow/queue/summary.ts";
import { ttlOf, type FlowSettings } from "../../picker/flow/settings.ts";
import type { FlowRig } from "../support/flow-rig.ts";
import type { RigRequest } from "../support/rig-request.ts";

export function broken(rule: string): never {
  throw new Error(rule);
}

/** What of a detector's limits can be told from the ledger alone; undefined: nothing. */
const requestLimitOf = ({ detector }: FlowSettings): number | undefined => {
  if (detector.type === "ledger-detector") {
    return detector.capacity.kind === "static" ? detector.capacity.maxRequests : detector.capacity.options.max;
  }
  if (detector.type === "utilization-detector" || detector.mode === "tokens") return undefined;
  return Math.floor(detector.maxRequests * (1 + detector.headroomRatio));
};

const mostSlots = 8;

/** What holds after every step, whatever has happened. */
export class Checks {
  readonly #rig: FlowRig;
  readonly #settings: FlowSettings;
  readonly #enforces: boolean;
  readonly #limit: number | undefined;
  /** A request waits in the band of its own priority or nowhere. */
  readonly #hasOwnBands: boolean;
  /** Room is what the ledger says, for every band alike, and each flow goes in the order of enqueueing. */
  readonly #isPlain: boolean;
  #seenEvents = 0;
  #isPoolEmpty = true;
  #regimeSinceMs = 0;
  /** Priorities of requests that were demoted. */
  readonly #demoted = new Map<string, number>();
  /** Requests in the order in which they began to wait where they wait now. */
  readonly #enqueued = new Set<RigRequest>();
  #seenRequests = 0;

  constructor(rig: FlowRig, settings: FlowSettings, isScraped: boolean) {
    this.#rig = rig;
    this.#settings = settings;
    this.#enforces = settings.admission === "queue" && settings.enforcement === "enforce";
    this.#limit = requestLimitOf(settings);
    const { detector, usageLimit, queue, trust } = settings;
    this.#hasOwnBands = queue.maxDynamicBands > 10 || trust.unknownBand === "refuse";
    const bands = [...queue.bands.values(), queue.dynamicBand, queue.dynamicNegativeBand];
    this.#isPlain =
      this.#enforces &&
      this.#hasOwnBands &&
      !isScraped &&
      detector.type === "ledger-detector" &&
      detector.capacity.kind === "static" &&
      usageLimit.type === "static-usage-limit-policy" &&
      usageLimit.ceiling === 1 &&
      bands.every(({ ordering }) => ordering === "fcfs");
  }

  afterStep(isDraining: boolean): void {
    const { requests } = this.#rig;
    for (; this.#seenRequests < requests.length; this.#seenRequests++)
      this.#enqueued.add(requests[this.#seenRequests]!);
    this.#readEvents();
    this.#followPool();
    for (const request of this.#enqueued) {
      if (request.answer !== undefined || request.isCancelled) this.#enqueued.delete(request);
    }
    const { queue, saturation } = this.#rig.flow.status();
    this.#checkSums(queue);
    if (this.#enforces) this.#checkQueue(queue);
    else if (this.#enqueued.size > 0) broken("a request waits although nothing is to be held");
    this.#checkLedger();
    if (this.#limit !== undefined && this.#settings.admission === "queue") {
      for (const { id, inFlight } of saturation.endpoints) {
        if (inFlight > this.#limit) broken(`${id} has ${inFlight} in flight, of ${this.#limit}`);
      }
    }
    if (isDraining && this.#enqueued.size > 0) broken("a request waits although the picker is going");
    if (this.#enforces) this.#checkWaits();
    if (this.#isPlain && !this.#isPoolEmpty) this.#checkNothingCouldGo();
  }

  #readEvents(): void {
    const { events, requests } = this.#rig;
    for (; this.#seenEvents < events.length; this.#seenEvents++) {
      const event = events[this.#seenEvents]!;
      if (event.kind !== "demoted") continue;
      if (event.to !== this.#settings.late.demoteTo) broken(`${event.id} is demoted to ${event.to}`);
      if (this.#demoted.has(event.id)) broken(`${event.id} is demoted twice`);
      this.#demoted.set(event.id, event.to);
      const request = requests.find(({ id }) => id === event.id)!;
      this.#enqueued.delete(request);
      this.#enqueued.add(request);
    }
  }

  #followPool(): void {
    const isPoolEmpty = this.#rig.snapshot.endpoints.length === 0;
    if (isPoolEmpty === this.#isPoolEmpty) return;
    this.#isPoolEmpty = isPoolEmpty;
    this.#regimeSinceMs = this.#rig.clock.now();
  }

  #priorityOf({ id, ask }: RigRequest): number {
    return this.#demoted.get(id) ?? ask.priority;
  }

  #checkSums({ requests, bytes, tokens, bands }: QueueSummary): void {
    const sums = { requests: 0, bytes: 0, tokens: 0 };
    for (const band of bands) {
      sums.requests += band.requests;
      sums.bytes += band.bytes;
      sums.tokens += band.tokens;
      if (band.requests === 0 && (band.bytes !== 0 || band.tokens !== 0))
        broken(`band ${band.priority} is empty, and weighs`);
    }
    if (sums.requests !== requests || sums.bytes !== bytes)
      broken(`${requests} requests of ${bytes} bytes wait, by bands ${sums.requests} of ${sums.bytes}`);
    if (Math.abs(sums.tokens - tokens) > 1e-6) broken(`${tokens} tokens wait, by bands ${sums.tokens}`);
  }

  #checkQueue({ requests, bytes, bands }: QueueSummary): void {
    let expectedBytes = 0;
    for (const { ask } of this.#enqueued) expectedBytes += ask.bytes;
    if (requests !== this.#enqueued.size || bytes !== expectedBytes) {
      broken(`the queue holds ${requests} of ${bytes} bytes, and ${this.#enqueued.size} of ${expectedBytes} wait`);
    }
    if (!this.#hasOwnBands) return;
    for (const { priority, requests: count } of bands) {
      let expected = 0;
      for (const request of this.#enqueued) if (this.#priorityOf(request) === priority) expected += 1;
      if (expected !== count) broken(`band ${priority} holds ${count}, and ${expected} wait`);
    }
  }

  #checkLedger(): void {
    const { requests, ledger } = this.#rig;
    const bySlot = new Float64Array(mostSlots);
    let total = 0;
    for (const request of requests) {
      if (!request.isInFlight) continue;
      bySlot[request.endpoint!.slot]! += 1;
      total += 1;
    }
    if (ledger.total !== total) broken(`the ledger holds ${ledger.total}, and ${total} are in flight`);
    for (let slot = 0; slot < mostSlots; slot++) {
      const held = ledger.requests(slot);
      if (held !== bySlot[slot]) broken(`slot ${slot} holds ${held}, and ${bySlot[slot]} are in flight`);
      if (this.#enforces && this.#limit !== undefined && held > this.#limit) broken(`slot ${slot} is over its limit`);
    }
  }

  #checkWaits(): void {
    const nowMs = this.#rig.clock.now();
    const { ttl, holdForZero } = this.#settings;
    for (const { id, ask } of this.#enqueued) {
      const { arrivedAtMs, priority } = ask;
      const header = ask.ttlHeader === undefined ? Infinity : arrivedAtMs + Number(ask.ttlHeader);
      const ofPool = this.#isPoolEmpty
        ? (holdForZero.learned?.maxBudgetMs ?? holdForZero.budgetMs)
        : ttlOf(ttl, priority);
      const hasBudget = !this.#isPoolEmpty || holdForZero.budgetMs !== undefined;
      const untilMs =
        hasBudget && ofPool !== undefined ? Math.max(arrivedAtMs, this.#regimeSinceMs) + ofPool : Infinity;
      if (Math.min(header, untilMs) < nowMs)
        broken(`${id} waits at ${nowMs}, and may until ${Math.min(header, untilMs)}`);
    }
  }

  /** The first of each flow has no endpoint with room. */
  #checkNothingCouldGo(): void {
    const { snapshot } = this.#rig;
    const open = snapshot.endpoints.filter((endpoint) => this.#hasRoom(endpoint));
    if (open.length === 0) return;
    const seen = new Set<string>();
    for (const request of this.#enqueued) {
      const { subset = () => true, filter = () => true } = request.sketch;
      const flow = `${this.#priorityOf(request)} ${request.ask.fairnessId}`;
      if (seen.has(flow)) continue;
      seen.add(flow);
      const named = snapshot.endpoints.filter(subset);
      if (named.length === 0 || (open.some(subset) && !named.some(filter))) {
        broken(`${request.id} waits, and nothing can serve it`);
      }
      const { name } = open.find((one) => subset(one) && filter(one)) ?? {};
      if (name !== undefined) broken(`${request.id} waits, and ${name} has room for it`);
    }
  }

  #hasRoom({ slot, unreachable }: Endpoint): boolean {
    if (unreachable === true && this.#rig.snapshot.endpoints.some((one) => one.unreachable !== true)) return false;
    return this.#rig.ledger.requests(slot) < this.#limit!;
  }
}
