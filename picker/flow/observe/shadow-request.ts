/** One request as it would have gone: the real one goes at once, its shadow goes through flow control. */
import type { Endpoint, PoolSnapshot } from "#pool";
import type { Milliseconds } from "#units";
import type { InFlightView } from "../../scheduling/plugin.ts";
import type { EndpointMatcher } from "../../scheduling/subset.ts";
import type { FlowNote, FlowPort, FlowUsage, Placement } from "../flow-control.ts";
import type { FlowEvents } from "../flow-events.ts";
import type { FlowRequest } from "../flow-request.ts";
import type { InFlightLedger, LedgerEntry } from "../ledger.ts";
import type { TimedRefusal } from "../refusal/refuse.ts";
import type { AfterTimer } from "../wake-up.ts";
import type { ServiceTime } from "./service-time.ts";

export type ShadowPorts = {
  readonly now: () => Milliseconds;
  readonly timers: AfterTimer;
  readonly snapshot: () => PoolSnapshot;
  /** What would be in flight. */
  readonly ledger: InFlightLedger;
  /** What is in flight. */
  readonly real: Pick<InFlightView, "requests">;
  readonly events: FlowEvents;
  readonly service: ServiceTime;
  /** The shadow has its first token. */
  readonly onFirstToken: (request: FlowRequest, atMs: Milliseconds) => void;
  /** The shadow has ended. */
  readonly onEnded: (request: FlowRequest, usage: FlowUsage) => void;
};

type RealEnd = { readonly atMs: Milliseconds; readonly usage: FlowUsage };

/** The port of a shadow. It takes as long from its dispatch as the real request takes from its own. */
export class ShadowRequest implements FlowPort {
  readonly #ports: ShadowPorts;
  /** Where the real one went. */
  readonly #endpoint: Endpoint;
  readonly #dispatchedAtMs: Milliseconds;
  readonly #real: FlowRequest;
  /** Enforcing would have let the endpoint get as full as it was. */
  readonly #isTypical: boolean;
  /** As the controller knows it. */
  #request: FlowRequest | undefined;
  #entry: LedgerEntry | undefined;
  #shadowDispatchedAtMs: Milliseconds | undefined;
  #firstTokenMs: Milliseconds | undefined;
  #realEnd: RealEnd | undefined;

  /** @param real the request that goes at once */
  constructor(ports: ShadowPorts, real: FlowRequest, endpoint: Endpoint) {
    this.#ports = ports;
    this.#real = real;
    this.#endpoint = endpoint;
    this.#dispatchedAtMs = ports.now();
    this.#isTypical = ports.real.requests(endpoint.slot) <= ports.ledger.requests(endpoint.slot) + 1;
  }

  /** What a request is served with beside more than enforcing allows says nothing of its endpoint. */
  get teaches(): boolean {
    return this.#isTypical;
  }

  place(request: FlowRequest, admits: EndpointMatcher | undefined): Placement {
    const { ledger } = this.#ports;
    const endpoint = this.#endpointFor(admits);
    if (endpoint === undefined) return { kind: "no-room" };
    this.#request = request;
    const { objective, promptTokens } = request;
    this.#entry = ledger.admit(endpoint.slot, objective, promptTokens, promptTokens);
    return { kind: "placed", endpoint };
  }

  /** The one the real request went to, else the least loaded with room. */
  #endpointFor(admits: EndpointMatcher | undefined): Endpoint | undefined {
    if (admits === undefined || admits(this.#endpoint)) return this.#endpoint;
    const { snapshot, ledger } = this.#ports;
    let least: Endpoint | undefined;
    for (const endpoint of snapshot().endpoints) {
      if (!admits(endpoint)) continue;
      if (least === undefined || ledger.requests(endpoint.slot) < ledger.requests(least.slot)) least = endpoint;
    }
    return least;
  }

  dispatched(note: FlowNote | undefined): void {
    this.#shadowDispatchedAtMs = this.#ports.now();
    this.#ports.events.would(this.#real, "dispatched", note?.waitedMs ?? 0);
    this.#followFirstToken();
    if (this.#realEnd !== undefined) this.#endAfter(this.#realEnd.atMs - this.#dispatchedAtMs);
  }

  refuse(_refusal: TimedRefusal, { outcome, waitedMs }: FlowNote): void {
    if (outcome !== "waited" && outcome !== "client-gone") this.#ports.events.would(this.#real, outcome, waitedMs);
  }

  evict(): void {
    this.#ports.events.would(this.#real, "evicted", 0);
    this.#end(unseen);
  }

  /** The real request got its first token. */
  firstToken(atMs: Milliseconds): void {
    this.#firstTokenMs = this.#ports.service.observe(atMs - this.#dispatchedAtMs, this.#isTypical);
    this.#followFirstToken();
  }

  /** Once it is known when the shadow is sent off and how long its first token takes. */
  #followFirstToken(): void {
    if (this.#firstTokenMs === undefined || this.#shadowDispatchedAtMs === undefined) return;
    const firstTokenAtMs = this.#shadowDispatchedAtMs + this.#firstTokenMs;
    this.#runAt(firstTokenAtMs, () => this.#ports.onFirstToken(this.#request!, firstTokenAtMs));
    const { ttftDeadlineAtMs } = this.#real;
    if (ttftDeadlineAtMs === undefined) return;
    this.#ports.events.wouldTtft(this.#real, firstTokenAtMs <= ttftDeadlineAtMs ? "met" : "missed");
  }

  #runAt(atMs: Milliseconds, run: () => void): void {
    const inMs = atMs - this.#ports.now();
    if (inMs <= 0) run();
    else this.#ports.timers.after(inMs, run);
  }

  /** The real request has ended. */
  released(usage: FlowUsage): void {
    this.#realEnd = { atMs: this.#ports.now(), usage };
    if (this.#shadowDispatchedAtMs === undefined) return;
    this.#endAfter(this.#shadowDispatchedAtMs - this.#dispatchedAtMs);
  }

  #endAfter(ms: Milliseconds): void {
    const { usage } = this.#realEnd!;
    if (ms <= 0) this.#end(usage);
    else this.#ports.timers.after(ms, () => this.#end(usage));
  }

  #end(usage: FlowUsage): void {
    const { ledger, onEnded } = this.#ports;
    if (this.#entry === undefined || this.#entry.released) return;
    ledger.release(this.#entry);
    onEnded(this.#request!, usage);
  }
}

const unseen: FlowUsage = { promptTokens: undefined, outputTokens: undefined, tpotMs: undefined };
