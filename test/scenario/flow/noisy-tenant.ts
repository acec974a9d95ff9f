/**
 * Ten tenants of one objective, of whom one sends nine tenths of the load. The nine are compared with what they get where the
 * tenth fills the pool without overloading it. Alone they would find idle servers, and whatever decides about admission, a
 * first token takes twice as long in a full batch as in an idle server, and a place in it is free only when a request ends.
 */
import { ObjectiveTable } from "#objective";
import type { Milliseconds } from "#units";
import type { FlowSettings } from "../../../picker/flow/settings.ts";
import { capacityPerSecond } from "./capacity.ts";
import { chat, chatThresholds, promised } from "./chat-and-batch.ts";
import { ttftMs, type Exchange } from "./exchange.ts";
import { arrivedWithin, quantile, rounded } from "./figures.ts";
import { PoolUnderLoad } from "./pool-under-load.ts";
import { atMost, type Bar, type Scenario, type Table } from "./scenario.ts";
import { engine, flowOff, flowOn } from "./settings.ts";
import { play, type Source } from "./traffic.ts";

export type NoisyTenantOptions = {
  readonly servers: number;
  /** Offered load of all ten ÷ what the pool can serve. */
  readonly load: number;
  readonly noisyShare: number;
  /** Offered load of all ten where the tenth keeps within what the pool can serve. */
  readonly modestLoad: number;
  readonly warmUpMs: Milliseconds;
  readonly measuredMs: Milliseconds;
  readonly seed: number;
};

export const noisyTenantDefaults: NoisyTenantOptions = {
  servers: 8,
  load: 2,
  noisyShare: 0.9,
  modestLoad: 0.95,
  warmUpMs: 60_000,
  measuredMs: 120_000,
  seed: 1,
};

const tenants = 10;
const noisy = "tenant-0";

const tenant = (index: number, perSecond: number): Source => ({
  ...chat,
  name: `tenant-${index}`,
  tenant: `tenant-${index}`,
  perSecond,
});

const objectives = new ObjectiveTable([promised("chat", 0, chatThresholds, 0.99)]);

export type QuietTenants = {
  readonly requests: number;
  readonly refused: number;
  readonly ttftP50Ms: Milliseconds | undefined;
  readonly ttftP99Ms: Milliseconds | undefined;
};

export type NoisyTenantResult = {
  /** The nine without the tenth, in a pool that is nearly idle. */
  readonly solo: QuietTenants;
  /** The nine beside a tenth that fills the pool and does not overload it. */
  readonly besideModest: QuietTenants;
  /** The nine beside the tenth that sends nine tenths of a load that is too much. */
  readonly beside: QuietTenants;
  readonly besideWithoutFlowControl: QuietTenants;
  /** p99 of TTFT beside the noisy tenth ÷ p99 beside the modest one: what the queue of the tenth does to the nine. */
  readonly ttftP99Ratio: number;
  /** p99 of TTFT beside the noisy tenth ÷ p99 of the solo run. */
  readonly ttftP99RatioToSolo: number;
};

/** The tenth's load; 0: it sends nothing. */
type Tenth = "absent" | "modest" | "noisy";

const tenthLoad: Readonly<Record<Tenth, (options: NoisyTenantOptions) => number>> = {
  absent: () => 0,
  modest: ({ modestLoad, load, noisyShare }) => modestLoad - load * (1 - noisyShare),
  noisy: ({ load, noisyShare }) => load * noisyShare,
};

export function quietTenants(options: NoisyTenantOptions, settings: FlowSettings, tenth: Tenth): QuietTenants {
  const { servers, load, noisyShare, warmUpMs, measuredMs, seed } = options;
  const pool = new PoolUnderLoad({ engine, servers, settings, objectives, seed });
  const capacity = servers * capacityPerSecond(engine, [tenant(0, 1)]);
  const untilMs = warmUpMs + measuredMs;
  const each = (capacity * load * (1 - noisyShare)) / (tenants - 1);
  for (let index = tenth === "absent" ? 1 : 0; index < tenants; index++) {
    const perSecond = index === 0 ? capacity * tenthLoad[tenth](options) : each;
    play(pool.clock, tenant(index, perSecond), { fromMs: 0, untilMs, seed }, (sent) => pool.send(sent));
  }
  pool.clock.runUntil(untilMs);
  pool.finish();
  const measured = arrivedWithin(pool.exchanges, warmUpMs, untilMs).filter(({ sent }) => sent.source.name !== noisy);
  const ttfts = measured.flatMap((exchange: Exchange) => ttftMs(exchange) ?? []);
  return {
    requests: measured.length,
    refused: measured.filter(({ refusal }) => refusal !== undefined).length,
    ttftP50Ms: rounded(quantile(ttfts, 0.5), 1),
    ttftP99Ms: rounded(quantile(ttfts, 0.99), 1),
  };
}

export function noisyTenant(options: NoisyTenantOptions = noisyTenantDefaults): NoisyTenantResult {
  const solo = quietTenants(options, flowOn(), "absent");
  const besideModest = quietTenants(options, flowOn(), "modest");
  const beside = quietTenants(options, flowOn(), "noisy");
  return {
    solo,
    besideModest,
    beside,
    besideWithoutFlowControl: quietTenants(options, flowOff(), "noisy"),
    ttftP99Ratio: rounded(beside.ttftP99Ms! / besideModest.ttftP99Ms!)!,
    ttftP99RatioToSolo: rounded(beside.ttftP99Ms! / solo.ttftP99Ms!)!,
  };
}

export const noisyTenantBars = (result: NoisyTenantResult): readonly Bar[] => [
  atMost("ttftP99Ratio", result.ttftP99Ratio, 1.2),
  atMost("beside.refused", result.beside.refused, 0),
];

function noisyTenantTable(result: NoisyTenantResult): Table {
  const row = (name: string, { requests, refused, ttftP50Ms, ttftP99Ms }: QuietTenants) => [
    name,
    requests,
    refused,
    ttftP50Ms,
    ttftP99Ms,
  ];
  return {
    head: ["the nine", "requests", "refused", "TTFT p50 in ms", "p99"],
    rows: [
      row("alone", result.solo),
      row("beside a tenth that fills the pool", result.besideModest),
      row("beside a tenth that sends nine tenths of the load", result.beside),
      row("the same without flow control", result.besideWithoutFlowControl),
    ],
  };
}

export const noisyTenantScenario: Scenario = {
  name: "noisy-tenant",
  title: "Ten tenants at twice what the pool can serve, one of them sending nine tenths of it",
  play: () => {
    const figures = noisyTenant();
    return { figures, table: noisyTenantTable(figures), bars: noisyTenantBars(figures) };
  },
};
