import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { seededRandom } from "#random";
import { BandedQueue } from "../../../../../picker/flow/queue/banded-queue.ts";
import type { FlowRequest } from "../../../../../picker/flow/flow-request.ts";
import { dispatch, enqueueAll, requestOf, settingsOf } from "./request-of.ts";

const largest = 1000;

/** Dispatches `count` requests while each of the priorities always has something queued. */
function overload(
  minShare: number,
  priorities: readonly number[],
  count: number,
  seed: number,
  largestOf: (priority: number) => number = () => largest,
): readonly FlowRequest[] {
  const random = seededRandom(seed);
  const queue = new BandedQueue(settingsOf({}, { minShare }));
  const offer = (priority: number): void =>
    enqueueAll(queue, [
      requestOf({ priority, promptTokens: 1 + Math.floor(random() * largestOf(priority)), expectedOutputTokens: 0 }),
    ]);
  for (const priority of priorities) for (let i = 0; i < 3; i++) offer(priority);
  const taken: FlowRequest[] = [];
  for (let i = 0; i < count; i++) {
    const [request] = dispatch(queue, 1);
    taken.push(request!);
    offer(request!.priority);
  }
  return taken;
}

const tokensOf = (requests: readonly FlowRequest[]): number =>
  requests.reduce((sum, { promptTokens }) => sum + promptTokens, 0);

describe("minShare", () => {
  it("gives waiting sheddable bands their share of the tokens and no more, split evenly", () => {
    const share = fc.double({ min: 0.01, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 3 }), fc.nat(1000), (minShare, sheddable, seed) => {
        const negative = Array.from({ length: sheddable }, (_, i) => -1 - i);
        const taken = overload(minShare, [5, 0, ...negative], 600, seed);
        const total = tokensOf(taken);
        for (const priority of negative) {
          const own = tokensOf(taken.filter((one) => one.priority === priority));
          expect(Math.abs(own - (minShare / sheddable) * total)).toBeLessThanOrEqual(2 * largest);
        }
        expect(taken.some(({ priority }) => priority === 0)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it("does so whatever the sizes in its bands: requests far smaller than what a band is owed do not cost it its share", () => {
    const size = fc.constantFrom(1, 30, largest);
    const sizes = fc.tuple(size, size, size);
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.01, max: 0.5, noNaN: true }), fc.nat(1000), ([a, b, c], minShare, seed) => {
        const largestOf = (priority: number): number => (priority === -1 ? a : priority === -2 ? b : c);
        const taken = overload(minShare, [0, -1, -2], 8000, seed, largestOf);
        for (const priority of [-1, -2]) {
          const own = tokensOf(taken.filter((one) => one.priority === priority));
          expect(Math.abs(own - (minShare / 2) * tokensOf(taken))).toBeLessThanOrEqual(
            largestOf(priority) + 2 * minShare * largest,
          );
        }
      }),
      { numRuns: 15, examples: [[[1, 1, largest], 0.3, 1]] },
    );
  });

  it("never lets a waiting sheddable band starve: the tokens of others between two of its turns are bounded", () => {
    fc.assert(
      fc.property(fc.constantFrom(0.02, 0.1), fc.nat(1000), (minShare, seed) => {
        const bound = (2 * largest) / minShare + 2 * largest;
        for (const priority of [-1, -7]) {
          let between = 0;
          for (const one of overload(minShare, [1, -1, -7], 800, seed)) {
            between = one.priority === priority ? 0 : between + one.promptTokens;
            expect(between).toBeLessThanOrEqual(bound);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("is no share at 0, and not for bands that are not sheddable", () => {
    expect(overload(0, [0, -1], 200, 1).every(({ priority }) => priority === 0)).toBe(true);
    expect(overload(0.2, [5, 0], 200, 1).every(({ priority }) => priority === 5)).toBe(true);
  });

  it("holds at once after a sheddable band ran alone for long", () => {
    const queue = new BandedQueue(settingsOf({}, { minShare: 0.1 }));
    const of = (priority: number, count: number) => Array.from({ length: count }, () => requestOf({ priority }));
    enqueueAll(queue, of(-1, 1000));
    dispatch(queue, 900);
    enqueueAll(queue, of(0, 100));
    const taken = dispatch(queue, 100);
    expect(Math.abs(taken.filter(({ priority }) => priority === -1).length - 10)).toBeLessThanOrEqual(1);
  });

  it("catches up by one request, not by a burst, after it was held back", () => {
    const queue = new BandedQueue(settingsOf({}, { minShare: 0.2 }));
    const of = (priority: number, count: number) => Array.from({ length: count }, () => requestOf({ priority }));
    enqueueAll(queue, [...of(0, 200), ...of(-1, 100)]);
    for (let i = 0; i < 100; i++) queue.take(queue.peek(0, (priority) => priority === 0)!);
    const next = dispatch(queue, 50).map(({ priority }) => priority);
    expect(next[0]).toBe(-1);
    expect(next.filter((priority) => priority === -1).length).toBeLessThanOrEqual(50 * 0.2 + 2);
  });

  it("tells the predicate that the band goes for its share, so that its ceiling can be left out", () => {
    const queue = new BandedQueue(settingsOf({}, { minShare: 0.1 }));
    const high = [requestOf(), requestOf()];
    const low = requestOf({ priority: -1 });
    enqueueAll(queue, [...high, low]);
    expect(queue.peek(0, () => true)).toBe(high[0]);
    queue.take(high[0]!);
    expect(queue.peek(0, (priority, isMinShare) => priority >= 0 || isMinShare)).toBe(low);
    expect(queue.peek(0, (priority, isMinShare) => priority >= 0 && !isMinShare)).toBe(high[1]);
  });
});
