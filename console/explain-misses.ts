/** Misses by cause, as text. Pure: the caller prints it. */
import type { Seconds } from "#units";
import { counted, spanText } from "./figures.ts";

export type MissGroupRow = {
  readonly reason: string;
  readonly dimension?: string | undefined;
  readonly wait?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly count: number;
  readonly overSeconds?: { readonly median: Seconds; readonly max: Seconds } | undefined;
  readonly examples: readonly string[];
  readonly lookNext: readonly string[];
};

export type MissesView = {
  /** Undefined: of every objective. */
  readonly objective: string | undefined;
  /** As it was asked for, such as `10m`; undefined: since the start. */
  readonly last: string | undefined;
  readonly missed: number;
  /** Misses and refusals that were dropped to make room; above 0 the picture is not whole. */
  readonly dropped: number;
  /** More matched than were read. */
  readonly truncated: boolean;
  readonly groups: readonly MissGroupRow[];
};

const waitTexts: Readonly<Record<string, string>> = {
  receive: "receiving the request",
  parse: "parsing",
  queue: "in flow control",
  schedule: "scheduling",
  firstByte: "until the first byte",
  decode: "decoding",
};

const reasonTexts: Readonly<Record<string, string>> = { ttft: "TTFT", tpot: "TPOT", e2e: "E2E" };

function groupLines(group: MissGroupRow, rank: number): readonly string[] {
  const { reason, wait, endpoint, count, overSeconds, examples } = group;
  const where = [
    wait === undefined ? undefined : `mostly ${waitTexts[wait] ?? wait}`,
    endpoint === undefined ? undefined : `at ${endpoint}`,
  ]
    .filter((part) => part !== undefined)
    .join(" ");
  const over =
    overSeconds === undefined
      ? []
      : [`over the threshold by ${spanText(overSeconds.median)} (median), ${spanText(overSeconds.max)} at most`];
  const lines = [...over, `such as ${examples.join(", ")}`, ...group.lookNext.map((line) => `→ ${line}`)];
  return [
    `${String(rank).padStart(2)}. ${count} × ${reasonTexts[reason] ?? reason}${where === "" ? "" : `, ${where}`}`,
    ...lines.map((line) => `    ${line}`),
  ];
}

function headline({ objective, last, missed }: MissesView): string {
  const of = objective === undefined ? "" : ` of objective ${objective}`;
  const when = last === undefined ? "" : ` in the last ${last}`;
  return `${missed === 0 ? "no misses" : counted(missed, "miss", "misses")}${of}${when}`;
}

/** Without a trailing newline. */
export const renderMisses = (view: MissesView): string =>
  [
    `${headline(view)}${view.groups.length > 1 ? `, ${view.groups.length} causes` : ""}`,
    ...view.groups.flatMap((group, index) => ["", ...groupLines(group, index + 1)]),
    ...(view.truncated ? ["", "more matched: a shorter --last or a higher --limit shows the rest"] : []),
    ...(view.dropped > 0
      ? [
          "",
          `${view.dropped} older misses and refusals are not kept any more (--kept-decisions, --kept-decisions-size)`,
        ]
      : []),
    ...(view.missed > 0 ? ["", "attain explain request ID says everything about one of them"] : []),
  ].join("\n");
