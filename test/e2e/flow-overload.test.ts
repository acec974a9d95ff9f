/** A minute of twice the load that the pool can serve, through Envoy: with flow control, and beside it without. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Ratio } from "#units";
import { mean } from "../scenario/flow/figures.ts";
import { flowOff, flowOn } from "../scenario/flow/settings.ts";
import { inSeconds, startSide, type ObjectiveFigures, type Side } from "./support/overload.ts";
import { stopAfterTests } from "./support/started.ts";

const secondHalf = ({ utilisation }: Side): Ratio => mean(utilisation.slice(utilisation.length >> 1));
const reasonOf = (one: Side["refused"][number]): string => one?.flow?.outcome ?? "for no reason";
const retryAfters = ({ refused }: Side): readonly number[] =>
  refused.map((one) => one?.retryAfterSeconds ?? Number.NaN);

function refusals(side: Side): string {
  if (side.refused.length === 0) return "none";
  const byReason = [...Map.groupBy(side.refused, reasonOf)].map(([reason, all]) => `${all.length} ${reason}`);
  const told = retryAfters(side);
  return `${byReason.join(", ")}, retry-after ${Math.min(...told)} to ${Math.max(...told)} s`;
}

const counts = ({ sent, outcomes, statusCounts, ttftSeconds }: ObjectiveFigures): string =>
  `sent ${sent}, ${JSON.stringify(outcomes)}, by status ${JSON.stringify(statusCounts)}, ` +
  `TTFT p50 ${inSeconds(ttftSeconds.p50)}, p99 ${inSeconds(ttftSeconds.p99)}, max ${inSeconds(ttftSeconds.max)}`;

function tell(side: Side): void {
  const { name, chat, batch, voidBecause } = side;
  process.stderr.write(
    `flow control ${name}: chat attainment ${chat.attainment.toFixed(4)} (${chat.met} of ${chat.met + chat.missed}), ` +
      `batch ${batch.attainment.toFixed(4)}, utilisation ${mean(side.utilisation).toFixed(3)}, in the second half ${secondHalf(side).toFixed(3)}\n` +
      `  chat: ${counts(chat)}\n  batch: ${counts(batch)}\n  refusals: ${refusals(side)}\n` +
      (voidBecause.length === 0 ? "" : `  the client: ${voidBecause.join("; ")}\n`),
  );
}

const started = stopAfterTests();
let on: Side;
let off: Side;

beforeAll(async () => {
  const sides = [await startSide(started, "on", flowOn()), await startSide(started, "off", flowOff())] as const;
  [on, off] = await Promise.all([sides[0](), sides[1]()]);
  tell(on);
  tell(off);
});

describe("twice the load that the pool can serve", () => {
  it("chat meets its target with flow control, and does not without", () => {
    expect(on.chat.attainment).toBeGreaterThanOrEqual(0.99);
    expect(off.chat.attainment).toBeLessThan(on.chat.attainment);
  });

  it("the model servers stay busy, and batch gets what chat leaves", () => {
    expect(secondHalf(on)).toBeGreaterThanOrEqual(0.9);
    expect(on.batch.statusCounts["200"]).toBeGreaterThan(0);
  });

  it("each refusal that a client saw has a reason and a time to come back, and chat has none", () => {
    expect(Object.keys(on.chat.statusCounts)).toEqual(["200"]);
    expect(on.refused.length).toBeGreaterThan(0);
    expect(on.refused.length).toBe(on.batch.statusCounts["429"]);
    const kinds = new Set(on.refused.map((one) => `${one?.objective} ${one?.refusalStatus} ${one?.refusal}`));
    expect(kinds).toEqual(new Set(["batch 429 shed"]));
    const reasons = new Set(on.refused.map(reasonOf));
    expect([...reasons].filter((reason) => reason !== "late" && reason !== "infeasible")).toEqual([]);
    expect(retryAfters(on).filter((after) => !(after >= 1 && after <= 60))).toEqual([]);
  });

  it("without flow control nothing is refused, and what waits does so at the model servers", () => {
    expect([Object.keys(off.chat.statusCounts), Object.keys(off.batch.statusCounts)]).toEqual([["200"], ["200"]]);
    expect(secondHalf(off)).toBeGreaterThanOrEqual(0.9);
  });
});
