import { formatDuration, type Milliseconds } from "#units";
import { coreMetricsExtractor, fileDiscovery, metricsDataSource } from "./data-plugins.ts";
import type { Findings } from "./findings.ts";
import type { PluginSet } from "./plugin-set.ts";
import { parametersOf, type ConfiguredPlugin, type ResolvedConfiguration } from "./resolved.ts";
import type { EndpointPickerConfig } from "./schema.ts";

type DataLayer = EndpointPickerConfig["dataLayer"];

/** Where endpoints come from; undefined where the configuration does not say. */
export function resolveDiscovery({ discovery }: DataLayer, plugins: PluginSet): ResolvedConfiguration["fileDiscovery"] {
  if (discovery === undefined) return undefined;
  const plugin = plugins.find(discovery.pluginRef, ["dataLayer", "discovery", "pluginRef"], ["discovery"]);
  return plugin && parametersOf(plugin, fileDiscovery);
}

/** How endpoints are scraped. `tickMs` is the interval at which sources are polled that have none of their own. */
export function resolveMetrics(
  { injectDefaults, sources }: DataLayer,
  plugins: PluginSet,
  findings: Findings,
  tickMs: Milliseconds,
): ResolvedConfiguration["metrics"] {
  if (sources.length > 1) {
    findings.refuse(["dataLayer", "sources", 1], { message: "a second metrics source", allowed: "one source" });
  }
  const written = sources[0];
  if (written === undefined && !injectDefaults) {
    findings.warn(["dataLayer", "injectDefaults"], {
      message: "endpoints are not scraped: scorers that read metrics know nothing",
    });
    return undefined;
  }
  const source = written
    ? plugins.find(written.pluginRef, ["dataLayer", "sources", 0, "pluginRef"], ["source"])
    : configuredOrDefault(metricsDataSource.type, plugins);
  const extractor = written
    ? extractorOf(written, plugins, findings)
    : configuredOrDefault(coreMetricsExtractor.type, plugins);
  if (source === undefined || extractor === undefined) return undefined;
  checkInterval(source, plugins, findings, tickMs);
  const parameters = parametersOf(source, metricsDataSource);
  const reading = parametersOf(extractor, coreMetricsExtractor);
  return parameters && reading && { source: parameters, extractor: reading };
}

const configuredOrDefault = (type: string, plugins: PluginSet): ConfiguredPlugin =>
  plugins.ofType(type)[0] ?? plugins.default(type);

function extractorOf(
  { extractors }: DataLayer["sources"][number],
  plugins: PluginSet,
  findings: Findings,
): ConfiguredPlugin | undefined {
  if (extractors.length !== 1) {
    findings.refuse(["dataLayer", "sources", 0, "extractors"], {
      message: "a metrics source feeds one extractor",
      found: `${extractors.length}`,
      allowed: "one extractor",
    });
    return undefined;
  }
  const path = ["dataLayer", "sources", 0, "extractors", 0, "pluginRef"];
  return plugins.find(extractors[0]!.pluginRef, path, ["extractor"]);
}

function checkInterval(source: ConfiguredPlugin, plugins: PluginSet, findings: Findings, tickMs: Milliseconds): void {
  const interval = parametersOf(source, metricsDataSource)?.interval;
  if (interval === undefined || interval % tickMs === 0) return;
  findings.refuse([...plugins.pathOf(source), "parameters", "interval"], {
    message: "not a multiple of the refresh interval",
    allowed: `a multiple of ${formatDuration(tickMs)}`,
  });
}
