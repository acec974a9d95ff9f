import type { ConfigPath } from "#config";
import type { Milliseconds } from "#units";
import {
  defaultBand,
  type BandSettings,
  type FairnessSettings,
  type Ordering,
  type QueueSettings,
} from "../flow/queue/settings.ts";
import type { TtlSettings } from "../flow/settings.ts";
import type { Findings } from "./findings.ts";
import type { FlowPolicies } from "./flow-policies.ts";
import type { WrittenBand, WrittenFlowControl } from "./flow-schema.ts";

/** The field's TTL, with endpoints and without. */
export const defaultTtlMs: Milliseconds = 60_000;

/** The bands of a section, and how long requests of each may wait. */
export type ResolvedBands = {
  readonly queue: Pick<QueueSettings, "bands" | "dynamicBand" | "dynamicNegativeBand">;
  readonly ttl: Pick<TtlSettings, "ofBandMs" | "dynamicMs" | "dynamicNegativeMs">;
};

/** A limit of which 0 stands for none. */
export const limitOf = <N extends number>(value: N): N | undefined => (value === 0 ? undefined : value);

/** Looks up what bands and templates refer to. Without a band 0 there is one from the template, as in the field. */
export function resolveBands(section: WrittenFlowControl, policies: FlowPolicies, findings: Findings): ResolvedBands {
  const { priorityBands, defaultPriorityBand, defaultNegativePriorityBand } = section;
  const ttlMs = (band: WrittenBand | undefined) =>
    limitOf(band?.defaultRequestTTL ?? section.defaultRequestTTL ?? defaultTtlMs);
  const template = (key: "defaultPriorityBand" | "defaultNegativePriorityBand") => {
    const path = ["flowControl", key];
    if (section[key]?.priority !== undefined) {
      findings.warn([...path, "priority"], { message: "has no effect: this is for priorities without a band" });
    }
    return bandSettings(section[key] ?? {}, path, policies);
  };
  checkPriorities(priorityBands, findings);
  const dynamicBand = template("defaultPriorityBand");
  const dynamicNegativeBand =
    defaultNegativePriorityBand === undefined ? dynamicBand : template("defaultNegativePriorityBand");
  const bands = new Map<number, BandSettings>([[0, dynamicBand]]);
  const ofBandMs = new Map<number, Milliseconds | undefined>([[0, ttlMs(defaultPriorityBand)]]);
  for (const [index, band] of priorityBands.entries()) {
    bands.set(band.priority, bandSettings(band, ["flowControl", "priorityBands", index], policies));
    ofBandMs.set(band.priority, ttlMs(band));
  }
  return {
    queue: { bands, dynamicBand, dynamicNegativeBand },
    ttl: {
      ofBandMs,
      dynamicMs: ttlMs(defaultPriorityBand),
      dynamicNegativeMs: ttlMs(defaultNegativePriorityBand ?? defaultPriorityBand),
    },
  };
}

function checkPriorities(bands: WrittenFlowControl["priorityBands"], findings: Findings): void {
  const seen = new Set<number>();
  for (const [index, { priority }] of bands.entries()) {
    if (seen.has(priority)) {
      const path = ["flowControl", "priorityBands", index, "priority"];
      findings.refuse(path, { message: "another band has this priority", allowed: "a priority of its own" });
    }
    seen.add(priority);
  }
}

function bandSettings(band: WrittenBand, path: ConfigPath, policies: FlowPolicies): BandSettings {
  const ordering = orderingOf(band, path, policies);
  return {
    maxRequests: band.maxRequests === 0 ? defaultBand.maxRequests : (band.maxRequests ?? defaultBand.maxRequests),
    maxBytes: band.maxBytes === 0 ? defaultBand.maxBytes : (band.maxBytes ?? defaultBand.maxBytes),
    ordering,
    fairness: fairnessOf(band, ordering, path, policies),
  };
}

function orderingOf({ orderingPolicyRef: ref }: WrittenBand, path: ConfigPath, policies: FlowPolicies): Ordering {
  const role = "ordering-policy";
  const plugin = ref === undefined ? policies.unnamed(role) : policies.named(role, ref, [...path, "orderingPolicyRef"]);
  return (plugin?.parameters ?? defaultBand.ordering) as Ordering;
}

/** A band that is ordered by deadline and names no fairness is the field's: deadlines are compared over all flows. */
function fairnessOf(
  { fairnessPolicyRef: ref }: WrittenBand,
  ordering: Ordering,
  path: ConfigPath,
  policies: FlowPolicies,
): FairnessSettings {
  const role = "fairness-policy";
  const unnamed = () => (ordering === "fcfs" ? policies.unnamed(role) : policies.unnamedInTheField(role));
  const plugin = ref === undefined ? unnamed() : policies.named(role, ref, [...path, "fairnessPolicyRef"]);
  return (plugin?.parameters ?? defaultBand.fairness) as FairnessSettings;
}
