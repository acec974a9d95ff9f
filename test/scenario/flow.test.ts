/** The promises of flow control, on a virtual clock over the picker's own parts and simulated model servers. */
import { describe, expect, it } from "@jest/globals";
import { coldStart, coldStartBars, coldStartDefaults } from "./flow/cold-start.ts";
import { noisyTenant, noisyTenantBars, noisyTenantDefaults } from "./flow/noisy-tenant.ts";
import { oneFull, oneFullBars, oneFullDefaults } from "./flow/one-full.ts";
import { overload, overloadBars, overloadDefaults, overloadSide } from "./flow/overload.ts";
import type { Bar } from "./flow/scenario.ts";
import { scrapeFreeze, scrapeFreezeBars, scrapeFreezeDefaults } from "./flow/scrape-freeze.ts";
import { flowOn } from "./flow/settings.ts";

const notMet = (bars: readonly Bar[]): readonly string[] =>
  bars.filter(({ isMet }) => !isMet).map(({ figure, value, wanted }) => `${figure} ${value}, wanted ${wanted}`);

describe("overload", () => {
  const result = overload({ ...overloadDefaults, warmUpMs: 30_000, measuredMs: 60_000 });

  it("keeps its promises", () => expect(notMet(overloadBars(result))).toEqual([]));

  it("serves all chat, and refuses batch with a reason", () => {
    const { chat, batch } = result.on.objectives;
    expect(chat.refused).toEqual({});
    expect(Object.keys(batch.refused)).toEqual(["shed"]);
    expect(batch.served).toBeGreaterThan(0);
  });

  it("is lost without flow control", () => {
    expect(result.off.objectives.chat.attainment).toBeLessThan(0.1);
    expect(result.off.utilisation).toBeGreaterThan(0.95);
  });

  it("gives the same figures again", () => {
    const options = { ...overloadDefaults, servers: 2, warmUpMs: 2000, measuredMs: 5000 };
    expect(overloadSide(options, flowOn())).toEqual(overloadSide(options, flowOn()));
  });
});

describe("scrape freeze", () => {
  const result = scrapeFreeze({
    ...scrapeFreezeDefaults,
    servers: 4,
    overloadMs: 30_000,
    settleMs: 20_000,
    afterMs: 5000,
  });

  it("keeps its promises", () => expect(notMet(scrapeFreezeBars(result))).toEqual([]));

  it("says why", () => {
    expect(result.stateDuringFreeze).toBe("concurrency-only");
    expect(result.noticedSeconds).toBeLessThan(2.5);
  });
});

describe("noisy tenant", () => {
  it("keeps its promises", () => {
    const result = noisyTenant({ ...noisyTenantDefaults, servers: 4, warmUpMs: 20_000, measuredMs: 40_000 });
    expect(notMet(noisyTenantBars(result))).toEqual([]);
  });
});

describe("one full endpoint", () => {
  const result = oneFull({ ...oneFullDefaults, durationMs: 20_000 });

  it("keeps its promises", () => expect(notMet(oneFullBars(result))).toEqual([]));

  it("is full, with requests at the head of the queue that wait for it", () => {
    expect(result.inFlightAtTheFullOne).toBeGreaterThanOrEqual(result.capacityOfTheFullOne);
    expect(result.waitingForTheFullOne).toBeGreaterThan(0);
    expect(result.requests).toBeGreaterThan(100);
  });
});

describe("cold start", () => {
  const result = coldStart(coldStartDefaults);

  it("keeps its promises", () => expect(notMet(coldStartBars(result))).toEqual([]));

  it("holds all that came, and serves it", () => {
    expect(result.held).toBeGreaterThan(100);
    expect(result.served).toBe(result.sent);
    expect(result.longestWaitSeconds).toBeGreaterThan(39);
  });
});
