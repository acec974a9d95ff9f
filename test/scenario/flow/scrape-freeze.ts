/** For a minute no scrape is answered, while the pool has work for nine tenths of what it can do. */
import { toSeconds, type Milliseconds, type Ratio, type Seconds } from "#units";
import type { SaturationMode } from "../../../picker/flow/capacity/saturation-detector.ts";
import { capacityPerSecond } from "./capacity.ts";
import { batch, chat, objectives } from "./chat-and-batch.ts";
import { arrivedWithin, attainmentOf, rounded } from "./figures.ts";
import { PoolUnderLoad } from "./pool-under-load.ts";
import { atMost, figureTable, type Bar, type Scenario } from "./scenario.ts";
import { engine, flowOn } from "./settings.ts";
import { play } from "./traffic.ts";

export type ScrapeFreezeOptions = {
  readonly servers: number;
  /** Offered load ÷ what the pool can serve, from the end of the overload on. */
  readonly load: number;
  /** At first twice that, so that limits are learned and have an effect. */
  readonly overloadMs: Milliseconds;
  /** From then to the freeze. */
  readonly settleMs: Milliseconds;
  readonly freezeMs: Milliseconds;
  readonly afterMs: Milliseconds;
  readonly seed: number;
};

export const scrapeFreezeDefaults: ScrapeFreezeOptions = {
  servers: 8,
  load: 0.9,
  overloadMs: 60_000,
  settleMs: 60_000,
  freezeMs: 60_000,
  afterMs: 20_000,
  seed: 1,
};

export type ScrapeFreezeResult = {
  /** Between two dispatches that follow each other during the freeze, and from its ends to the nearest. */
  readonly longestDispatchGapSeconds: Seconds;
  /**
   * At each dispatch during the freeze: requests that were sent to that endpoint and have not ended, counted at the client's
   * side, above its capacity at that instant, ÷ that capacity. 0: none was ever above.
   */
  readonly maxOvershootRatio: Ratio;
  /** From the next answered scrape on until the state is what it was before. */
  readonly recoverySeconds: Seconds;
  /** From the last answered scrape on until the state says why. */
  readonly noticedSeconds: Seconds;
  /** In the middle of the freeze. */
  readonly stateDuringFreeze: SaturationMode;
  readonly dispatchedDuringFreeze: number;
  readonly chatAttainmentBefore: Ratio | undefined;
  readonly chatAttainmentDuring: Ratio | undefined;
};

const checkEveryMs: Milliseconds = 10;

/** Runs until the state is `mode`; how long that took. */
function untilMode(pool: PoolUnderLoad, mode: SaturationMode): Seconds {
  const sinceMs = pool.clock.now();
  while (pool.flow.saturation.mode !== mode) pool.clock.runUntil(pool.clock.now() + checkEveryMs);
  return toSeconds(pool.clock.now() - sinceMs);
}

/** Of every dispatch from now on: when it was, and how far it took its endpoint above its capacity. */
function watchDispatches(pool: PoolUnderLoad) {
  const instants: Milliseconds[] = [];
  const watched = { instants, maxOvershootRatio: 0 };
  pool.onDispatched = ({ route }) => {
    instants.push(pool.clock.now());
    const { id } = route!.endpoint;
    const { capacity } = pool.flow.saturation.endpoints.find((endpoint) => endpoint.id === id)!;
    const above = (pool.sentTo(id) - capacity!) / capacity!;
    watched.maxOvershootRatio = Math.max(watched.maxOvershootRatio, above);
  };
  return watched;
}

export function scrapeFreeze(options: ScrapeFreezeOptions = scrapeFreezeDefaults): ScrapeFreezeResult {
  const { servers, load, overloadMs, settleMs, freezeMs, afterMs, seed } = options;
  const pool = new PoolUnderLoad({ engine, servers, settings: flowOn(), objectives, seed });
  const { clock } = pool;
  const perSecond = (load * servers * capacityPerSecond(engine, [chat, batch])) / 2;
  const fromMs = overloadMs + settleMs;
  const untilMs = fromMs + freezeMs;
  for (const source of [chat, batch]) {
    const send = pool.send.bind(pool);
    play(clock, { ...source, perSecond: 2 * perSecond }, { fromMs: 0, untilMs: overloadMs, seed }, send);
    const later = { ...source, name: `${source.name}-later`, perSecond };
    play(clock, later, { fromMs: overloadMs, untilMs: untilMs + afterMs, seed }, send);
  }
  clock.runUntil(fromMs);
  pool.scrapes = false;
  const watched = watchDispatches(pool);
  const noticedSeconds = untilMode(pool, "concurrency-only");
  clock.runUntil(fromMs + freezeMs / 2);
  const stateDuringFreeze = pool.flow.saturation.mode;
  clock.runUntil(untilMs);
  pool.onDispatched = () => {};
  pool.scrapes = true;
  const recoverySeconds = untilMode(pool, "normal");
  clock.runUntil(untilMs + afterMs);
  pool.finish();
  const edges = [fromMs, ...watched.instants, untilMs];
  const gaps = edges.slice(1).map((atMs, i) => atMs - edges[i]!);
  const chats = pool.exchanges.filter(({ sent }) => sent.source.objective === "chat");
  return {
    longestDispatchGapSeconds: rounded(toSeconds(Math.max(...gaps)))!,
    maxOvershootRatio: rounded(watched.maxOvershootRatio)!,
    recoverySeconds: rounded(recoverySeconds)!,
    noticedSeconds: rounded(noticedSeconds)!,
    stateDuringFreeze,
    dispatchedDuringFreeze: watched.instants.length,
    chatAttainmentBefore: rounded(attainmentOf(arrivedWithin(chats, overloadMs, fromMs))),
    chatAttainmentDuring: rounded(attainmentOf(arrivedWithin(chats, fromMs, untilMs))),
  };
}

export const scrapeFreezeBars = (result: ScrapeFreezeResult): readonly Bar[] => [
  atMost("longestDispatchGapSeconds", result.longestDispatchGapSeconds, 1),
  atMost("maxOvershootRatio", result.maxOvershootRatio, 0.1),
  atMost("recoverySeconds", result.recoverySeconds, 0.25),
];

export const scrapeFreezeScenario: Scenario = {
  name: "scrape-freeze",
  title: "No scrape is answered for a minute, at nine tenths of what the pool can serve",
  play: () => {
    const figures = scrapeFreeze();
    return { figures, table: figureTable(figures), bars: scrapeFreezeBars(figures) };
  },
};
