/**
 * Twice as much load as the pool can serve. Half of the requests are chat, which is a quarter of the work: were it half of the
 * work, chat would be all that the pool can serve, and with `minShare` more than that.
 */
import type { Milliseconds, Ratio } from "#units";
import type { FlowSettings } from "../../../picker/flow/settings.ts";
import { capacityPerSecond } from "./capacity.ts";
import { batch, chat, objectives } from "./chat-and-batch.ts";
import { ttftMs, type Exchange } from "./exchange.ts";
import { arrivedWithin, attainmentOf, countBy, mean, quantile, rounded } from "./figures.ts";
import { PoolUnderLoad } from "./pool-under-load.ts";
import { probesOf, retryAfterWithin2x } from "./retry-after.ts";
import { atLeast, type Bar, type Cell, type Scenario, type Table } from "./scenario.ts";
import { engine, flowOff, flowOn } from "./settings.ts";
import { play, type Source } from "./traffic.ts";

export type OverloadOptions = {
  readonly servers: number;
  /** Until what is learned has been learned; only the first figure of each objective is about it, too. */
  readonly warmUpMs: Milliseconds;
  /** After the warm-up. */
  readonly measuredMs: Milliseconds;
  /** Offered load ÷ what the pool can serve of this mix. */
  readonly load: number;
  readonly seed: number;
};

export const overloadDefaults: OverloadOptions = {
  servers: 8,
  warmUpMs: 60_000,
  measuredMs: 240_000,
  load: 2,
  seed: 1,
};

export type ObjectiveFigures = {
  /** Met ÷ judged, a refusal being missed; of those that arrived after the warm-up, as are the other figures. */
  readonly attainment: Ratio | undefined;
  readonly attainmentFromTheStart: Ratio | undefined;
  readonly sent: number;
  readonly served: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly ttftP50Ms: Milliseconds | undefined;
  readonly ttftP99Ms: Milliseconds | undefined;
};

export type OverloadSide = {
  readonly objectives: { readonly chat: ObjectiveFigures; readonly batch: ObjectiveFigures };
  /** Mean of running sequences, read off each server every 200 ms, ÷ those that it can run; after the warm-up. */
  readonly utilisation: Ratio;
  /** Output tokens. */
  readonly tokensPerSecond: number;
  readonly retryAfterWithin2x: Ratio | undefined;
};

export type OverloadResult = { readonly on: OverloadSide; readonly off: OverloadSide };

function figuresOf(exchanges: readonly Exchange[], { warmUpMs }: OverloadOptions): ObjectiveFigures {
  const measured = arrivedWithin(exchanges, warmUpMs, Infinity);
  const ttfts = measured.flatMap((exchange) => ttftMs(exchange) ?? []);
  const refusals = measured.flatMap(({ refusal }) => refusal ?? []);
  return {
    attainment: rounded(attainmentOf(measured)),
    attainmentFromTheStart: rounded(attainmentOf(exchanges)),
    sent: measured.length,
    served: measured.length - refusals.length,
    refused: countBy(refusals, ({ reason }) => reason),
    ttftP50Ms: rounded(quantile(ttfts, 0.5), 0),
    ttftP99Ms: rounded(quantile(ttfts, 0.99), 0),
  };
}

export function overloadSide(options: OverloadOptions, settings: FlowSettings): OverloadSide {
  const { servers, warmUpMs, measuredMs, load, seed } = options;
  const untilMs = warmUpMs + measuredMs;
  const pool = new PoolUnderLoad({ engine, servers, settings, objectives, seed });
  const perSecond = (load * servers * capacityPerSecond(engine, [chat, batch])) / 2;
  for (const source of [chat, batch]) {
    play(pool.clock, { ...source, perSecond }, { fromMs: 0, untilMs, seed }, (sent) => pool.send(sent));
  }
  pool.clock.runUntil(warmUpMs);
  const running: number[] = [];
  pool.onSampled = (sequences) => void running.push(sequences);
  const generatedBefore = pool.generatedTokens();
  pool.clock.runUntil(untilMs);
  pool.onSampled = () => {};
  const generated = pool.generatedTokens() - generatedBefore;
  pool.finish();
  const of = ({ name }: Source) =>
    figuresOf(
      pool.exchanges.filter(({ sent }) => sent.source.name === name),
      options,
    );
  return {
    objectives: { chat: of(chat), batch: of(batch) },
    utilisation: rounded(mean(running) / engine.maxNumSeqs)!,
    tokensPerSecond: rounded((1000 * generated) / measuredMs, 1)!,
    retryAfterWithin2x: rounded(retryAfterWithin2x(probesOf(arrivedWithin(pool.exchanges, warmUpMs, untilMs)))),
  };
}

/** The same requests with flow control and without. */
export const overload = (options: OverloadOptions = overloadDefaults): OverloadResult => ({
  on: overloadSide(options, flowOn()),
  off: overloadSide(options, flowOff()),
});

export const overloadBars = ({ on }: OverloadResult): readonly Bar[] => [
  atLeast("on.objectives.chat.attainment", on.objectives.chat.attainment, 0.99),
  atLeast("on.utilisation", on.utilisation, 0.95),
  atLeast("on.retryAfterWithin2x", on.retryAfterWithin2x, 0.9),
];

const refusalsText = ({ refused }: ObjectiveFigures): string =>
  Object.entries(refused)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(", ");

function overloadTable({ on, off }: OverloadResult): Table {
  const row = (figure: string, of: (side: OverloadSide) => Cell) => [figure, of(on), of(off)];
  const rowsOf = (name: "chat" | "batch") => [
    row(`${name} attainment`, ({ objectives }) => objectives[name].attainment),
    row(`${name} attainment, start included`, ({ objectives }) => objectives[name].attainmentFromTheStart),
    row(`${name} sent`, ({ objectives }) => objectives[name].sent),
    row(`${name} served`, ({ objectives }) => objectives[name].served),
    row(`${name} refused`, ({ objectives }) => refusalsText(objectives[name])),
    row(
      `${name} TTFT p50, p99 in ms`,
      ({
        objectives: {
          [name]: { ttftP50Ms, ttftP99Ms },
        },
      }) => `${ttftP50Ms}, ${ttftP99Ms}`,
    ),
  ];
  return {
    head: ["figure", "flow control on", "off"],
    rows: [
      ...rowsOf("chat"),
      ...rowsOf("batch"),
      row("utilisation", ({ utilisation }) => utilisation),
      row("output tokens a second", ({ tokensPerSecond }) => tokensPerSecond),
      row("retry-after within 2×", ({ retryAfterWithin2x }) => retryAfterWithin2x),
    ],
  };
}

export const overloadScenario: Scenario = {
  name: "overload",
  title: "Offered load of twice what the pool can serve, half of the requests chat, half sheddable batch",
  play: () => {
    const figures = overload();
    return { figures, table: overloadTable(figures), bars: overloadBars(figures) };
  },
};
