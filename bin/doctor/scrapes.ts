/** Model servers' metrics pages, fetched and read as the picker does it. */
import { hostPortOf, type EndpointMetrics } from "#pool";
import type { Bytes, Milliseconds } from "#units";
import type { ScrapeFacts } from "../../doctor/facts.ts";
import type { ResolvedConfiguration } from "../../picker/configuration/resolved.ts";
import { pageConnection, readScrapeTls } from "../../picker/shell/scraper-fetch.ts";
import { builtInEngines, type Engine } from "../../picker/state/engine.ts";
import { engineSelector } from "../../picker/state/engine-config.ts";
import { readModelServerMetrics } from "../../picker/state/model-server-metrics.ts";
import { endpointId, type DiscoveredEndpoint } from "../../picker/state/snapshot-publisher.ts";

type Metrics = NonNullable<ResolvedConfiguration["metrics"]>;

const timeoutMs: Milliseconds = 5000;
const longestPage: Bytes = 32 * 2 ** 20;

/** What the scorers need, in words. */
function missingOf(engine: Engine, metrics: EndpointMetrics): readonly string[] {
  const wanted: readonly (readonly [string, unknown, boolean])[] = [
    ["waiting requests", metrics.waitingRequests, engine.waiting.length > 0],
    ["running requests", metrics.runningRequests, engine.running.length > 0],
    ["KV cache usage", metrics.kvCacheUsageRatio, engine.kvCacheUsage.length > 0],
  ];
  return wanted.filter(([, value, isAsked]) => isAsked && value === undefined).map(([name]) => name);
}

function pageAnswer(text: string, engine: Engine, engineLabel: string): ScrapeFacts["answer"] {
  const metrics = readModelServerMetrics(text, engine, 0);
  const looksLike =
    metrics === undefined
      ? builtInEngines.filter((one) => readModelServerMetrics(text, one, 0) !== undefined).map(({ name }) => name)
      : [];
  return {
    kind: "page",
    engine: engine.name,
    engineLabel,
    recognised: metrics !== undefined,
    missing: metrics === undefined ? [] : missingOf(engine, metrics),
    looksLike,
  };
}

async function scrapeOne(endpoint: DiscoveredEndpoint, { source, extractor }: Metrics): Promise<ScrapeFacts> {
  const { address, port, labels } = endpoint;
  const origin = `${source.scheme}://${hostPortOf(address, source.port ?? port)}`;
  const tls = readScrapeTls(source);
  const limits = { maxBytes: longestPage, connectTimeoutMs: timeoutMs };
  const connection = pageConnection({ origin, path: source.path, tls, ...limits });
  const fetching = connection.fetch();
  const giveUp = setTimeout(() => fetching.abort(), timeoutMs);
  const page = await fetching.page;
  clearTimeout(giveUp);
  await connection.close();
  const where = { id: endpointId(endpoint), url: `${origin}${source.path}` };
  if (!page.ok) return { ...where, answer: { kind: "failed", error: page.message } };
  return { ...where, answer: pageAnswer(page.text, engineSelector(extractor)(labels), extractor.engineLabelKey) };
}

/** @throws FileUnreadableError, EngineError where the configuration cannot be used */
export const scrapeAll = (
  endpoints: readonly DiscoveredEndpoint[],
  metrics: Metrics,
): Promise<readonly ScrapeFacts[]> => Promise.all(endpoints.map((endpoint) => scrapeOne(endpoint, metrics)));
