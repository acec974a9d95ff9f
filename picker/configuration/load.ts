import { ConfigError, decodeYaml } from "#config";
import type { Milliseconds } from "#units";
import type { PluginRole } from "../scheduling/plugin.ts";
import { inTree, onlyInTheField } from "./catalogue.ts";
import { resolveFeatureGates } from "./feature-gates.ts";
import { Findings } from "./findings.ts";
import { atScrapeInterval } from "./flow-detector.ts";
import { resolveFlow } from "./flow-resolve.ts";
import { PluginSet } from "./plugin-set.ts";
import { resolveDiscovery, resolveMetrics } from "./resolve-data-layer.ts";
import { resolveProducers } from "./resolve-producers.ts";
import { checkProfileHandlers, everythingConfigured, resolveProfile } from "./resolve-profile.ts";
import { resolveParsers } from "./resolve-request-handler.ts";
import { hasRole, type ResolvedConfiguration } from "./resolved.ts";
import { apiVersions, documentSchema, type EndpointPickerConfig } from "./schema.ts";

export type LoadOptions = {
  /** For messages: a path, or what the text is. */
  readonly file: string;
  /** Lets alpha plugins in. */
  readonly allowExperimental: boolean;
  /** The tick of the scraper, of which a source's interval has to be a multiple. */
  readonly refreshIntervalMs: Milliseconds;
};

/** The smallest configuration; what it leaves out is the field's default. */
const nothingConfigured = `apiVersion: ${apiVersions[0]}\nkind: EndpointPickerConfig\n`;

/** Plugins and profile of a configuration that names neither. */
const defaultPlugins: EndpointPickerConfig["plugins"] = [
  { type: "queue-scorer" },
  { type: "kv-cache-utilization-scorer" },
  { type: "prefix-cache-scorer" },
];
const defaultProfiles: EndpointPickerConfig["schedulingProfiles"] = [
  {
    name: "default",
    plugins: [
      { pluginRef: "queue-scorer", weight: 2 },
      { pluginRef: "kv-cache-utilization-scorer", weight: 2 },
      { pluginRef: "prefix-cache-scorer", weight: 3 },
    ],
  },
];

/**
 * Reads an EndpointPickerConfig as the field does: strictly, with its defaults. What the field knows and Attain does not
 * provide is refused by name.
 * @param text YAML or JSON
 * @throws ConfigError with every problem, each with file, line, column, key path, what was found and what is allowed
 */
export function loadConfiguration(text: string, options: LoadOptions): ResolvedConfiguration {
  const decoded = decodeYaml(documentSchema, text, { file: options.file });
  if (!decoded.ok) throw new ConfigError(decoded.problems);
  const findings = new Findings(decoded.document);
  const resolved = resolve(decoded.value, findings, options);
  findings.check();
  return { ...resolved, warnings: findings.warnings };
}

/** What holds without any configuration: queue 2, KV cache 2, prefix cache 3. */
export const defaultConfiguration = (): ResolvedConfiguration =>
  loadConfiguration(nothingConfigured, { file: "default", allowExperimental: false, refreshIntervalMs: 50 });

function resolve(
  config: EndpointPickerConfig,
  findings: Findings,
  { allowExperimental, refreshIntervalMs }: LoadOptions,
): Omit<ResolvedConfiguration, "warnings"> {
  const isDefault = config.plugins.length === 0 && config.schedulingProfiles.length === 0;
  const plugins = new PluginSet(
    isDefault ? defaultPlugins : config.plugins,
    { inTree, onlyInTheField, allowExperimental },
    findings,
  );
  if (config.apiVersion !== apiVersions[0]) {
    findings.warn(["apiVersion"], { message: "deprecated", allowed: apiVersions[0] });
  }
  const gates = resolveFeatureGates(config.featureGates, findings);
  const metrics = resolveMetrics(config.dataLayer, plugins, findings, refreshIntervalMs);
  const scrapeIntervalMs = metrics?.source.interval ?? refreshIntervalMs;
  const profiles = isDefault ? defaultProfiles : config.schedulingProfiles;
  const resolved = {
    profile: resolveOnlyProfile(profiles, plugins, findings, scrapeIntervalMs),
    producers: resolveProducers(plugins, findings),
    metrics,
    fileDiscovery: resolveDiscovery(config.dataLayer, plugins),
    parsers: resolveParsers(config, plugins, findings),
    flow: resolveFlow(config, { plugins, gates, findings, scrapeIntervalMs }),
  };
  warnOfUnused(plugins, findings);
  return resolved;
}

function resolveOnlyProfile(
  profiles: EndpointPickerConfig["schedulingProfiles"],
  plugins: PluginSet,
  findings: Findings,
  scrapeIntervalMs: Milliseconds,
): ResolvedConfiguration["profile"] {
  checkProfileHandlers(profiles, plugins, findings);
  const written = profiles.length === 0 ? [everythingConfigured(plugins)] : profiles;
  const [profile] = written.map((one, index) => resolveProfile(one, ["schedulingProfiles", index], plugins, findings));
  return { ...profile!, filters: profile!.filters.map((filter) => atScrapeInterval(filter, scrapeIntervalMs)) };
}

/** What acts only where something names it. Parsers, producers and sources act by being there. */
const rolesByReference: readonly PluginRole[] = [
  "filter",
  "scorer",
  "picker",
  "discovery",
  "saturation-detector",
  "ordering-policy",
  "fairness-policy",
  "usage-limit-policy",
];

function warnOfUnused(plugins: PluginSet, findings: Findings): void {
  if (findings.refused) return;
  for (const plugin of plugins.all) {
    const needsReference = rolesByReference.some((role) => hasRole(plugin, role));
    if (!needsReference || plugins.isReferenced(plugin)) continue;
    findings.warn(plugins.pathOf(plugin), { message: "nothing refers to this plugin", found: `"${plugin.name}"` });
  }
}
