import type { ConfigPath } from "#config";
import { toSeconds, type Milliseconds } from "#units";
import { z } from "zod";
import type { QueueSettings } from "../flow/queue/settings.ts";
import type { DetectorSettings, FlowSettings, HoldForZeroSettings, UsageLimitSettings } from "../flow/settings.ts";
import type { FeatureGates } from "./feature-gates.ts";
import type { Findings } from "./findings.ts";
import { defaultTtlMs, limitOf, resolveBands, type ResolvedBands } from "./flow-bands.ts";
import { atScrapeInterval, detectorSettings, evictionGraceMs } from "./flow-detector.ts";
import { resolveTrust } from "./flow-objective.ts";
import { FlowPolicies } from "./flow-policies.ts";
import { flowControl, type WrittenFlowControl } from "./flow-schema.ts";
import type { PluginSet } from "./plugin-set.ts";
import type { ConfiguredPlugin } from "./resolved.ts";
import type { EndpointPickerConfig } from "./schema.ts";

export type FlowContext = {
  readonly plugins: PluginSet;
  readonly gates: FeatureGates;
  readonly findings: Findings;
  /** Between two scrapes of one endpoint. */
  readonly scrapeIntervalMs: Milliseconds;
};

/**
 * Everything that a document says of flow control. Without the gate, only the detector counts, as in the field, and whom to
 * believe: to turn queues off is not to let clients choose their priorities.
 */
export function resolveFlow(config: EndpointPickerConfig, context: FlowContext): FlowSettings {
  const { plugins, gates, findings } = context;
  const policies = new FlowPolicies(config.plugins, plugins, findings);
  const plugin = detectorOf(config, policies, findings);
  const detector = detectorSettings(atScrapeInterval(plugin, context.scrapeIntervalMs));
  const settings = settingsOf(config.flowControl, detector, policies, context);
  if (gates.flowControl) return settings;
  warnOfIgnored(findings);
  const { trust } = settings;
  return { ...settingsOf(nothingWritten, detector, policies, context), admission: "legacy", trust };
}

const nothingWritten = flowControl.parse({});

function settingsOf(
  section: WrittenFlowControl,
  detector: DetectorSettings,
  policies: FlowPolicies,
  { findings, scrapeIntervalMs }: FlowContext,
): FlowSettings {
  const { mode, queue, deadlines, objective, retryAfter } = section.attain;
  const bands = resolveBands(section, policies, findings);
  return {
    admission: "queue",
    enforcement: mode,
    queue: queueSettings(section, bands),
    displaces: queue.displacement,
    ttl: { ...bands.ttl, header: deadlines.ttlHeader, perTtft: deadlines.ttlPerTtft },
    late: {
      sheddable: deadlines.lateSheddable,
      other: deadlines.lateOther,
      byObjective: new Map(Object.entries(deadlines.byObjective)),
      demoteTo: deadlines.demoteTo,
      refusesInfeasible: deadlines.refuseInfeasible,
    },
    holdForZero: holdForZero(section),
    detector,
    usageLimit: usageLimitOf(section, policies),
    eviction: section.enableEviction
      ? { maxPerDecision: 2, confirmTimeoutMs: 10_000, graceMs: evictionGraceMs(detector, scrapeIntervalMs) }
      : undefined,
    retryAfter: {
      maxSeconds: toSeconds(retryAfter.max),
      unknownSeconds: toSeconds(retryAfter.unknown),
      jitter: retryAfter.jitter,
    },
    trust: resolveTrust(objective, findings),
  };
}

function queueSettings({ maxRequests, maxBytes, attain }: WrittenFlowControl, bands: ResolvedBands): QueueSettings {
  const { maxDynamicBands, idleBand: idleBandMs, maxIdleFlows, idleFlow: idleFlowMs, minShare } = attain.queue;
  return {
    maxRequests: limitOf(maxRequests),
    maxBytes: limitOf(maxBytes),
    ...bands.queue,
    maxDynamicBands,
    idleBandMs,
    maxIdleFlows,
    idleFlowMs,
    minShare,
  };
}

/** A written budget is kept as written; what the field would default to grows with what cold starts take. */
function holdForZero({ defaultRequestTTL, noEndpointRequestTTL, attain }: WrittenFlowControl): HoldForZeroSettings {
  const budgetMs = limitOf(noEndpointRequestTTL ?? defaultRequestTTL ?? defaultTtlMs);
  const { learn, coldStartFactor, maxBudget: maxBudgetMs } = attain.holdForZero;
  const grows = learn && noEndpointRequestTTL === undefined && budgetMs !== undefined && budgetMs < maxBudgetMs;
  return { budgetMs, learned: grows ? { coldStartFactor, maxBudgetMs } : undefined };
}

/** The place of today wins over the one at the top of the document. */
function detectorOf(config: EndpointPickerConfig, policies: FlowPolicies, findings: Findings): ConfiguredPlugin {
  const role = "saturation-detector";
  const old = config.saturationDetector;
  if (old !== undefined) {
    findings.warn(["saturationDetector"], { message: "deprecated, use flowControl.saturationDetector" });
  }
  const find = (ref: { readonly pluginRef: string } | undefined, path: ConfigPath) =>
    ref === undefined ? undefined : policies.named(role, ref.pluginRef, [...path, "pluginRef"]);
  const oldPlugin = find(old, ["saturationDetector"]);
  const plugin = find(config.flowControl.saturationDetector, ["flowControl", "saturationDetector"]);
  return plugin ?? oldPlugin ?? policies.unnamed(role);
}

function usageLimitOf({ usageLimitPolicyPluginRef: ref }: WrittenFlowControl, policies: FlowPolicies) {
  const role = "usage-limit-policy";
  const plugin =
    ref === undefined ? undefined : policies.named(role, ref, ["flowControl", "usageLimitPolicyPluginRef"]);
  return (plugin ?? policies.unnamed(role)).parameters as UsageLimitSettings;
}

const mapping = z.record(z.string(), z.unknown());

const keysAt = (findings: Findings, path: ConfigPath): readonly string[] => {
  const section = findings.document.decode(mapping, path, {});
  return section.ok ? Object.keys(section.value) : [];
};

function warnOfIgnored(findings: Findings): void {
  const ours = keysAt(findings, ["flowControl", "attain"]).map((key) => `attain.${key}`);
  const written = keysAt(findings, ["flowControl"]).flatMap((key) => (key === "attain" ? ours : [key]));
  const kept = ["saturationDetector", "attain.objective"];
  const ignored = written.filter((key) => !kept.includes(key));
  if (ignored.length === 0) return;
  findings.warn(["flowControl"], {
    message: "ignored while the feature gate flowControl is off",
    found: ignored.join(", "),
    allowed: kept.join(", "),
  });
}
