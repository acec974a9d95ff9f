/** One request explained: what it was promised, where its time went, why it went where it went. Pure text. */
import Table from "cli-table3";
import type { Ratio, Seconds } from "#units";
import { agoText, counted, countText, percentText, spanText } from "./figures.ts";

type Known<T> = T | undefined;
type ByDimension<T> = Readonly<Partial<Record<"ttft" | "tpot" | "e2e", T>>>;

export type CandidateRow = {
  readonly endpoint: string;
  readonly total: number;
  readonly scores: Readonly<Record<string, Ratio>>;
  readonly unknownTo: readonly string[];
  readonly metrics: "fresh" | "stale" | "unknown";
  readonly metricsAgeSeconds?: Known<Seconds>;
  readonly waitingRequests?: Known<number>;
  readonly runningRequests?: Known<number>;
  readonly kvCacheUsageRatio?: Known<Ratio>;
  readonly inFlight: number;
  readonly prefixMatchedBlocks?: Known<number>;
};

export type ChoiceView = {
  readonly inPool: number;
  readonly eligible: number;
  readonly considered: number;
  readonly scorers: readonly { readonly name: string; readonly weight: number }[];
  readonly candidates: readonly CandidateRow[];
  readonly because: string;
  readonly prefix?: Known<{
    readonly matchedBlocks: number;
    readonly totalBlocks: number;
    readonly blockTokens: number;
    readonly bestMatchedBlocks: number;
  }>;
};

export type WaitsView = {
  readonly receiveSeconds?: Known<Seconds>;
  readonly parseSeconds?: Known<Seconds>;
  readonly queueSeconds?: Known<Seconds>;
  readonly scheduleSeconds?: Known<Seconds>;
  readonly firstByteSeconds?: Known<Seconds>;
  readonly decodeSeconds?: Known<Seconds>;
};

export type FlowView = {
  readonly outcome: string;
  readonly waitedSeconds: Seconds;
  readonly saturation: Ratio;
  readonly aheadRequests: number;
  readonly priority: number;
};

/** The part of a decision record that is shown. Undefined: not known, or it did not happen. */
export type RequestView = {
  readonly id: string;
  readonly objective: string;
  readonly priority: number;
  readonly verdict: string;
  readonly reason?: Known<string>;
  readonly dimensions: ByDimension<"met" | "missed">;
  readonly outcome: string;
  readonly refusal?: Known<string>;
  readonly refusalStatus?: Known<number>;
  readonly responseStatus?: Known<number>;
  readonly streamed?: Known<boolean>;
  readonly model?: Known<string>;
  readonly endpoint?: Known<string>;
  readonly ttftSeconds?: Known<Seconds>;
  readonly tpotSeconds?: Known<Seconds>;
  readonly elapsedSeconds: Seconds;
  readonly thresholdSeconds: ByDimension<Seconds>;
  readonly overSeconds: ByDimension<Seconds>;
  readonly promptTokensEstimated?: Known<number>;
  readonly inputTokens?: Known<number>;
  readonly cachedTokens?: Known<number>;
  readonly outputTokens: number;
  readonly waits: WaitsView;
  readonly flow?: Known<FlowView>;
  readonly retryAfterSeconds?: Known<Seconds>;
  readonly choice?: Known<ChoiceView>;
};

/** What is known beside the record. */
export type RequestContext = { readonly endedAgoSeconds: Seconds; readonly lookNext: readonly string[] };

const headline = ({ id, objective, priority, verdict, reason }: RequestView): string =>
  `request ${id} · objective ${objective} (priority ${priority}) · ${verdict}${reason === undefined ? "" : `: ${reason}`}`;

function facts(view: RequestView, { endedAgoSeconds }: RequestContext): string {
  const { refusal, refusalStatus, responseStatus, streamed, model } = view;
  const { promptTokensEstimated, inputTokens, cachedTokens, outputTokens } = view;
  const tokensIn =
    inputTokens === undefined
      ? promptTokensEstimated === undefined
        ? undefined
        : `about ${counted(promptTokensEstimated, "prompt token")}`
      : `${counted(inputTokens, "prompt token")}${cachedTokens === undefined ? "" : ` (${cachedTokens} cached)`}`;
  return [
    `ended ${agoText(endedAgoSeconds)} ago`,
    view.outcome,
    refusal === undefined ? undefined : `refused as ${refusal} with HTTP ${countText(refusalStatus)}`,
    responseStatus === undefined ? undefined : `HTTP ${responseStatus}`,
    streamed === undefined ? undefined : streamed ? "streamed" : "not streamed",
    model === undefined ? undefined : `model ${model}`,
    tokensIn,
    outputTokens === 0 ? undefined : counted(outputTokens, "output token"),
  ]
    .filter((fact) => fact !== undefined)
    .join(" · ");
}

function flowLines({ flow, retryAfterSeconds }: RequestView): readonly string[] {
  if (flow === undefined) return [];
  const { outcome, waitedSeconds, saturation, aheadRequests, priority } = flow;
  const left = outcome === "client-gone" ? ", then its client left" : `, then refused as ${outcome}`;
  const end = outcome === "waited" ? "" : left;
  const back = retryAfterSeconds === undefined ? "" : `, to come back in ${retryAfterSeconds} s`;
  return [
    `  flow control: waited ${spanText(waitedSeconds)} behind ${counted(aheadRequests, "request")} at priority ${priority}${end}${back}; the pool was ${percentText(saturation)} full`,
  ];
}

const dimensionNames = { ttft: "TTFT", tpot: "TPOT", e2e: "E2E" } as const;

function dimensionLine(view: RequestView, dimension: "ttft" | "tpot" | "e2e"): string {
  const seen = { ttft: view.ttftSeconds, tpot: view.tpotSeconds, e2e: view.elapsedSeconds }[dimension];
  const threshold = view.thresholdSeconds[dimension];
  const verdict = view.dimensions[dimension];
  const over = view.overSeconds[dimension];
  const said = verdict === undefined ? (threshold === undefined ? "" : "not judged") : verdict;
  return [
    `  ${dimensionNames[dimension].padEnd(5)}`,
    spanText(seen).padStart(8),
    threshold === undefined ? "   no target      " : `   ≤ ${spanText(threshold).padEnd(13)}`,
    over === undefined ? said : `${said} by ${spanText(over)}`,
  ]
    .join("")
    .trimEnd();
}

const barWidth = 30;

function waitLines(view: RequestView): readonly string[] {
  const { waits, endpoint } = view;
  const work = view.streamed === false ? "queue, prefill and generation" : "queue and prefill";
  const rows: readonly (readonly [name: string, span: Known<Seconds>, note: string])[] = [
    ["receive", waits.receiveSeconds, ""],
    ["parse", waits.parseSeconds, ""],
    ["queue", waits.queueSeconds, ""],
    ["schedule", waits.scheduleSeconds, ""],
    ["first byte", waits.firstByteSeconds, endpoint === undefined ? "" : `${work} at ${endpoint}`],
    ["decode", waits.decodeSeconds, view.streamed === false ? "response body" : ""],
  ];
  const longest = Math.max(...rows.map(([, span]) => span ?? 0));
  return rows
    .filter(([, span]) => span !== undefined)
    .map(([name, span, note]) => {
      const bar = longest === 0 ? "" : "█".repeat(Math.round((barWidth * span!) / longest));
      return `  ${name.padEnd(11)}${spanText(span).padStart(9)}  ${`${bar} ${note}`.trim()}`.trimEnd();
    });
}

const compact = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" } as const;

function metricsText({ metrics, metricsAgeSeconds }: CandidateRow): string {
  return metrics === "unknown" ? "never scraped" : `${metrics}, ${spanText(metricsAgeSeconds)} old`;
}

function candidateTable({ scorers, candidates }: ChoiceView): string {
  const scoreHeads = scorers.map(({ name, weight }) => `${name} × ${weight}`);
  const table = new Table({
    head: ["", "endpoint", "total", ...scoreHeads, "prefix", "waiting", "running", "KV", "in flight", "metrics"],
    style: { head: [], border: [] },
    chars: compact,
  });
  for (const [rank, row] of candidates.entries()) {
    const score = (name: string): string =>
      `${(row.scores[name] ?? 0).toFixed(2)}${row.unknownTo.includes(name) ? " ?" : ""}`;
    table.push([
      rank === 0 ? "→" : "",
      row.endpoint,
      row.total.toFixed(2),
      ...scorers.map(({ name }) => score(name)),
      countText(row.prefixMatchedBlocks),
      countText(row.waitingRequests),
      countText(row.runningRequests),
      percentText(row.kvCacheUsageRatio),
      String(row.inFlight),
      metricsText(row),
    ]);
  }
  return table.toString();
}

function choiceLines({ endpoint, choice }: RequestView): readonly string[] {
  if (choice === undefined) return [];
  const { inPool, eligible, considered, candidates, because, prefix } = choice;
  const out = [
    eligible < inPool ? `${eligible} after the subset hint` : undefined,
    considered < eligible ? `${considered} after the filters` : undefined,
  ].filter((part) => part !== undefined);
  const from = `${counted(inPool, "endpoint")} in the pool${out.length === 0 ? "" : `, ${out.join(", ")}`}`;
  const hidden = considered - candidates.length;
  return [
    "",
    `${endpoint === undefined ? "no endpoint" : `chose ${endpoint}`}: ${because}`,
    `  ${from}`,
    ...(prefix === undefined
      ? []
      : [
          `  prefix: ${prefix.matchedBlocks} of ${prefix.totalBlocks} blocks of ${prefix.blockTokens} tokens believed to be there; best match ${prefix.bestMatchedBlocks}`,
        ]),
    ...(candidates.length === 0 ? [] : [candidateTable(choice)]),
    ...(candidates.some(({ unknownTo }) => unknownTo.length > 0)
      ? ["  ? unknown when it was rated: the mean of the others stands for it"]
      : []),
    ...(hidden > 0 && candidates.length > 0 ? [`  and ${counted(hidden, "more candidate")} with lower totals`] : []),
  ];
}

/** Without a trailing newline. */
export const renderRequest = (view: RequestView, context: RequestContext): string =>
  [
    headline(view),
    `  ${facts(view, context)}`,
    ...flowLines(view),
    "",
    ...(["ttft", "tpot", "e2e"] as const).map((dimension) => dimensionLine(view, dimension)),
    "",
    `where ${spanText(view.elapsedSeconds)} went`,
    ...waitLines(view),
    ...choiceLines(view),
    ...(context.lookNext.length === 0 ? [] : ["", "look next"]),
    ...context.lookNext.map((line) => `  - ${line}`),
  ].join("\n");
