import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { concurrencyDetector, utilizationDetector } from "../../../../../picker/configuration/detector-plugins.ts";
import type { SaturationDetector } from "../../../../../picker/flow/capacity/saturation-detector.ts";
import { InFlightLedger } from "../../../../../picker/flow/ledger.ts";
import { admit, detectorOf, endpointOf, fill, ledgerOf, poolOf, scrapedAt, snapshotOf } from "./pool.ts";

const concurrency = (parameters: object, ledger: InFlightLedger): SaturationDetector =>
  detectorOf(concurrencyDetector, parameters, ledger);
const utilization = (parameters: object, ledger: InFlightLedger): SaturationDetector =>
  detectorOf(utilizationDetector, parameters, ledger);

/** Of requests and of 1,000-token multiples in flight by slot. */
function loaded(...load: readonly { readonly requests: number; readonly tokens?: number }[]): InFlightLedger {
  const ledger = new InFlightLedger();
  for (const [slot, { requests, tokens = 0 }] of load.entries()) admit(ledger, slot, requests, tokens / requests);
  return ledger;
}

describe("concurrency-detector", () => {
  it.each([
    { mode: "requests", load: [{ requests: 50 }, { requests: 0 }], pool: 0.25, room: [true, true] },
    { mode: "requests", load: [{ requests: 100 }, { requests: 99 }], pool: 0.995, room: [false, true] },
    {
      mode: "tokens",
      load: [
        { requests: 1, tokens: 400_000 },
        { requests: 200, tokens: 0 },
      ],
      pool: 0.2,
      room: [true, true],
    },
    { mode: "tokens", load: [{ requests: 1, tokens: 1_000_000 }, { requests: 1 }], pool: 0.5, room: [false, true] },
    {
      mode: "hybrid",
      load: [
        { requests: 80, tokens: 100_000 },
        { requests: 10, tokens: 600_000 },
      ],
      pool: 0.7,
      room: [true, true],
    },
    { mode: "hybrid", load: [{ requests: 100 }, { requests: 1, tokens: 1_000_000 }], pool: 1, room: [false, false] },
  ])("counts $mode: pool $pool, room $room", ({ mode, load, pool, room }) => {
    const snapshot = poolOf(2);
    const detector = concurrency({ concurrencyMode: mode }, loaded(...load));
    detector.update(snapshot, 0);
    expect(detector.poolSaturation(snapshot)).toBeCloseTo(pool, 12);
    expect(snapshot.endpoints.map((endpoint) => detector.hasRoom(endpoint, 1))).toEqual(room);
  });

  it("is Σ in flight ÷ Σ capacity while no endpoint is above its own", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }), (requests) => {
        const snapshot = poolOf(requests.length);
        const detector = concurrency({}, ledgerOf(...requests));
        detector.update(snapshot, 0);
        const sum = requests.reduce((total, count) => total + count, 0);
        expect(detector.poolSaturation(snapshot)).toBeCloseTo(sum / (100 * requests.length), 10);
      }),
    );
  });

  it.each([
    { inFlight: 109, ceiling: 1, room: true },
    { inFlight: 110, ceiling: 1, room: false },
    { inFlight: 110, ceiling: 7, room: false },
    { inFlight: 54, ceiling: 0.5, room: true },
    { inFlight: 55, ceiling: 0.5, room: false },
  ])("gives an endpoint its head-room: $inFlight in flight under $ceiling: $room", ({ inFlight, ceiling, room }) => {
    const snapshot = poolOf(1);
    const detector = concurrency({ headroom: 0.105 }, ledgerOf(inFlight));
    detector.update(snapshot, 0);
    expect(detector.hasRoom(snapshot.endpoints[0]!, ceiling)).toBe(room);
    expect(detector.saturation(snapshot.endpoints[0]!)).toBe(Math.min(1, inFlight / 100));
  });

  it("works without scrapes, and calls that normal", () => {
    const snapshot = poolOf(1);
    const detector = concurrency({}, ledgerOf());
    expect(detector.mode).toBe("no-endpoints");
    detector.update(snapshot, 0);
    expect(detector.mode).toBe("normal");
  });
});

describe("utilization-detector", () => {
  const at = (...said: readonly { readonly waiting?: number; readonly kv?: number }[]) =>
    snapshotOf(...said.map((one, slot) => endpointOf({ slot, metrics: scrapedAt(1000, one) })));

  it.each([
    { said: [{ waiting: 2, kv: 0.2 }], score: [0.4] },
    { said: [{ waiting: 1, kv: 0.6 }], score: [0.75] },
    { said: [{ waiting: 5, kv: 0 }], score: [1] },
    { said: [{ waiting: 0, kv: 0.9 }], score: [1] },
    { said: [{ waiting: 2 }], score: [0.4] },
    { said: [{ kv: 0.4 }], score: [0.5] },
    {
      said: [
        { waiting: 50, kv: 0.9 },
        { waiting: 0, kv: 0 },
        { waiting: 1, kv: 0.16 },
      ],
      score: [1, 0, 0.2],
    },
  ])("scores $said as $score", ({ said, score }) => {
    const snapshot = at(...said);
    const detector = utilization({}, ledgerOf());
    detector.update(snapshot, 1200);
    for (const [i, expected] of score.entries()) {
      expect(detector.saturation(snapshot.endpoints[i]!)).toBeCloseTo(expected, 12);
      expect(detector.hasRoom(snapshot.endpoints[i]!, 1)).toBe(expected < 1);
    }
    expect(detector.poolSaturation(snapshot)).toBeCloseTo(score.reduce((a, b) => a + b, 0) / score.length, 12);
  });

  it.each([
    { waiting: 5, kv: 0.1, headroom: 0.2, room: true },
    { waiting: 6, kv: 0.1, headroom: 0.2, room: false },
    { waiting: 0, kv: 0.95, headroom: 0.2, room: true },
    { waiting: 0, kv: 0.97, headroom: 0.2, room: false },
  ])("gives an endpoint its head-room: $waiting waiting, $kv used: $room", ({ waiting, kv, headroom, room }) => {
    const snapshot = at({ waiting, kv });
    const detector = utilization({ headroom }, ledgerOf());
    detector.update(snapshot, 1000);
    expect(detector.hasRoom(snapshot.endpoints[0]!, 1)).toBe(room);
  });

  it("counts what was sent since the scrape as waiting, so that one scrape opens for as many as its queue takes", () => {
    const ledger = ledgerOf(40);
    const snapshot = at({ waiting: 1, kv: 0.1 });
    const detector = utilization({}, ledger);
    detector.noteScrape(0, 1000);
    detector.update(snapshot, 1000);
    expect(fill(detector, ledger, snapshot.endpoints[0]!)).toBe(4);
  });

  it.each([
    { name: "stale", metrics: scrapedAt(799, { waiting: 50, kv: 1 }) },
    { name: "never scraped", metrics: undefined },
    { name: "silent on both", metrics: scrapedAt(1000, { running: 7 }) },
  ])("goes by requests in flight against 100 where an endpoint is $name", ({ metrics }) => {
    const snapshot = snapshotOf(
      endpointOf({ slot: 0, metrics }),
      endpointOf({ slot: 1, metrics: scrapedAt(1000, { kv: 0 }) }),
    );
    const ledger = ledgerOf(99, 0);
    const detector = utilization({}, ledger);
    detector.update(snapshot, 1000);
    expect(detector.saturation(snapshot.endpoints[0]!)).toBeCloseTo(0.99, 12);
    expect(detector.hasRoom(snapshot.endpoints[0]!, 1)).toBe(true);
    admit(ledger, 0, 1);
    expect(detector.hasRoom(snapshot.endpoints[0]!, 1)).toBe(false);
    expect(detector.poolSaturation(snapshot)).toBeCloseTo(0.5, 12);
    expect(detector.mode).toBe("normal");
  });

  it("goes on by requests in flight when every scrape is stale, and says so", () => {
    const snapshot = at({ waiting: 50, kv: 1 }, { waiting: 50, kv: 1 });
    const detector = utilization({}, ledgerOf(3, 3));
    detector.update(snapshot, 1000);
    expect([detector.anyRoom(snapshot, 1), detector.mode]).toEqual([false, "normal"]);
    detector.update(snapshot, 61_000);
    expect([detector.anyRoom(snapshot, 1), detector.mode]).toEqual([true, "concurrency-only"]);
    expect(detector.poolSaturation(snapshot)).toBeCloseTo(0.03, 12);
  });

  it("counts from a new scrape on, and forgets what the slot's last endpoint had", () => {
    const ledger = ledgerOf(10);
    const detector = utilization({}, ledger);
    detector.update(at({ waiting: 0 }), 1000);
    admit(ledger, 0, 3);
    const later = snapshotOf(endpointOf({ slot: 0, metrics: scrapedAt(1100, { waiting: 0 }) }));
    detector.update(later, 1100);
    expect(detector.saturation(later.endpoints[0]!)).toBe(0);
    admit(ledger, 0, 2);
    expect(detector.saturation(later.endpoints[0]!)).toBeCloseTo(0.4, 12);
    const other = snapshotOf(endpointOf({ slot: 0, name: "next", metrics: scrapedAt(1100, { waiting: 0 }) }));
    detector.update(other, 1100);
    expect(detector.saturation(other.endpoints[0]!)).toBe(0);
  });
});

describe.each([
  ["concurrency-detector", concurrency],
  ["utilization-detector", utilization],
])("%s", (_, create) => {
  it("gives an unreachable endpoint no room while another can be reached", () => {
    const down = endpointOf({ slot: 0, unreachable: true, metrics: scrapedAt(0, { waiting: 0 }) });
    const up = endpointOf({ slot: 1, metrics: scrapedAt(0, { waiting: 0 }) });
    const detector = create({}, ledgerOf());
    const both = snapshotOf(down, up);
    detector.update(both, 0);
    expect([detector.hasRoom(down, 1), detector.hasRoom(up, 1), detector.saturation(down)]).toEqual([false, true, 1]);
    expect(detector.poolSaturation(both)).toBe(0);
    const alone = snapshotOf(down);
    detector.update(alone, 0);
    expect([detector.hasRoom(down, 1), detector.saturation(down)]).toEqual([true, 0]);
  });

  it("closes under a ceiling of 0 and is full without endpoints", () => {
    const snapshot = poolOf(1, scrapedAt(0, { waiting: 0 }));
    const detector = create({}, ledgerOf());
    detector.update(snapshot, 0);
    expect(detector.hasRoom(snapshot.endpoints[0]!, 0)).toBe(false);
    expect([detector.poolSaturation(snapshotOf()), detector.anyRoom(snapshotOf(), 1)]).toEqual([1, false]);
  });

  it("has room when one endpoint of ten is full and the others are idle", () => {
    const ledger = ledgerOf(...Array.from({ length: 10 }, (_unused, slot) => (slot === 4 ? 100 : 0)));
    const snapshot = snapshotOf(
      ...Array.from({ length: 10 }, (_unused, slot) =>
        endpointOf({ slot, metrics: scrapedAt(0, { waiting: slot === 4 ? 500 : 0 }) }),
      ),
    );
    const detector = create({}, ledger);
    detector.update(snapshot, 0);
    expect(detector.anyRoom(snapshot, 0.05)).toBe(true);
    expect(detector.poolSaturation(snapshot)).toBeCloseTo(0.1, 12);
  });

  it("tells what it decided from", () => {
    const snapshot = poolOf(1, scrapedAt(0, { waiting: 1 }));
    const detector = create({}, ledgerOf(2));
    detector.update(snapshot, 100);
    const { detector: type, mode, endpoints } = detector.state(snapshot);
    expect([type, mode]).toEqual([detector.type, "normal"]);
    expect(endpoints).toMatchObject([
      { id: "ns/pod-0", inFlight: 2, outside: 0, metrics: "fresh", unreachable: false },
    ]);
  });
});
