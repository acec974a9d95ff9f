/** The pool is at zero; requests are held until the first servers are there. */
import { ObjectiveTable } from "#objective";
import { toSeconds, type Milliseconds, type Seconds } from "#units";
import { waitedMs } from "./exchange.ts";
import { rounded } from "./figures.ts";
import { PoolUnderLoad } from "./pool-under-load.ts";
import { atMost, figureTable, type Bar, type Scenario } from "./scenario.ts";
import { engine, flowOn } from "./settings.ts";
import { play, type Source } from "./traffic.ts";

export type ColdStartOptions = {
  /** From the first arrival on. */
  readonly startsAfterMs: Milliseconds;
  readonly servers: number;
  readonly perSecond: number;
  /** Requests go on arriving for this long after the start. */
  readonly afterMs: Milliseconds;
  readonly seed: number;
};

export const coldStartDefaults: ColdStartOptions = {
  startsAfterMs: 40_000,
  servers: 4,
  perSecond: 8,
  afterMs: 20_000,
  seed: 1,
};

export type ColdStartResult = {
  readonly sent: number;
  /** Waiting at the moment of the start, as the state exports it. */
  readonly held: number;
  readonly served: number;
  readonly refused: number;
  /** Neither served nor refused in the end. */
  readonly lost: number;
  /** Dispatched before one that had arrived earlier. */
  readonly outOfOrder: number;
  readonly longestWaitSeconds: Seconds;
  /** What the state says that a whole start takes, afterwards. */
  readonly expectedColdStartSeconds: Seconds;
};

const visitors: Source = {
  name: "visitors",
  objective: undefined,
  tenant: "web",
  promptTokens: [128, 384],
  outputTokens: [32, 96],
  perSecond: 1,
  spacing: "poisson",
};

export function coldStart(options: ColdStartOptions = coldStartDefaults): ColdStartResult {
  const { startsAfterMs, servers, perSecond, afterMs, seed } = options;
  const pool = new PoolUnderLoad({ engine, servers: 0, settings: flowOn(), objectives: new ObjectiveTable([]), seed });
  const { clock, exchanges } = pool;
  const order = new Map<string, number>();
  pool.onDispatched = ({ sent }) => void order.set(sent.id, order.size);
  const span = { fromMs: 0, untilMs: startsAfterMs + afterMs, seed };
  play(clock, { ...visitors, perSecond }, span, (sent) => pool.send(sent));
  clock.runUntil(startsAfterMs);
  const { held } = pool.flow;
  pool.setServers(servers);
  clock.runUntil(startsAfterMs + afterMs);
  pool.finish();
  const places = exchanges.flatMap(({ sent }) => order.get(sent.id) ?? []);
  const waits = exchanges.flatMap((exchange) => waitedMs(exchange) ?? []);
  return {
    sent: exchanges.length,
    held: held.requests,
    served: exchanges.filter(({ route, endedAtMs }) => route !== undefined && endedAtMs !== undefined).length,
    refused: exchanges.filter(({ refusal }) => refusal !== undefined).length,
    lost: exchanges.filter(({ endedAtMs }) => endedAtMs === undefined).length,
    outOfOrder: places.filter((place, i) => i > 0 && place < places[i - 1]!).length,
    longestWaitSeconds: rounded(toSeconds(Math.max(...waits)))!,
    expectedColdStartSeconds: rounded(toSeconds(pool.flow.expectedColdStartMs))!,
  };
}

export const coldStartBars = ({ lost, refused, outOfOrder }: ColdStartResult): readonly Bar[] => [
  atMost("lost", lost, 0),
  atMost("refused", refused, 0),
  atMost("outOfOrder", outOfOrder, 0),
];

export const coldStartScenario: Scenario = {
  name: "cold-start",
  title: "A pool at zero; its first servers are there 40 seconds after the first request",
  play: () => {
    const figures = coldStart();
    return { figures, table: figureTable(figures), bars: coldStartBars(figures) };
  },
};
