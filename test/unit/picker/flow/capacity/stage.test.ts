import { describe, expect, it } from "@jest/globals";
import { concurrencyDetector } from "../../../../../picker/configuration/detector-plugins.ts";
import { effectiveSaturation, stageSaturation } from "../../../../../picker/flow/capacity/stage.ts";
import { detectorOf, endpointOf, ledgerOf, snapshotOf } from "./pool.ts";

/** Endpoints with these roles, and as many requests in flight of 100. */
function pool(...parts: readonly (readonly [role: string | undefined, inFlight: number])[]) {
  const snapshot = snapshotOf(
    ...parts.map(([role], slot) => endpointOf({ slot, ...(role === undefined ? {} : { role }) })),
  );
  const ledger = ledgerOf(...parts.map(([, inFlight]) => inFlight));
  const detector = detectorOf(concurrencyDetector, {}, ledger);
  detector.update(snapshot, 0);
  return { snapshot, detector };
}

describe("saturation by stage", () => {
  it.each([
    { role: undefined, prefill: undefined, decode: 0.3 },
    { role: "", prefill: undefined, decode: 0.3 },
    { role: "decode", prefill: undefined, decode: 0.3 },
    { role: "prefill", prefill: 0.3, decode: undefined },
    { role: "encode-prefill", prefill: 0.3, decode: undefined },
    { role: "prefill-decode", prefill: 0.3, decode: 0.3 },
    { role: "both", prefill: 0.3, decode: 0.3 },
    { role: "encode-prefill-decode", prefill: 0.3, decode: 0.3 },
    { role: "encode", prefill: undefined, decode: undefined },
    { role: "other", prefill: undefined, decode: undefined },
  ])("counts role $role as prefill $prefill and decode $decode", ({ role, prefill, decode }) => {
    const { snapshot, detector } = pool([role, 30]);
    expect(stageSaturation(detector, snapshot, "prefill")).toBe(prefill);
    expect(stageSaturation(detector, snapshot, "decode")).toBe(decode);
    expect(effectiveSaturation(detector, snapshot)).toBe(0.3);
  });

  it("is that of the fuller stage in all", () => {
    const { snapshot, detector } = pool(["prefill", 80], ["decode", 10], ["decode", 30], ["encode", 100]);
    expect(stageSaturation(detector, snapshot, "decode")).toBeCloseTo(0.2, 12);
    expect(effectiveSaturation(detector, snapshot)).toBeCloseTo(0.8, 12);
  });

  it("is 1 without endpoints", () => {
    const { snapshot, detector } = pool();
    expect(effectiveSaturation(detector, snapshot)).toBe(1);
  });
});
