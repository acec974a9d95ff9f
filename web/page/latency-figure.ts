/** One latency of one objective: the chart, the same in words, and the same as a table. */
import { element, setText } from "./dom.ts";
import { DistributionChart } from "./distribution-chart.ts";
import { barsOf, bucketName, shareWithin, type Bars } from "./distribution.ts";
import { count, duration, share } from "./format.ts";
import type { Distribution, Latency, Objective, Snapshot } from "./snapshot.ts";

export type ShownLatency = {
  readonly objective: string;
  readonly latency: Exclude<Latency, "queue">;
  /** In seconds; undefined where the objective has none for it. */
  readonly threshold: number | undefined;
  readonly edges: readonly number[];
  readonly distribution: Distribution;
};

const names = { ttft: "TTFT", tpot: "TPOT", e2e: "E2E" } as const;
const order = ["ttft", "tpot", "e2e"] as const;

/** More charts than this are not looked at; the filter brings one objective's. */
const mostFigures = 12;

const total = (counts: readonly number[]): number => counts.reduce((sum, value) => sum + value, 0);

function latenciesOf({ edges }: Snapshot, objective: Objective): readonly ShownLatency[] {
  const { name, thresholds, distributions } = objective;
  return order.flatMap((latency) => {
    const distribution = distributions[latency];
    const latencyEdges = edges[latency];
    const thresholdMs = thresholds[`${latency}Ms`];
    if (distribution === undefined || latencyEdges === undefined) return [];
    const isPromised = thresholdMs !== undefined;
    const isAllThereIs = Object.keys(thresholds).length === 0 && total(distribution.sinceStart) > 0;
    if (!isPromised && !isAllThereIs) return [];
    const threshold = isPromised ? thresholdMs / 1000 : undefined;
    return [{ objective: name, latency, threshold, edges: latencyEdges, distribution }];
  });
}

/** Those with a threshold; of an objective without targets, those that were measured. */
export const shownLatencies = (snapshot: Snapshot, objectives: readonly Objective[]): readonly ShownLatency[] =>
  objectives.flatMap((objective) => latenciesOf(snapshot, objective)).slice(0, mostFigures);

function inWords({ edges, threshold, distribution: { recent, recentQuantiles } }: ShownLatency): string {
  const measured = total(recent);
  if (measured === 0) return "nothing measured in the last 5 minutes";
  const within = shareWithin(edges, recent, threshold);
  const { p50, p99 } = recentQuantiles;
  const quantiles = `p50 ${duration(p50)}, p99 ${duration(p99)}`;
  const inTime =
    within === undefined ? "" : `${share(within, 2)} of ${count(measured)} within ${duration(threshold)}; `;
  return inTime + quantiles;
}

const tableRows = ({ bounds, recent, sinceStart }: Bars): readonly HTMLElement[] =>
  recent.map((value, bar) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, bucketName(bounds[bar]!, bounds[bar + 1]!)),
      element("td", {}, share(value, 1)),
      element("td", {}, share(sinceStart[bar], 1)),
    ),
  );

function bucketTable(): { readonly node: HTMLElement; show(bars: Bars): void } {
  const body = element("tbody");
  const head = ["latency", "last 5 min", "since start"].map((name) => element("th", { scope: "col" }, name));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), body);
  const node = element("details", {}, element("summary", {}, "As a table"), table);
  let shown: Bars | undefined;
  const draw = (): void => {
    if (node.open && shown !== undefined) body.replaceChildren(...tableRows(shown));
  };
  node.addEventListener("toggle", draw);
  return {
    node,
    show: (bars) => {
      shown = bars;
      draw();
    },
  };
}

const barsFor = ({ edges, distribution, threshold }: ShownLatency): Bars => barsOf(edges, distribution, threshold);

/** The figure of one latency; `onRepaint` hands out what redraws it in other colours. */
export function latencyFigure(first: ShownLatency, onRepaint: (repaint: () => void) => void) {
  const words = element("span");
  const title = element("strong", {}, `${first.objective} · ${names[first.latency]}`);
  const host = element("div", { class: "chart", "aria-hidden": "true" });
  const table = bucketTable();
  const node = element("figure", {}, element("figcaption", {}, title, words), host, table.node);
  table.node.firstElementChild?.setAttribute("aria-label", `${first.objective} ${names[first.latency]} as a table`);
  let chart: DistributionChart | undefined;
  return {
    node,
    update: (shown: ShownLatency): void => {
      const bars = barsFor(shown);
      setText(words, inWords(shown));
      table.show(bars);
      if (chart === undefined) {
        const made = new DistributionChart(host, bars);
        onRepaint(() => made.repaint());
        chart = made;
      } else chart.show(bars);
    },
  };
}
