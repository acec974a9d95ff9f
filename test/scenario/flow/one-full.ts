/** One endpoint is full, and ten are idle. */
import { ObjectiveTable } from "#objective";
import type { Milliseconds } from "#units";
import { capacityPerSecond } from "./capacity.ts";
import { chat, chatThresholds, promised } from "./chat-and-batch.ts";
import { waitedMs } from "./exchange.ts";
import { PoolUnderLoad } from "./pool-under-load.ts";
import { atMost, figureTable, type Bar, type Scenario } from "./scenario.ts";
import { engine, flowOn } from "./settings.ts";
import { play, requestsOf, type Source } from "./traffic.ts";

export type OneFullOptions = {
  readonly idleServers: number;
  /** Offered load ÷ what the idle ones can serve. */
  readonly load: number;
  readonly durationMs: Milliseconds;
  readonly seed: number;
};

export const oneFullDefaults: OneFullOptions = { idleServers: 10, load: 0.5, durationMs: 60_000, seed: 1 };

export type OneFullResult = {
  readonly requests: number;
  /** Of these, had to wait for a decision. */
  readonly waited: number;
  readonly refused: number;
  readonly toTheFullOne: number;
  /** Requests in flight at the full endpoint, and what it may have. */
  readonly inFlightAtTheFullOne: number;
  readonly capacityOfTheFullOne: number;
  /** Requests that may go to the full one alone: all but what it has room for wait at the head of the queue. */
  readonly waitingForTheFullOne: number;
};

const full = 0;
const extra = 5;

/** Long answers, so that the endpoint stays full. */
const pinned: Source = {
  name: "pinned",
  objective: undefined,
  tenant: "pinned",
  promptTokens: [128, 128],
  outputTokens: [4000, 4000],
  perSecond: 1,
  spacing: "even",
  onlyServer: full,
};

const objectives = new ObjectiveTable([promised("chat", 0, chatThresholds, 0.99)]);

export function oneFull(options: OneFullOptions = oneFullDefaults): OneFullResult {
  const { idleServers, load, durationMs, seed } = options;
  const pool = new PoolUnderLoad({ engine, servers: idleServers + 1, settings: flowOn(), objectives, seed });
  const { clock } = pool;
  const endpointOf = () => pool.flow.saturation.endpoints[full]!;
  const nextPinned = requestsOf(pinned, seed);
  for (let room = endpointOf().capacity! + extra; room > 0; room--) pool.send(nextPinned());
  const fromMs = 1000;
  clock.runUntil(fromMs);
  const perSecond = load * idleServers * capacityPerSecond(engine, [chat]);
  play(clock, { ...chat, perSecond }, { fromMs, untilMs: fromMs + durationMs, seed }, (sent) => pool.send(sent));
  clock.runUntil(fromMs + durationMs / 2);
  const { inFlight, capacity } = endpointOf();
  const waitingForTheFullOne = pool.flow.queue.requests;
  clock.runUntil(fromMs + durationMs);
  const chats = pool.exchanges.filter(({ sent }) => sent.source.name === "chat");
  return {
    requests: chats.length,
    waited: chats.filter((exchange) => waitedMs(exchange) !== 0).length,
    refused: chats.filter(({ refusal }) => refusal !== undefined).length,
    toTheFullOne: chats.filter(({ route }) => route?.endpoint.name === `server-${full}`).length,
    inFlightAtTheFullOne: inFlight,
    capacityOfTheFullOne: capacity!,
    waitingForTheFullOne,
  };
}

export const oneFullBars = ({ waited, refused, toTheFullOne }: OneFullResult): readonly Bar[] => [
  atMost("waited", waited, 0),
  atMost("refused", refused, 0),
  atMost("toTheFullOne", toTheFullOne, 0),
];

export const oneFullScenario: Scenario = {
  name: "one-full",
  title: "One full endpoint among ten idle ones, with requests at the head of the queue that only it can serve",
  play: () => {
    const figures = oneFull();
    return { figures, table: figureTable(figures), bars: oneFullBars(figures) };
  },
};
