import type { Facts, ScrapeFacts } from "../facts.ts";
import { findingsOf, type Finding } from "../finding.ts";

const scrape = findingsOf("scrape");

function scrapeFinding({ id, url, answer }: ScrapeFacts): Finding {
  if (answer.kind === "failed") {
    return scrape.wrong(
      `${id}: ${url} cannot be scraped from here: ${answer.error}`,
      "correct address and port of the endpoint, or start the model server; a port of its own for metrics is `port` of metrics-data-source",
    );
  }
  const { engine, missing, recognised, looksLike, engineLabel } = answer;
  if (!recognised) {
    const [other] = looksLike;
    return scrape.wrong(
      `${id}: ${url} has none of the metrics of ${engine}`,
      other === undefined
        ? "name its metrics in engineConfigs of core-metrics-extractor (queuedRequestsSpec, runningRequestsSpec, kvUsageSpec), and check that the path is the metrics page"
        : `it looks like ${other}: label the endpoint ${engineLabel}=${other}, or set defaultEngine: ${other} in core-metrics-extractor`,
    );
  }
  if (missing.length === 0) return scrape.ok(`${id}: all metrics of ${engine} are there`);
  return scrape.warning(
    `${id}: ${url} does not say ${missing.join(", ")}; scorers that need it take the mean of the other endpoints`,
    `update the model server, or name the series in engineConfigs of core-metrics-extractor`,
  );
}

export const checkScrapes = ({ scrapes }: Facts): readonly Finding[] => scrapes.map(scrapeFinding);
