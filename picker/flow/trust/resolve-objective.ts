/** Which objective a request is bound to, and at which priority it goes: who says so decides how far it is believed. */
import { unreachable } from "#errors";
import { unknownObjectiveName, type ObjectiveEntry, type ObjectiveTable } from "#objective";
import { valueAt, type MetadataReader } from "./metadata.ts";
import type { TrustSettings } from "./settings.ts";

/** What is known of a request. */
export type Claims = {
  /** First value of a header by lower-case name. */
  readonly header: (lowerCaseName: string) => string | undefined;
  readonly metadata: MetadataReader;
};

export type ObjectiveSource = "metadata" | "header" | "default";

/** A choice that was not granted. All of it comes from the configuration, so it may be a label. */
export type Denial = {
  readonly reason: "above-ceiling" | "not-allowed";
  /** The objective asked for; a configured one. */
  readonly asked: string;
};

/** A name nobody configured. The name is whatever was sent: for a log line, never for a label. */
export type UnknownObjective = { readonly source: ObjectiveSource; readonly name: string };

export type BoundObjective = {
  readonly kind: "bound";
  readonly objective: ObjectiveEntry;
  /** The objective's own or less; with an unknown name, at most what the request would get without it. */
  readonly priority: number;
  readonly source: ObjectiveSource;
  readonly denied: Denial | undefined;
  readonly unknown: UnknownObjective | undefined;
  /** A trusted place held something that is no name, or a ceiling that is none; it was not used. */
  readonly malformedMetadata: boolean;
};

export type ResolvedObjective = BoundObjective | { readonly kind: "refused"; readonly unknown: UnknownObjective };

/** `objective`: what the value stands for; undefined where the source's table lacks it. */
type Grant =
  | { readonly kind: "none" }
  | { readonly kind: "malformed" }
  | { readonly kind: "value"; readonly value: string; readonly objective: string | undefined };

/** The first value there is decides, even a malformed one: falling through to another source could grant more. */
function grantOf(claims: Claims, { trusted }: TrustSettings): Grant {
  for (const source of trusted) {
    const value = valueAt(claims.metadata, source);
    if (value === undefined) continue;
    if (typeof value !== "string") return { kind: "malformed" };
    return { kind: "value", value, objective: source.objectives === undefined ? value : source.objectives.get(value) };
  }
  return { kind: "none" };
}

const configured = (objectives: ObjectiveTable, name: string): ObjectiveEntry | undefined => {
  const entry = objectives.find(name);
  return entry.configured && entry.name === name ? entry : undefined;
};

const bound = (objective: ObjectiveEntry, source: ObjectiveSource): BoundObjective => ({
  kind: "bound",
  objective,
  priority: objective.priority,
  source,
  denied: undefined,
  unknown: undefined,
  malformedMetadata: false,
});

/** Resolves requests against one table of objectives; a reload of either makes a new one. */
export class ObjectiveResolver {
  readonly #settings: TrustSettings;
  readonly #objectives: ObjectiveTable;
  readonly #lowest: number;

  constructor(settings: TrustSettings, objectives: ObjectiveTable) {
    this.#settings = settings;
    this.#objectives = objectives;
    this.#lowest = Math.min(...objectives.entries.map(({ priority }) => priority));
  }

  /** A client's header may lower what the trusted sources grant, and raise it no further than the ceiling. */
  resolve(claims: Claims): ResolvedObjective {
    const grant = grantOf(claims, this.#settings);
    const base = this.#base(grant);
    if (base.kind === "refused") return base;
    const ceiling = this.#ceiling(claims, base, grant.kind !== "none");
    const malformedMetadata = grant.kind === "malformed" || ceiling.malformed;
    const clipped = { ...base, malformedMetadata, priority: Math.min(base.priority, ceiling.hard) };
    return this.#choose(claims, clipped, ceiling.forHeader);
  }

  #base(grant: Grant): ResolvedObjective {
    if (grant.kind !== "value") return this.#default();
    const entry = grant.objective === undefined ? undefined : configured(this.#objectives, grant.objective);
    return entry === undefined
      ? this.#unknown({ source: "metadata", name: grant.value }, this.#default())
      : bound(entry, "metadata");
  }

  /** It is never refused: its name is the operator's mistake and not the request's. */
  #default(): BoundObjective {
    const { defaultObjective: name, unknownObjective } = this.#settings;
    if (name === undefined) return bound(this.#objectives.find(undefined), "default");
    const entry = configured(this.#objectives, name);
    if (entry !== undefined) return bound(entry, "default");
    const unnamed = bound(this.#objectives.find(unknownObjectiveName), "default");
    const priority = unknownObjective === "lowest" ? this.#lowest : unnamed.priority;
    return { ...unnamed, priority, unknown: { source: "default", name } };
  }

  /** @param otherwise what the request gets without the name; what it gets with it is no more */
  #unknown(unknown: UnknownObjective, otherwise: BoundObjective): ResolvedObjective {
    const unnamed = this.#objectives.find(unknownObjectiveName);
    switch (this.#settings.unknownObjective) {
      case "refuse":
        return { kind: "refused", unknown };
      case "default":
        return otherwise.objective.configured
          ? { ...otherwise, unknown }
          : { ...otherwise, objective: unnamed, unknown };
      case "lowest":
        return {
          ...otherwise,
          objective: unnamed,
          source: unknown.source,
          priority: Math.min(this.#lowest, otherwise.priority),
          unknown,
        };
      default:
        return unreachable(this.#settings.unknownObjective);
    }
  }

  /**
   * `hard` bounds the request itself, `forHeader` what its client may choose. A ceiling that cannot be read is the base; so
   * is that of a request for which a trusted source had a value, whether or not it could be used.
   */
  #ceiling(
    claims: Claims,
    base: BoundObjective,
    isGranted: boolean,
  ): { hard: number; forHeader: number; malformed: boolean } {
    const { ceilings, trusted, headerCeiling } = this.#settings;
    for (const place of ceilings) {
      const value = valueAt(claims.metadata, place);
      if (value === undefined) continue;
      const named = typeof value === "string" ? configured(this.#objectives, value)?.priority : undefined;
      const ceiling = typeof value === "number" && Number.isInteger(value) ? value : named;
      if (ceiling === undefined) return { hard: Infinity, forHeader: base.priority, malformed: true };
      return { hard: ceiling, forHeader: ceiling, malformed: false };
    }
    const open = trusted.length === 0 && ceilings.length === 0 ? Infinity : base.priority;
    const forHeader = isGranted ? base.priority : (headerCeiling ?? open);
    return { hard: Infinity, forHeader, malformed: false };
  }

  #choose(claims: Claims, base: BoundObjective, ceiling: number): ResolvedObjective {
    const { headers, headerObjectives } = this.#settings;
    const name = firstValue(claims, headers);
    if (name === undefined) return base;
    const entry = configured(this.#objectives, name);
    if (entry === undefined) return this.#unknown({ source: "header", name }, base);
    if (headerObjectives !== undefined && !headerObjectives.has(name)) {
      return { ...base, denied: { reason: "not-allowed", asked: name } };
    }
    if (entry.priority > ceiling) return { ...base, denied: { reason: "above-ceiling", asked: name } };
    return { ...base, objective: entry, priority: entry.priority, source: "header" };
  }
}

function firstValue(claims: Claims, headers: readonly string[]): string | undefined {
  for (const name of headers) {
    const value = claims.header(name);
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}
