/** A request to flow control and its client: knows what it was told, and throws where it is told twice. */
import type { Endpoint, PoolSnapshot } from "#pool";
import type { Milliseconds } from "#units";
import type {
  FlowAsk,
  FlowControl,
  FlowNote,
  FlowPort,
  FlowUsage,
  Placement,
  Waiting,
} from "../../picker/flow/flow-control.ts";
import type { FlowRequest } from "../../picker/flow/flow-request.ts";
import type { InFlightLedger, LedgerEntry } from "../../picker/flow/ledger.ts";
import type { RefusalKind } from "../../picker/flow/refusal/outcomes.ts";
import type { TimedRefusal } from "../../picker/flow/refusal/refuse.ts";

type EndpointMatches = (endpoint: Endpoint) => boolean;

/** What a test says of a request; the rest is filled in. */
export type RequestSketch = Partial<FlowAsk> & {
  /** Endpoints that its subset names; undefined: all. */
  readonly subset?: EndpointMatches;
  /** Endpoints that the filters of its profile leave; undefined: all. */
  readonly filter?: EndpointMatches;
  /** Run inside `dispatched`. */
  readonly onDispatched?: (request: RigRequest) => void;
  /** Run inside `refuse`. */
  readonly onRefused?: (request: RigRequest) => void;
  /** False: it goes on after it was evicted, until the test ends it. Default true. */
  readonly endsWhenEvicted?: boolean;
};

export type RigPorts = {
  readonly snapshot: () => PoolSnapshot;
  readonly ledger: InFlightLedger;
  readonly now: () => Milliseconds;
  readonly flow: Pick<FlowControl, "firstToken" | "released">;
  readonly onDecided: (request: RigRequest) => void;
};

const unseen: FlowUsage = { promptTokens: undefined, outputTokens: undefined, tpotMs: undefined };

export class RigRequest implements FlowPort {
  readonly id: string;
  readonly ask: FlowAsk;
  readonly sketch: RequestSketch;
  readonly #ports: RigPorts;
  waiting: Waiting | undefined;
  /** undefined: it waits, or its client left while it waited. */
  answer: "dispatched" | RefusalKind | undefined;
  note: FlowNote | undefined;
  refusal: TimedRefusal | undefined;
  evicted: TimedRefusal | undefined;
  endpoint: Endpoint | undefined;
  /** As flow control knows it; undefined until an endpoint was looked for. */
  flow: FlowRequest | undefined;
  entry: LedgerEntry | undefined;
  decidedAtMs: Milliseconds | undefined;
  isCancelled = false;
  isEnded = false;

  constructor(ports: RigPorts, ask: FlowAsk, sketch: RequestSketch) {
    this.#ports = ports;
    this.id = ask.id;
    this.ask = ask;
    this.sketch = sketch;
  }

  get isInFlight(): boolean {
    return this.entry !== undefined && !this.isEnded;
  }

  place(request: FlowRequest, admits: EndpointMatches | undefined): Placement {
    if (this.answer !== undefined || this.isCancelled) throw new Error(`${this.id} is placed although it is decided`);
    const { ledger } = this.#ports;
    const snapshot = this.#ports.snapshot();
    const { subset, filter } = this.sketch;
    const named = subset === undefined ? snapshot.endpoints : snapshot.endpoints.filter(subset);
    if (named.length === 0) return { kind: "no-endpoints" };
    const open = admits === undefined ? named : named.filter(admits);
    const left = filter === undefined ? open : open.filter(filter);
    const isFilteredOut = filter !== undefined && open.length > 0 && !named.some(filter);
    if (left.length === 0) return { kind: isFilteredOut ? "filtered-out" : "no-room" };
    let least: Endpoint | undefined;
    for (const endpoint of left) {
      if (least === undefined || ledger.requests(endpoint.slot) < ledger.requests(least.slot)) least = endpoint;
    }
    this.flow = request;
    this.endpoint = least!;
    this.entry = ledger.admit(least!.slot, request.objective, request.promptTokens, request.promptTokens);
    return { kind: "placed", endpoint: least! };
  }

  #decided(answer: "dispatched" | RefusalKind, note: FlowNote | undefined): void {
    if (this.answer !== undefined) throw new Error(`${this.id} was told ${this.answer}, and now ${answer}`);
    if (this.isCancelled) throw new Error(`${this.id} was cancelled, and is told ${answer}`);
    this.answer = answer;
    this.note = note;
    this.decidedAtMs = this.#ports.now();
    this.#ports.onDecided(this);
  }

  dispatched(note: FlowNote | undefined): void {
    if (this.entry === undefined) throw new Error(`${this.id} is dispatched, and has no place`);
    this.#decided("dispatched", note);
    this.sketch.onDispatched?.(this);
  }

  refuse(refusal: TimedRefusal, note: FlowNote): void {
    if (note.outcome === "waited" || note.outcome === "client-gone") {
      throw new Error(`${this.id} is refused, and the note says ${note.outcome}`);
    }
    if (this.entry !== undefined) throw new Error(`${this.id} is refused, and has a place`);
    this.refusal = refusal;
    this.#decided(note.outcome, note);
    this.sketch.onRefused?.(this);
  }

  evict(refusal: TimedRefusal): void {
    if (this.evicted !== undefined) throw new Error(`${this.id} is evicted twice`);
    if (!this.isInFlight) throw new Error(`${this.id} is evicted, and is not in flight`);
    this.evicted = refusal;
    if (this.sketch.endsWhenEvicted !== false) this.end();
  }

  /** Its stream ends, however it ends. */
  end(usage: Partial<FlowUsage> = {}): void {
    if (!this.isInFlight) throw new Error(`${this.id} is not in flight`);
    this.isEnded = true;
    this.#ports.ledger.release(this.entry!);
    this.#ports.flow.released(this.flow!, { ...unseen, ...usage });
  }

  firstToken(): void {
    this.#ports.flow.firstToken(this.flow!, this.#ports.now());
  }

  /** Its client leaves while it waits. */
  cancel(): void {
    if (this.answer !== undefined) throw new Error(`${this.id} does not wait`);
    this.isCancelled = true;
    this.note = this.waiting!.cancel();
  }
}
