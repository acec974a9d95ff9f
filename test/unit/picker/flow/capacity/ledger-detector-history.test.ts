import { describe, expect, it } from "@jest/globals";
import type { Endpoint } from "#pool";
import fc from "fast-check";
import { StaticCapacity } from "../../../../../picker/flow/capacity/capacity.ts";
import { LedgerDetector } from "../../../../../picker/flow/capacity/ledger-detector.ts";
import { InFlightLedger, type LedgerEntry } from "../../../../../picker/flow/ledger.ts";
import { endpointOf, poolOf, scrapedAt, snapshotOf, someCeiling, someScrape } from "./pool.ts";

const options = { staleAfterMs: 2000, staleFadeMs: 10_000, ownShare: 0.1 };
const detectorOf = (ledger: InFlightLedger, capacity: number): LedgerDetector =>
  new LedgerDetector(ledger, new StaticCapacity(capacity), options);

describe("LedgerDetector over time", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("admit" as const), slot: fc.nat(3), ceiling: someCeiling }),
    fc.record({ kind: fc.constant("release" as const), index: fc.nat(50) }),
    fc.record({ kind: fc.constant("scrape" as const), slot: fc.nat(3), said: someScrape, noted: fc.boolean() }),
    fc.record({ kind: fc.constant("unreachable" as const), slot: fc.nat(3) }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(8000) }),
  );

  it("never takes an endpoint over its capacity, and keeps saturation in [0, 1]", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 12 }), (steps, capacity) => {
        const ledger = new InFlightLedger();
        const detector = detectorOf(ledger, capacity);
        const endpoints = [0, 1, 2, 3].map((slot) => endpointOf({ slot }));
        let snapshot = snapshotOf(...endpoints);
        const open: LedgerEntry[] = [];
        let nowMs = 0;
        const show = (endpoint: Endpoint): void => {
          endpoints[endpoint.slot] = endpoint;
          snapshot = snapshotOf(...endpoints);
        };
        for (const one of steps) {
          detector.update(snapshot, nowMs);
          if (one.kind === "wait") nowMs += one.ms;
          else if (one.kind === "release") open.splice(one.index, 1).forEach((entry) => ledger.release(entry));
          else if (one.kind === "unreachable") show({ ...endpoints[one.slot]!, unreachable: true });
          else if (one.kind === "scrape") {
            if (one.noted) detector.noteScrape(one.slot, nowMs);
            show(endpointOf({ slot: one.slot, metrics: scrapedAt(nowMs, one.said) }));
          } else if (detector.hasRoom(endpoints[one.slot]!, one.ceiling)) {
            open.push(ledger.admit(one.slot, "chat", 0, 0));
          }
          for (const endpoint of endpoints) {
            expect(ledger.requests(endpoint.slot)).toBeLessThanOrEqual(capacity);
            expect(detector.saturation(endpoint)).toBeGreaterThanOrEqual(0);
            expect(detector.saturation(endpoint)).toBeLessThanOrEqual(1);
          }
          expect(detector.anyRoom(snapshot, 1)).toBe(endpoints.some((endpoint) => detector.hasRoom(endpoint, 1)));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("lets requests through at the rate they end while scrapes are frozen", () => {
    const ledger = new InFlightLedger();
    const snapshot = poolOf(4, scrapedAt(0, { running: 200, waiting: 50 }));
    const detector = detectorOf(ledger, 20);
    const open: LedgerEntry[] = [];
    let admitted = 0;
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 50) {
      detector.update(snapshot, nowMs);
      for (const entry of open.splice(0, 4)) ledger.release(entry);
      const before = admitted;
      for (const endpoint of snapshot.endpoints) {
        while (detector.hasRoom(endpoint, 1) && ledger.requests(endpoint.slot) <= 20) {
          open.push(ledger.admit(endpoint.slot, "chat", 0, 0));
          admitted++;
        }
        expect(ledger.requests(endpoint.slot)).toBeLessThanOrEqual(20);
      }
      expect(admitted).toBeGreaterThan(before);
    }
    expect(ledger.total).toBe(80);
  });
});
