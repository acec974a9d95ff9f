/** The field's metric names as a second view of our values: computed when somebody scrapes, stored nowhere. */
import { objectiveMetrics, type MetricView } from "#metrics";
import { flowView } from "./flow-metrics.ts";
import { poolView } from "./pool-metrics.ts";
import { requestView } from "./request-metrics.ts";
import type { CompatMetric, CompatSource, Reading } from "./view-metric.ts";

const prefix = "llm_d_epp_";

/** Every metric of the view, for the exposition and for its page of documentation. */
export const compatMetrics: readonly CompatMetric[] = [...requestView, ...flowView, ...poolView];

function readingOf({ registry, pool, snapshot, now, staleAfterMs }: CompatSource): Reading {
  const infos = registry.values(objectiveMetrics.info, { pool });
  const priorities = new Map(infos.map(({ labels }) => [labels.objective, labels.priority]));
  return { registry, pool, snapshot: snapshot(), nowMs: now(), staleAfterMs, priorities };
}

/** For `registry.addView`. */
export const compatView =
  (source: CompatSource): MetricView =>
  () => {
    const reading = readingOf(source);
    return compatMetrics.map(({ name, type, unit, help, labels, read }) => ({
      spec: { name: prefix + name, type, unit, help, labels },
      ...read(reading),
    }));
  };

/** The table of docs/compat-metrics.md. */
export const compatTable = (): string =>
  [
    "| metric | type | labels | from | differs |",
    "|---|---|---|---|---|",
    ...[...compatMetrics]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(
        ({ name, type, labels, from, differs }) =>
          `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ") || "–"} | ${from} | ${differs ?? "–"} |`,
      ),
  ].join("\n");
