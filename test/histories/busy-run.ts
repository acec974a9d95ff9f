/** Tenants that always have requests waiting, before endpoints that are always full. */
import { seededRandom, type Random } from "#random";
import type { Milliseconds, Ratio, Tokens } from "#units";
import type { QueueSettings } from "../../picker/flow/queue/settings.ts";
import { FlowRig } from "../support/flow-rig.ts";
import { flowSettingsOf, ledgerDetectorOf } from "../support/flow-settings.ts";
import { between } from "./draw.ts";

/** Who sends; its requests are alike but for their size. */
export type Tenant = {
  readonly fairnessId: string;
  readonly objective: string;
  readonly priority: number;
  /** Drawn evenly between the two. */
  readonly promptTokens: readonly [least: Tokens, most: Tokens];
  readonly outputTokens: readonly [least: Tokens, most: Tokens];
};

export type Served = {
  readonly tenant: Tenant;
  readonly atMs: Milliseconds;
  /** Used, prompt and output. */
  readonly tokens: Tokens;
  readonly waitedMs: Milliseconds;
};

const backlog = 20;
const endpoints = 4;
const slots = 4;
const maxOutputTokens: Tokens = 100;
const serviceMs = [4, 16] as const;

/** Requests in the order in which they were sent to an endpoint; about 1600 a second. */
export function busyRun(
  queue: QueueSettings,
  tenants: readonly Tenant[],
  ms: Milliseconds,
  seed: number,
): readonly Served[] {
  const random = seededRandom(seed);
  const base = flowSettingsOf();
  const ttl = { ...base.ttl, ofBandMs: new Map(), dynamicMs: undefined, dynamicNegativeMs: undefined };
  const late = { ...base.late, refusesInfeasible: false };
  const settings = flowSettingsOf({ queue, ttl, late, detector: ledgerDetectorOf(slots) });
  const rig = new FlowRig({ settings, endpoints: Array.from({ length: endpoints }, () => ({})), random });
  const served: Served[] = [];
  const send = (tenant: Tenant): void => {
    const { fairnessId, objective, priority } = tenant;
    const promptTokens = drawn(random, tenant.promptTokens);
    const outputTokens = drawn(random, tenant.outputTokens);
    rig.submit({
      fairnessId,
      objective,
      priority,
      promptTokens,
      maxOutputTokens,
      onDispatched: (request) => {
        const tokens = promptTokens + outputTokens;
        served.push({ tenant, atMs: rig.clock.now(), tokens, waitedMs: request.note?.waitedMs ?? 0 });
        const [least, most] = serviceMs;
        rig.clock.after(least + random() * (most - least), () => {
          request.end({ promptTokens, outputTokens });
          send(tenant);
        });
      },
    });
  };
  for (const tenant of tenants) for (let i = 0; i < backlog + endpoints * slots; i++) send(tenant);
  rig.run(ms);
  return served;
}

const drawn = (random: Random, [least, most]: readonly [number, number]): number => between(random, least, most);

/** Each tenant's share of the tokens that were sent off in a span. */
function sharesIn(
  served: readonly Served[],
  tenants: readonly Tenant[],
  fromMs: Milliseconds,
  untilMs: Milliseconds,
): readonly Ratio[] {
  const tokens = new Map(tenants.map((tenant) => [tenant, 0]));
  let total = 0;
  for (const one of served) {
    if (one.atMs < fromMs || one.atMs >= untilMs) continue;
    tokens.set(one.tenant, tokens.get(one.tenant)! + one.tokens);
    total += one.tokens;
  }
  return tenants.map((tenant) => tokens.get(tenant)! / total);
}

/** Shares in each span of this length, a tenth of it apart. */
export function shares(
  served: readonly Served[],
  tenants: readonly Tenant[],
  span: { readonly fromMs: Milliseconds; readonly untilMs: Milliseconds; readonly lengthMs: Milliseconds },
): readonly (readonly Ratio[])[] {
  const { fromMs, untilMs, lengthMs } = span;
  const found: (readonly Ratio[])[] = [];
  for (let at = fromMs; at + lengthMs <= untilMs; at += lengthMs / 10) {
    found.push(sharesIn(served, tenants, at, at + lengthMs));
  }
  return found;
}
