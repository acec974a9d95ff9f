import type { NonEmpty } from "#units";

/** Where a proxy filter put what it knows of a request, such as the claims of a verified token. */
export type MetadataPlace = {
  /** Filter metadata namespace, such as `envoy.filters.http.jwt_authn`. */
  readonly namespace: string;
  /** Keys from the namespace's struct down to the value. */
  readonly path: NonEmpty<string>;
};

/** A place whose value names an objective, by itself or through a table. Clients cannot write it. */
export type TrustedSource = MetadataPlace & {
  /** Value found → name of an objective; a value it lacks names an unknown one. undefined: the value is the name. */
  readonly objectives: ReadonlyMap<string, string> | undefined;
};

/**
 * What a request gets that names an objective nobody configured.
 * - default: what it would get without the name
 * - refuse: 400
 * - lowest: the lowest priority there is, or what it would get without the name where that is lower
 */
export type UnknownObjectivePolicy = "default" | "refuse" | "lowest";

/**
 * Where a request waits whose priority has no band, and can get none because all that may be made hold requests. Never in
 * a higher band than its own.
 * - default: in the nearest band below; refused where there is none
 * - refuse: nowhere, it is refused
 * - lowest: in the lowest band; refused where that is above its own
 */
export type UnknownBandPolicy = "default" | "refuse" | "lowest";

export type TrustSettings = {
  /** In order; the first that has a value grants the request's objective. */
  readonly trusted: readonly TrustedSource[];
  /** In order; the first that has a value, a priority or the name of an objective, is the highest the request may get. */
  readonly ceilings: readonly MetadataPlace[];
  /** Lower-case names of the headers by which a client may choose, in order; none: clients do not choose. */
  readonly headers: readonly string[];
  /** The objectives a client may choose; undefined: any. A name that no objective has allows nothing. */
  readonly headerObjectives: ReadonlySet<string> | undefined;
  /**
   * The highest priority a client may choose where neither a trusted source nor a ceiling has a value. undefined: without limit as in the field, but where
   * trusted sources or ceilings are configured and silent, the priority of the default.
   */
  readonly headerCeiling: number | undefined;
  /**
   * For requests that nothing names an objective for; undefined: the entry `none`. Where no objective has the name, it is
   * `unknown` at priority 0, and with the policy `lowest` at the lowest.
   */
  readonly defaultObjective: string | undefined;
  readonly unknownObjective: UnknownObjectivePolicy;
  readonly unknownBand: UnknownBandPolicy;
};

/** The field's behaviour: the header decides, and an unknown name counts as priority 0. */
export const fieldTrust: TrustSettings = {
  trusted: [],
  ceilings: [],
  headers: ["x-llm-d-inference-objective", "x-gateway-inference-objective"],
  headerObjectives: undefined,
  headerCeiling: undefined,
  defaultObjective: undefined,
  unknownObjective: "default",
  unknownBand: "default",
};
