import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { barsOf, bucketName, shareWithin } from "../../../web/page/distribution.ts";

const edges = [0.1, 0.2, 0.5, 1, 2];

describe("barsOf", () => {
  it("shows the used buckets and those around the threshold, as shares of all values", () => {
    const counts = { recent: [0, 3, 1, 0, 0, 0], sinceStart: [0, 6, 2, 0, 0, 0] };
    expect(barsOf(edges, counts, 0.5)).toEqual({
      bounds: [0.1, 0.2, 0.5, 1],
      recent: [0.75, 0.25, 0],
      sinceStart: [0.75, 0.25, 0],
      thresholdAt: 2,
    });
  });

  it("shows the threshold where nothing was measured", () => {
    const none = [0, 0, 0, 0, 0, 0];
    expect(barsOf(edges, { recent: none, sinceStart: none }, 0.5)).toEqual({
      bounds: [0.2, 0.5, 1],
      recent: [undefined, undefined],
      sinceStart: [undefined, undefined],
      thresholdAt: 1,
    });
  });

  it("reaches beyond the last edge when values do", () => {
    const { bounds, recent } = barsOf(edges, { recent: [0, 0, 0, 0, 0, 1], sinceStart: [1, 0, 0, 0, 0, 1] }, undefined);
    expect(bounds).toEqual([0, ...edges, Infinity]);
    expect(recent).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it("draws no line for a threshold that is no edge", () => {
    expect(
      barsOf(edges, { recent: [1, 0, 0, 0, 0, 0], sinceStart: [1, 0, 0, 0, 0, 0] }, 0.3).thresholdAt,
    ).toBeUndefined();
  });

  it("loses no value: the shares of what is shown add up to 1", () => {
    const counts = fc.array(fc.nat(100), { minLength: edges.length + 1, maxLength: edges.length + 1 });
    fc.assert(
      fc.property(counts, counts, fc.constantFrom(undefined, ...edges), (recent, sinceStart, threshold) => {
        const bars = barsOf(edges, { recent, sinceStart }, threshold);
        for (const [shares, all] of [
          [bars.recent, recent],
          [bars.sinceStart, sinceStart],
        ] as const) {
          const total = all.reduce((sum, count) => sum + count, 0);
          const shown = shares.reduce<number>((sum, share) => sum + (share ?? 0), 0);
          expect(shown).toBeCloseTo(total === 0 ? 0 : 1, 9);
        }
        expect(bars.bounds).toHaveLength(bars.recent.length + 1);
        if (threshold !== undefined) expect(bars.bounds[bars.thresholdAt!]).toBe(threshold);
      }),
    );
  });
});

describe("shareWithin", () => {
  it("counts the threshold's own bucket", () => {
    expect(shareWithin(edges, [1, 1, 1, 1, 0, 0], 0.5)).toBe(0.75);
  });

  it("is unknown without values or without a threshold", () => {
    expect(shareWithin(edges, [0, 0, 0, 0, 0, 0], 0.5)).toBeUndefined();
    expect(shareWithin(edges, [1, 0, 0, 0, 0, 0], undefined)).toBeUndefined();
  });
});

it("names buckets", () => {
  expect([bucketName(0.1, 0.2), bucketName(2, Infinity)]).toEqual(["100 ms to 200 ms", "above 2 s"]);
});
