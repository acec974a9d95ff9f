import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { RecordRing } from "../../../../picker/decision/record-ring.ts";

describe("RecordRing", () => {
  it("is a queue: what went in first comes out first, whatever it grew to in between", () => {
    const operation = fc.oneof(fc.integer(), fc.constant("shift" as const));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const ring = new RecordRing<number>();
        const model: number[] = [];
        for (const one of operations) {
          if (one === "shift") expect(ring.shift()).toBe(model.shift());
          else {
            ring.push(one);
            model.push(one);
          }
          expect(ring.length).toBe(model.length);
        }
        const newestFirst = Array.from({ length: model.length + 1 }, (_, back) => ring.fromNewest(back));
        expect(newestFirst).toEqual([...model.toReversed(), undefined]);
      }),
    );
  });
});
