import { renderOpenMetricsPieces, renderTextPieces } from "./exposition.ts";
import type { MetricRegistry } from "./registry.ts";

/** A format of exposition. */
export type Exposition = {
  readonly contentType: string;
  /**
   * Runs the registry's collectors, then writes what it holds at that instant, as UTF-8.
   * @param pause awaited between pieces of some 0.2 ms of work, so that a large page never holds up requests
   * Rejects with what a collector throws.
   */
  readonly render: (registry: MetricRegistry, pause: () => Promise<void>) => Promise<Buffer>;
};

const collected =
  (piecesOf: (registry: MetricRegistry) => Iterable<string>): Exposition["render"] =>
  async (registry, pause) => {
    await registry.collect();
    const written: Buffer[] = [];
    for (const piece of piecesOf(registry)) {
      written.push(Buffer.from(piece));
      await pause();
    }
    return Buffer.concat(written);
  };

const text: Exposition = {
  contentType: "text/plain; version=0.0.4; charset=utf-8",
  render: collected(renderTextPieces),
};
const openMetrics: Exposition = {
  contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  render: collected(renderOpenMetricsPieces),
};

/** The format that one range of the Accept header asks for, if it is one of ours. */
function expositionOf(mediaType: string, version: string | undefined): Exposition | undefined {
  switch (mediaType) {
    case "application/openmetrics-text":
      return version === undefined || version === "1.0.0" ? openMetrics : undefined;
    case "text/plain":
      return version === undefined || version === "0.0.4" ? text : undefined;
    case "text/*":
    case "*/*":
      return text;
    default:
      return undefined;
  }
}

/**
 * The format that a scraper's Accept header prefers: the highest q, the first of equal ones. Text 0.0.4 without a
 * header, and where nothing matches, since a scraper can then at least say what it got.
 */
export function negotiateExposition(acceptHeader: string | undefined): Exposition {
  let best = text;
  let bestQuality = 0;
  for (const range of (acceptHeader ?? "").toLowerCase().split(",")) {
    const [mediaType = "", ...parameters] = range.split(";").map((part) => part.trim());
    const parameter = (name: string): string | undefined =>
      parameters.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
    const exposition = expositionOf(mediaType, parameter("version")?.replaceAll('"', ""));
    const quality = Number(parameter("q") ?? 1);
    if (exposition !== undefined && quality > bestQuality) {
      best = exposition;
      bestQuality = quality;
    }
  }
  return best;
}
