import type { Endpoint, PoolSnapshot } from "#pool";
import type { Milliseconds, Ratio, Tokens } from "#units";
import type { z } from "zod";

/** The part of a request that scheduling sees. */
export type SchedulingRequest = {
  readonly id: string;
  /** Base model or LoRA adapter; undefined when the request names none. */
  readonly model: string | undefined;
  readonly objective: string;
  readonly priority: number;
  readonly body: Buffer;
  /** start, end, start, end, … into `body`. */
  readonly promptRanges: Uint32Array;
  readonly cacheSalt: string | undefined;
  readonly maxOutputTokens: Tokens | undefined;
  /** Value of a request header by lower-case name. */
  header(name: string): string | undefined;
};

/** What the ledger holds of one endpoint, by slot. */
export interface InFlightView {
  requests(slot: number): number;
  promptTokens(slot: number): Tokens;
  uncachedPromptTokens(slot: number): Tokens;
}

/**
 * One scheduling cycle. The object and its columns are reused by the next cycle: a plugin keeps nothing of it. The prefix
 * fields are written by the prefix producer before filters run; NaN where there is none.
 */
export type SchedulingContext = {
  readonly snapshot: PoolSnapshot;
  readonly nowMs: Milliseconds;
  readonly request: SchedulingRequest;
  readonly inFlight: InFlightView;
  /** Estimated length of this prompt; 0 without one. */
  readonly promptTokens: Tokens;
  /**
   * Blocks of this prompt that each endpoint is believed to hold, counted from the start without a gap, in the order of
   * `snapshot.endpoints`. May be longer than that.
   */
  readonly prefixMatchedBlocks: Float64Array;
  /** Blocks of this prompt in all; 0 without a prompt, NaN without a producer. */
  prefixTotalBlocks: number;
  /** Tokens per block of the two above; NaN without a producer. */
  prefixBlockTokens: Tokens;
};

/** Endpoints still in the running: the first `count` entries of `indexes` point into `snapshot.endpoints`. Reused, not allocated. */
export type Candidates = { readonly indexes: Int32Array; count: number };

/** Keeps what may serve the request: compacts `candidates` in place. */
export interface Filter {
  filter(context: SchedulingContext, candidates: Candidates): void;
}

/**
 * Rates every candidate: writes `out[i]` for `candidates.indexes[i]`, in [0, 1], higher is better, NaN where what it
 * needs is unknown. Independent of the candidates' order; changes nothing else.
 */
export interface Scorer {
  score(context: SchedulingContext, candidates: Candidates, out: Float64Array): void;
}

/**
 * Chooses by total score. Writes up to `picked.length` endpoint indexes in order of preference and changes nothing else.
 * @returns how many were written, at least 1 when there is a candidate and room
 */
export interface Picker {
  readonly maxEndpoints: number;
  pick(candidates: Candidates, totals: Float64Array, random: () => Ratio, picked: Int32Array): number;
}

/** Computes per-endpoint data before filters run, and learns from decisions. */
export interface DataProducer {
  produce(context: SchedulingContext): void;
  /** The request goes to this endpoint. Called once the reply is on its way, whatever cycle runs in between. */
  onRouted?(request: SchedulingRequest, endpoint: Endpoint): void;
  /** The endpoint left the pool: forget it. */
  onEndpointRemoved?(slot: number): void;
  /** Bounded summary for /debug/state. */
  state?(): Readonly<Record<string, unknown>>;
}

/**
 * Which part a plugin can play. Filters, scorers and pickers act where a profile names them; the others are made known to
 * the picker by the configuration.
 */
export type PluginRole =
  | "filter"
  | "scorer"
  | "picker"
  | "producer"
  | "profile-handler"
  | "source"
  | "extractor"
  | "discovery"
  | "parser"
  | "saturation-detector"
  | "ordering-policy"
  | "fairness-policy"
  | "usage-limit-policy"
  | "eviction-filter"
  | "eviction-order-policy";

/** Field stability levels. */
export type Stability = "alpha" | "beta" | "deprecated";

/** What a plugin may ask of the process when it is made. */
export type PluginEnvironment = { readonly random: () => Ratio };

/** What a plugin's closure gives back: the parts that its roles name. */
export type PluginInstance = Partial<Filter & Scorer & Picker & DataProducer>;

/** A producer whose data a plugin reads, and the parameter that chooses it by name. */
export type Consumption = {
  readonly producerType: string;
  readonly parameter: string;
  /** A missing producer is made with its defaults. */
  readonly required: boolean;
};

/** A plugin as data plus one closure. Nothing happens on import. */
export type PluginDefinition<P = unknown> = {
  readonly type: string;
  readonly stability: Stability;
  readonly roles: readonly PluginRole[];
  /** Strict schema with defaults: unknown keys are refused with their path. */
  readonly parameters: z.ZodType<P>;
  readonly consumes?: readonly Consumption[];
  create(parameters: P, environment: PluginEnvironment): PluginInstance;
};
