import { frozen, type ExposedFamily, type ExposedSeries } from "./exposed-family.ts";
import type { Exemplar } from "./histogram.ts";
import type { MetricRegistry } from "./registry.ts";

/** What differs between the two text formats. */
type Format = {
  /** HELP, TYPE and UNIT lines. */
  readonly header: (family: ExposedFamily) => string;
  /** Value of an `le` label. */
  readonly edge: (edge: number) => string;
  /** What stands behind the value of a bucket; undefined in a format that has no exemplars. */
  readonly exemplar: ((exemplar: Exemplar) => string) | undefined;
  readonly end: string;
};

const number = (value: number): string => (value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value));

/** Go's shortest %g, which is what `le` values are compared as once Prometheus has stored them. */
function edgeText(edge: number): string {
  const [mantissa = "", exponent] = edge.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(edge);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

const openMetricsEdgeText = (edge: number): string => {
  const text = edgeText(edge);
  return /[.e]/.test(text) ? text : `${text}.0`;
};

function simpleLines({ spec: { name } }: ExposedFamily, series: readonly ExposedSeries[]): string {
  let text = "";
  for (const { labelText, slab, offset } of series) {
    const value = slab[offset]!;
    if (Number.isNaN(value)) continue;
    text += labelText === "" ? `${name} ${number(value)}\n` : `${name}{${labelText}} ${number(value)}\n`;
  }
  return text;
}

function histogramLines(family: ExposedFamily, series: readonly ExposedSeries[], format: Format): string {
  const { name } = family.spec;
  const { length } = family.edges;
  const closings = [...family.edges].map((edge) => `le="${format.edge(edge)}"} `);
  closings.push(`le="+Inf"} `);
  let text = "";
  for (const { labelText, slab, offset, exemplars } of series) {
    const opening = labelText === "" ? `${name}_bucket{` : `${name}_bucket{${labelText},`;
    let count = 0;
    for (let i = 0; i <= length; i++) {
      count += slab[offset + i]!;
      const exemplar = exemplars?.[i];
      text += `${opening}${closings[i]!}${count}${exemplar === undefined ? "" : (format.exemplar?.(exemplar) ?? "")}\n`;
    }
    const labels = labelText === "" ? "" : `{${labelText}}`;
    text += `${name}_sum${labels} ${slab[offset + length + 1]!}\n${name}_count${labels} ${count}\n`;
  }
  return text;
}

/** Some 0.2 ms of work. */
const samplesAPiece = 500;

const linesOf = (family: ExposedFamily, series: readonly ExposedSeries[], format: Format): string =>
  family.spec.type === "histogram" ? histogramLines(family, series, format) : simpleLines(family, series);

/**
 * The page in pieces of at most some `samplesAPiece` samples. Everything is read before the first piece, so the page is
 * of one instant, whatever happens between two pieces.
 */
function* pieces(registry: MetricRegistry, format: Format): Generator<string, void, undefined> {
  let text = "";
  let room = samplesAPiece;
  for (const family of frozen(registry.families())) {
    const samplesASeries = family.spec.type === "histogram" ? family.edges.length + 3 : 1;
    let header = format.header(family);
    for (let from = 0; from < family.series.length;) {
      const some = family.series.slice(from, from + Math.max(1, Math.floor(room / samplesASeries)));
      from += some.length;
      room -= some.length * samplesASeries;
      const lines = linesOf(family, some, format);
      if (lines !== "") {
        text += header + lines;
        header = "";
      }
      if (room > 0) continue;
      yield text;
      text = "";
      room = samplesAPiece;
    }
  }
  yield text + format.end;
}

const render = (registry: MetricRegistry, format: Format): string => [...pieces(registry, format)].join("");

const escapeHelp = (help: string): string => help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

const plainText: Format = {
  header: ({ spec: { name, help, type } }) => `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`,
  edge: edgeText,
  exemplar: undefined,
  end: "",
};

/** OpenMetrics wants a counter's family without `_total`; a foreign counter that has no such suffix is of unknown type. */
function openMetricsHeader({ spec: { name, help, type, unit } }: ExposedFamily): string {
  const isTotal = type === "counter" && name.endsWith("_total");
  const family = isTotal ? name.slice(0, -"_total".length) : name;
  const exposedType = type === "counter" && !isTotal ? "unknown" : type;
  const unitLine = unit !== "none" && family.endsWith(`_${unit}`) ? `# UNIT ${family} ${unit}\n` : "";
  return `# HELP ${family} ${escapeHelp(help).replaceAll('"', '\\"')}\n# TYPE ${family} ${exposedType}\n${unitLine}`;
}

const openMetrics: Format = {
  header: openMetricsHeader,
  edge: openMetricsEdgeText,
  exemplar: ({ traceId, value, atSeconds }) => ` # {trace_id="${traceId}"} ${value} ${atSeconds.toFixed(3)}`,
  end: "# EOF\n",
};

/**
 * What the registry holds, as Prometheus text format 0.0.4. Families in the order of their names, series in the order
 * of their labels, so equal values give equal bytes. A family without a known series is left out.
 * Collectors do not run: `await registry.collect()` first, or render through negotiateExposition.
 */
export const renderText = (registry: MetricRegistry): string => render(registry, plainText);

/** What the registry holds, as OpenMetrics 1.0 text, with the order and rules of renderText. */
export const renderOpenMetrics = (registry: MetricRegistry): string => render(registry, openMetrics);

/** The pages of renderText and renderOpenMetrics in pieces of some 0.2 ms of work, all of the instant of the first one. */
export const renderTextPieces = (registry: MetricRegistry): Iterable<string> => pieces(registry, plainText);
export const renderOpenMetricsPieces = (registry: MetricRegistry): Iterable<string> => pieces(registry, openMetrics);
