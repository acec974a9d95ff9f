import { describe, expect, it } from "@jest/globals";
import type { PoolSnapshot } from "#pool";
import fc from "fast-check";
import { StaticCapacity } from "../../../../../picker/flow/capacity/capacity.ts";
import { LedgerDetector } from "../../../../../picker/flow/capacity/ledger-detector.ts";
import { InFlightLedger } from "../../../../../picker/flow/ledger.ts";
import { admit, endpointOf, fill, ledgerOf, poolOf, scrapedAt, snapshotOf, someCeiling, someScrape } from "./pool.ts";

const options = { staleAfterMs: 2000, staleFadeMs: 10_000, ownShare: 0.1 };
const detectorOf = (ledger: InFlightLedger, capacity: number): LedgerDetector =>
  new LedgerDetector(ledger, new StaticCapacity(capacity), options);

/** A detector over one pool at one instant. */
function over(snapshot: PoolSnapshot, nowMs: number, ledger: InFlightLedger, capacity: number): LedgerDetector {
  const detector = detectorOf(ledger, capacity);
  detector.update(snapshot, nowMs);
  return detector;
}

const outsideOf = (detector: LedgerDetector, snapshot: PoolSnapshot): readonly number[] =>
  detector.state(snapshot).endpoints.map(({ outside }) => outside);

describe("room by the ledger alone", () => {
  it.each([
    { inFlight: 0, capacity: 10, ceiling: 1, room: true },
    { inFlight: 9, capacity: 10, ceiling: 1, room: true },
    { inFlight: 10, capacity: 10, ceiling: 1, room: false },
    { inFlight: 10, capacity: 10, ceiling: 1.5, room: false },
    { inFlight: 6, capacity: 10, ceiling: 0.7, room: true },
    { inFlight: 7, capacity: 10, ceiling: 0.7, room: false },
    { inFlight: 6, capacity: 8, ceiling: 0.9, room: true },
    { inFlight: 7, capacity: 8, ceiling: 0.9, room: false },
    { inFlight: 28, capacity: 100, ceiling: 0.29, room: true },
    { inFlight: 29, capacity: 100, ceiling: 0.29, room: false },
    { inFlight: 0, capacity: 1, ceiling: 0.1, room: true },
    { inFlight: 1, capacity: 1, ceiling: 1, room: false },
    { inFlight: 0, capacity: 10, ceiling: 0, room: false },
    { inFlight: 0, capacity: 10, ceiling: Number.NaN, room: false },
  ])("$inFlight of $capacity in flight under a ceiling of $ceiling: $room", ({ inFlight, capacity, ceiling, room }) => {
    const snapshot = poolOf(1);
    const detector = over(snapshot, 0, ledgerOf(inFlight), capacity);
    expect(detector.hasRoom(snapshot.endpoints[0]!, ceiling)).toBe(room);
    expect(detector.anyRoom(snapshot, ceiling)).toBe(room);
  });

  it("has room for every band when one endpoint of ten is full and the others are idle", () => {
    fc.assert(
      fc.property(
        fc.nat(9),
        fc.integer({ min: 1, max: 200 }),
        someCeiling,
        someScrape,
        (full, capacity, ceiling, said) => {
          const ledger = new InFlightLedger();
          admit(ledger, full, capacity);
          const snapshot = poolOf(10, scrapedAt(0, said));
          const detector = over(snapshot, 0, ledger, capacity);
          expect(detector.anyRoom(snapshot, ceiling)).toBe(true);
          expect(detector.hasRoom(snapshot.endpoints[full]!, ceiling)).toBe(false);
          expect(detector.saturation(snapshot.endpoints[full]!)).toBe(1);
        },
      ),
    );
  });

  it("weighs the pool's saturation by capacity", () => {
    const snapshot = poolOf(2);
    const capacities = [30, 10];
    const capacity = { of: (slot: number) => capacities[slot]!, observe: () => {}, atMost: () => {}, forget: () => {} };
    const detector = new LedgerDetector(ledgerOf(3, 10), capacity, options);
    detector.update(snapshot, 0);
    expect(detector.poolSaturation(snapshot)).toBeCloseTo(13 / 40, 12);
  });

  it("is full without endpoints, and says that there are none", () => {
    const snapshot = snapshotOf();
    const detector = over(snapshot, 0, ledgerOf(), 10);
    expect([detector.poolSaturation(snapshot), detector.anyRoom(snapshot, 1), detector.mode]).toEqual([
      1,
      false,
      "no-endpoints",
    ]);
  });
});

describe("correction by scrapes", () => {
  it("counts what is at the server beyond the ledger", () => {
    const snapshot = poolOf(1, scrapedAt(0, { running: 25, waiting: 5 }));
    const detector = over(snapshot, 0, ledgerOf(10), 100);
    expect(outsideOf(detector, snapshot)).toEqual([20]);
    expect(detector.saturation(snapshot.endpoints[0]!)).toBeCloseTo(0.3, 12);
  });

  it("goes by the ledger of the moment when the scrape was answered", () => {
    const ledger = ledgerOf(10);
    const detector = detectorOf(ledger, 100);
    detector.noteScrape(0, 500);
    admit(ledger, 0, 15);
    const snapshot = poolOf(1, scrapedAt(500, { running: 12 }));
    detector.update(snapshot, 510);
    expect(outsideOf(detector, snapshot)).toEqual([2]);
    expect(detector.saturation(snapshot.endpoints[0]!)).toBeCloseTo(0.27, 12);
  });

  it("keeps the figure when later snapshots show the same scrape", () => {
    const ledger = ledgerOf(10);
    const metrics = scrapedAt(500, { running: 12 });
    const detector = over(poolOf(1, metrics), 500, ledger, 100);
    admit(ledger, 0, 15);
    const later = poolOf(1, metrics);
    detector.update(later, 900);
    expect(outsideOf(detector, later)).toEqual([2]);
  });

  it.each([
    { said: {}, outside: 0 },
    { said: { kv: 0.99 }, outside: 0 },
    { said: { waiting: 14 }, outside: 4 },
    { said: { running: 14 }, outside: 4 },
    { said: { running: 3, waiting: 2 }, outside: 0 },
  ])("takes $said to be $outside requests of others", ({ said, outside }) => {
    const snapshot = poolOf(1, scrapedAt(0, said));
    expect(outsideOf(over(snapshot, 0, ledgerOf(10), 100), snapshot)).toEqual([outside]);
  });

  it("closes an endpoint for what others hold, except for our own share", () => {
    const ledger = ledgerOf(0);
    const snapshot = poolOf(1, scrapedAt(0, { running: 100 }));
    const detector = over(snapshot, 0, ledger, 100);
    expect(fill(detector, ledger, snapshot.endpoints[0]!)).toBe(10);
  });

  it("never closes an endpoint where nothing of ours is in flight", () => {
    fc.assert(
      fc.property(someScrape, someCeiling, fc.integer({ min: 1, max: 500 }), (said, ceiling, capacity) => {
        const snapshot = poolOf(1, scrapedAt(0, said));
        expect(over(snapshot, 0, ledgerOf(0), capacity).hasRoom(snapshot.endpoints[0]!, ceiling)).toBe(true);
      }),
    );
  });

  it("never opens an endpoint where we fill the capacity", () => {
    fc.assert(
      fc.property(someScrape, someCeiling, fc.integer({ min: 1, max: 500 }), (said, ceiling, capacity) => {
        const snapshot = poolOf(1, scrapedAt(0, said));
        expect(over(snapshot, 0, ledgerOf(capacity), capacity).hasRoom(snapshot.endpoints[0]!, ceiling)).toBe(false);
      }),
    );
  });
});

describe("fresh, stale, unknown", () => {
  it.each([
    { ageMs: 0, outside: 50 },
    { ageMs: 2000, outside: 50 },
    { ageMs: 4500, outside: 37.5 },
    { ageMs: 7000, outside: 25 },
    { ageMs: 12_000, outside: 0 },
    { ageMs: 60_000, outside: 0 },
  ])("counts $outside of 50 from a scrape $ageMs ms old while another endpoint is fresh", ({ ageMs, outside }) => {
    const nowMs = 100_000;
    const detector = detectorOf(ledgerOf(), 100);
    const old = endpointOf({ slot: 0, metrics: scrapedAt(nowMs - ageMs, { running: 50 }) });
    const snapshot = snapshotOf(old, endpointOf({ slot: 1, metrics: scrapedAt(nowMs, { running: 0 }) }));
    detector.update(snapshot, nowMs);
    expect(outsideOf(detector, snapshot)).toEqual([outside, 0]);
    expect(detector.mode).toBe("normal");
  });

  it("goes by the ledger alone when no endpoint is fresh, says so, and recovers with one scrape", () => {
    const detector = detectorOf(ledgerOf(5, 5), 100);
    const before = poolOf(2, scrapedAt(0, { running: 60 }));
    detector.update(before, 2000);
    expect([detector.mode, ...outsideOf(detector, before)]).toEqual(["normal", 55, 55]);
    detector.update(before, 2001);
    expect([detector.mode, ...outsideOf(detector, before)]).toEqual(["concurrency-only", 0, 0]);
    expect(detector.saturation(before.endpoints[0]!)).toBeCloseTo(0.05, 12);
    const after = snapshotOf(before.endpoints[0]!, endpointOf({ slot: 1, metrics: scrapedAt(62_000, { running: 7 }) }));
    detector.update(after, 62_000);
    expect([detector.mode, ...outsideOf(detector, after)]).toEqual(["normal", 0, 2]);
  });

  it("goes by the ledger alone where nothing was ever scraped", () => {
    const snapshot = poolOf(2);
    const detector = over(snapshot, 0, ledgerOf(10, 9), 10);
    expect(detector.mode).toBe("concurrency-only");
    expect(snapshot.endpoints.map((endpoint) => detector.hasRoom(endpoint, 1))).toEqual([false, true]);
  });
});

describe("unreachable endpoints", () => {
  const pair = (...unreachable: readonly boolean[]): PoolSnapshot =>
    snapshotOf(...unreachable.map((is, slot) => endpointOf({ slot, unreachable: is, metrics: scrapedAt(0) })));

  it.each([
    { unreachable: [false, true], room: [true, false], saturation: [0.1, 1], pool: 0.1, mode: "normal" },
    { unreachable: [true, false], room: [false, true], saturation: [1, 0.3], pool: 0.3, mode: "normal" },
    { unreachable: [true, true], room: [true, true], saturation: [0.1, 0.3], pool: 0.2, mode: "concurrency-only" },
  ])("$unreachable: room $room", ({ unreachable, room, saturation, pool, mode }) => {
    const snapshot = pair(...unreachable);
    const detector = over(snapshot, 0, ledgerOf(1, 3), 10);
    expect(snapshot.endpoints.map((endpoint) => detector.hasRoom(endpoint, 1))).toEqual(room);
    expect(snapshot.endpoints.map((endpoint) => detector.saturation(endpoint))).toEqual(saturation);
    expect(detector.poolSaturation(snapshot)).toBeCloseTo(pool, 12);
    expect(detector.mode).toBe(mode);
  });
});
