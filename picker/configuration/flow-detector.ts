import type { Milliseconds } from "#units";
import type { DetectorSettings } from "../flow/settings.ts";
import {
  concurrencyDetector,
  concurrencySettings,
  ledgerDetector,
  utilizationDetector,
  utilizationSettings,
  type LedgerParameters,
} from "./detector-plugins.ts";
import { parametersOf, type ConfiguredPlugin } from "./resolved.ts";

const ledgerSettings = (parameters: LedgerParameters): DetectorSettings => ({
  type: "ledger-detector",
  capacity:
    parameters.maxConcurrency === undefined
      ? { kind: "learned", options: parameters.capacity }
      : { kind: "static", maxRequests: parameters.maxConcurrency },
  staleAfterMs: parameters.metricsStalenessThreshold,
  staleFadeMs: parameters.staleFade,
  ownShare: parameters.ownShare,
});

/** The settings of a configured detector. */
export function detectorSettings(plugin: ConfiguredPlugin): DetectorSettings {
  const utilization = parametersOf(plugin, utilizationDetector);
  if (utilization !== undefined) return utilizationSettings(utilization);
  const concurrency = parametersOf(plugin, concurrencyDetector);
  if (concurrency !== undefined) return concurrencySettings(concurrency);
  const ledger = parametersOf(plugin, ledgerDetector);
  if (ledger !== undefined) return ledgerSettings(ledger);
  throw new Error(`${plugin.definition.type} is no saturation detector`);
}

/** The time that an answer to a scrape may take beyond its turn. At the field's interval, 50 ms, its threshold stands. */
const scrapeDelayMs: Milliseconds = 100;

/**
 * A detector as it is at this interval between scrapes; any other plugin as it is. A scrape is not stale before the second
 * one after it is overdue: with a shorter threshold an endpoint would be fresh and stale by turns.
 */
export function atScrapeInterval(plugin: ConfiguredPlugin, intervalMs: Milliseconds): ConfiguredPlugin {
  const parameters = parametersOf(plugin, utilizationDetector) ?? parametersOf(plugin, ledgerDetector);
  if (parameters === undefined) return plugin;
  const metricsStalenessThreshold = Math.max(parameters.metricsStalenessThreshold, 2 * intervalMs + scrapeDelayMs);
  return { ...plugin, parameters: { ...parameters, metricsStalenessThreshold } };
}

/** The field's default of `--metrics-staleness-threshold`, and what it adds for the eviction to show. */
const metricsStaleAfterMs: Milliseconds = 2000;
const scrapeMarginMs: Milliseconds = 250;

/**
 * How long after an eviction the detector sees its effect: at once by counting, with the next scrape otherwise.
 * Source: llm-d-router, flow control, eviction grace.
 */
export const evictionGraceMs = ({ type }: DetectorSettings, scrapeIntervalMs: Milliseconds): Milliseconds =>
  type === "utilization-detector" ? scrapeIntervalMs + metricsStaleAfterMs + scrapeMarginMs : 10;
