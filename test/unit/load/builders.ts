import { defaultPeriodMs, type LatencyThresholds } from "#objective";
import type { LoadObjective } from "../../../load/objective.ts";
import { loadDefaults, type LoadOptions } from "../../../load/options.ts";
import type { Exchange } from "../../../load/outcome.ts";

export const objectiveOf = (fields: Partial<LoadObjective> = {}): LoadObjective => ({
  name: "chat",
  rate: { kind: "constant", perSecond: 100 },
  prompt: { kind: "fixed", tokens: 20 },
  output: { kind: "fixed", tokens: 5 },
  sharedShare: 0,
  prefixTokens: 10,
  prefixCount: 2,
  streamShare: 1,
  api: "chat",
  priority: 0,
  level: undefined,
  ...fields,
});

export const levelOf = (thresholds: LatencyThresholds, sheddedAs: "missed" | "excluded" = "missed") => ({
  thresholds,
  target: 0.9,
  periodMs: defaultPeriodMs,
  sheddedAs,
});

export const optionsOf = (fields: Partial<LoadOptions> = {}): LoadOptions => ({
  ...loadDefaults,
  url: "http://127.0.0.1:1",
  objectives: [objectiveOf()],
  ...fields,
});

type ExchangeFields = Partial<Omit<Exchange, "response">> & {
  readonly response?: Partial<NonNullable<Exchange["response"]>> | null;
};

/** A streamed answer of 11 tokens: intended at 1000, sent at 1010, first token at 1100, last at 1200, ended at 1210. */
export const exchangeOf = ({ response, ...fields }: ExchangeFields = {}): Exchange => ({
  requestId: "id",
  objective: objectiveOf({ level: levelOf({ ttftMs: 100, tpotMs: 10 }) }),
  intendedAtMs: 1000,
  sentAtMs: 1010,
  endedAtMs: 1210,
  ending: "ended",
  ...fields,
  response:
    response === null
      ? undefined
      : {
          status: 200,
          droppedReason: undefined,
          streamed: true,
          observed: {
            firstTokenAtMs: 1100,
            lastTokenAtMs: 1200,
            tokenEvents: 6,
            usageOutputTokens: 11,
            sawEnd: true,
            failed: false,
          },
          ...response,
        },
});
