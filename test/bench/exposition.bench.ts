import { MetricRegistry, endpointMetrics, renderText, renderTextPieces, requestMetrics } from "#metrics";
import type { Bench, BenchCase } from "./compare.ts";

type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number };

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** Each label joined and escaped at each rendering. */
function naive(samples: readonly Sample[]): string {
  let text = "";
  for (const { name, labels, value } of samples) {
    const pairs = Object.entries(labels).map(([label, labelValue]) => `${label}="${escaped(labelValue)}"`);
    text += `${name}{${pairs.join(",")}} ${value}\n`;
  }
  return text;
}

const gaugeLabels = Array.from({ length: 10_000 }, (_, i) => ({ pool: "llama", endpoint: `default/vllm-${i}` }));

/** Flattens the rope that concatenation leaves behind, as sending it does. */
const bytesOf = (text: string): number => Buffer.from(text).length;

function gauges(): BenchCase {
  const registry = new MetricRegistry();
  const spec = endpointMetrics.requestsInFlight;
  gaugeLabels.forEach((labels, i) => registry.gauge(spec, labels).set(i));
  const samples = gaugeLabels.map((labels, value): Sample => ({ name: spec.name, labels, value }));
  return {
    name: "10000 gauge series to bytes",
    baselineName: "labels joined and escaped at each rendering",
    baseline: () => bytesOf(naive(samples)),
    candidate: () => bytesOf(renderText(registry)),
  };
}

function histograms(): BenchCase {
  const registry = new MetricRegistry();
  const spec = requestMetrics.ttftSeconds;
  const samples: Sample[] = [];
  for (let i = 0; i < 300; i++) {
    const labels = { pool: "llama", objective: `objective-${i}`, model: "meta-llama/Llama-3.1-8B-Instruct" };
    const handle = registry.histogram(spec, labels);
    for (let value = 0.01; value < 10; value *= 1.5) handle.observe(value);
    for (const edge of [...spec.edges, "+Inf"]) {
      samples.push({ name: `${spec.name}_bucket`, labels: { ...labels, le: String(edge) }, value: 17 });
    }
    samples.push({ name: `${spec.name}_sum`, labels, value: 29.5 }, { name: `${spec.name}_count`, labels, value: 17 });
  }
  return {
    name: `300 histograms (${samples.length} samples) to bytes`,
    baselineName: "labels joined and escaped at each rendering",
    baseline: () => bytesOf(naive(samples)),
    candidate: () => bytesOf(renderText(registry)),
  };
}

/** What holds up the event loop: the pieces are written with a pause after each, and the first also copies all values. */
function firstPiece(): BenchCase {
  const registry = new MetricRegistry();
  const spec = endpointMetrics.requestsInFlight;
  gaugeLabels.forEach((labels, i) => registry.gauge(spec, labels).set(i));
  return {
    name: "10000 gauge series, the longest piece",
    baselineName: "the page at once",
    baseline: () => bytesOf(renderText(registry)),
    candidate: () => {
      for (const piece of renderTextPieces(registry)) return bytesOf(piece);
      return 0;
    },
  };
}

export const bench: Bench = { name: "exposition", cases: () => [gauges(), firstPiece(), histograms()] };
