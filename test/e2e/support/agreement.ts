/** Holds a client's verdicts against the picker's, request by request. */
import { z } from "zod";
import type { Dimension, DimensionVerdict, LatencyThresholds } from "#objective";
import type { Milliseconds, Tokens } from "#units";
import type { DecisionRecord } from "../../../picker/decision/decision-log.ts";

const milliseconds = z.number();
const settled = z.enum(["met", "missed"]).optional();

/** What `attain load --records --json` says of each request, as far as it is compared here. */
export const loadReport = z.object({
  voidBecause: z.array(z.string()),
  records: z.array(
    z.object({
      requestId: z.string(),
      objective: z.string(),
      outcome: z.string(),
      /** From the moment of sending, as the picker's clock starts at arrival. */
      ttftFromSendMs: milliseconds.optional(),
      tpotMs: milliseconds.optional(),
      e2eFromSendMs: milliseconds,
      outputTokens: z.number(),
      judgementFromSend: z.object({ verdict: z.string(), ttft: settled, tpot: settled, e2e: settled }),
    }),
  ),
});
export type ClientRecord = z.infer<typeof loadReport>["records"][number];

/** Verdicts may differ only where one of the two clocks stood this close to a threshold. */
export const marginMs: Milliseconds = 10;

type Measured = {
  readonly ttftMs: Milliseconds | undefined;
  readonly tpotMs: Milliseconds | undefined;
  readonly e2eMs: Milliseconds;
  readonly outputTokens: Tokens;
};

const within = (value: Milliseconds | undefined, threshold: Milliseconds | undefined, scale = 1): boolean =>
  value !== undefined && threshold !== undefined && Math.abs(value - threshold) * scale <= marginMs;

/**
 * TPOT is a span divided by its tokens, and what disturbs a clock moves the span: so the span has to be that close to
 * the one that the threshold allows, not the quotient.
 */
const isNear = ({ ttftMs, tpotMs, e2eMs, outputTokens }: Measured, thresholds: LatencyThresholds): boolean =>
  within(ttftMs, thresholds.ttftMs) ||
  within(tpotMs, thresholds.tpotMs, outputTokens - 1) ||
  within(e2eMs, thresholds.e2eMs);

const inMs = (seconds: number | undefined): Milliseconds | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

const ofClient = (record: ClientRecord): Measured => ({
  ttftMs: record.ttftFromSendMs,
  tpotMs: record.tpotMs,
  e2eMs: record.e2eFromSendMs,
  outputTokens: record.outputTokens,
});
const ofPicker = (record: DecisionRecord): Measured => ({
  ttftMs: inMs(record.ttftSeconds),
  tpotMs: inMs(record.tpotSeconds),
  e2eMs: record.elapsedSeconds * 1000,
  outputTokens: record.outputTokens,
});

type Verdicts = { readonly verdict: string } & { readonly [D in Dimension]?: DimensionVerdict | undefined };

/** One request that both judged. */
export type Pair = {
  readonly objective: string;
  readonly client: Measured & Verdicts;
  readonly picker: Measured & Verdicts;
  /** True when the margin covers a difference. */
  readonly excused: boolean;
};

export type Agreement = {
  readonly pairs: readonly Pair[];
  /** Requests of the client that the picker has no verdict of, or more than one. */
  readonly unmatched: readonly string[];
};

/** Pairs every request of the client with the picker's decision about it. */
export function pairUp(
  client: readonly ClientRecord[],
  picker: readonly DecisionRecord[],
  thresholdsOf: (objective: string) => LatencyThresholds,
): Agreement {
  const byId = Map.groupBy(picker, ({ id }) => id);
  const pairs: Pair[] = [];
  const unmatched: string[] = [];
  for (const record of client) {
    const [decision, ...more] = byId.get(record.requestId) ?? [];
    if (decision === undefined || more.length > 0) {
      unmatched.push(record.requestId);
      continue;
    }
    const [seen, judged] = [ofClient(record), ofPicker(decision)];
    const thresholds = thresholdsOf(record.objective);
    pairs.push({
      objective: record.objective,
      client: { ...seen, ...record.judgementFromSend },
      picker: { ...judged, verdict: decision.verdict, ...decision.dimensions },
      excused: isNear(seen, thresholds) || isNear(judged, thresholds),
    });
  }
  return { pairs, unmatched };
}

const same = ({ client, picker }: Pair): boolean =>
  client.verdict === picker.verdict &&
  client.ttft === picker.ttft &&
  client.tpot === picker.tpot &&
  client.e2e === picker.e2e &&
  client.outputTokens === picker.outputTokens;

/** Pairs outside the margin that differ in a verdict, of the request or of a dimension, or in the tokens they counted. */
export const disagreements = ({ pairs }: Agreement): readonly Pair[] =>
  pairs.filter((pair) => !pair.excused && !same(pair));

/** How much later the client saw the first token and the end than the picker did, by objective and dimension; sorted. */
export function lagsMs({ pairs }: Agreement): ReadonlyMap<string, readonly Milliseconds[]> {
  const lags = new Map<string, Milliseconds[]>();
  for (const { objective, client, picker } of pairs) {
    const ttft = client.ttftMs === undefined || picker.ttftMs === undefined ? undefined : client.ttftMs - picker.ttftMs;
    for (const [dimension, lag] of Object.entries({ ttft, e2e: client.e2eMs - picker.e2eMs })) {
      if (lag === undefined) continue;
      const key = `${objective} ${dimension}`;
      lags.set(key, [...(lags.get(key) ?? []), lag]);
    }
  }
  for (const sorted of lags.values()) sorted.sort((a, b) => a - b);
  return lags;
}
