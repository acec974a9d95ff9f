import { describe, expect, it } from "@jest/globals";
import { FullBatch } from "../../../../../picker/flow/capacity/full-batch.ts";
import { endpointAt } from "../../../../support/scheduling-cycle.ts";

type Scrape = readonly [atMs: number, running: number | undefined, waiting: number | undefined];

const scraped = ([observedAtMs, runningRequests, waitingRequests]: Scrape) =>
  endpointAt(0, { metrics: { observedAtMs, runningRequests, waitingRequests } });

describe("a full batch", () => {
  it.each<{ name: string; scrapes: readonly Scrape[]; want: number | undefined }>([
    {
      name: "none waits",
      scrapes: [
        [0, 16, 0],
        [600, 16, 0],
        [1200, 16, 0],
      ],
      want: undefined,
    },
    {
      name: "one waits, as it may for an instant",
      scrapes: [
        [0, 16, 1],
        [600, 16, 1],
        [1200, 16, 1],
      ],
      want: undefined,
    },
    {
      name: "they wait from scrape to scrape",
      scrapes: [
        [0, 16, 2],
        [600, 15, 4],
        [1200, 16, 3],
      ],
      want: 16,
    },
    {
      name: "they wait for less than a second",
      scrapes: [
        [0, 16, 9],
        [900, 16, 9],
      ],
      want: undefined,
    },
    {
      name: "they stopped waiting in between",
      scrapes: [
        [0, 16, 9],
        [600, 16, 0],
        [1200, 16, 9],
      ],
      want: undefined,
    },
    {
      name: "what ran before they waited does not count",
      scrapes: [
        [0, 30, 0],
        [100, 16, 9],
        [1200, 14, 9],
      ],
      want: 16,
    },
    {
      name: "a large batch lets a twentieth of it wait",
      scrapes: [
        [0, 200, 10],
        [1200, 200, 10],
      ],
      want: undefined,
    },
    {
      name: "and no more",
      scrapes: [
        [0, 200, 11],
        [1200, 200, 11],
      ],
      want: 200,
    },
    {
      name: "the server says neither number",
      scrapes: [
        [0, undefined, undefined],
        [1200, undefined, 9],
      ],
      want: undefined,
    },
  ])("$name: $want", ({ scrapes, want }) => {
    const batch = new FullBatch();
    const told = scrapes.map((scrape) => batch.take(scraped(scrape)));
    expect(told.at(-1)).toBe(want);
  });

  it("tells once a scrape", () => {
    const batch = new FullBatch();
    batch.take(scraped([0, 16, 9]));
    expect(batch.take(scraped([1200, 16, 9]))).toBe(16);
    expect(batch.take(scraped([1200, 16, 9]))).toBeUndefined();
  });

  it("begins anew with another endpoint in the slot", () => {
    const batch = new FullBatch();
    batch.take(scraped([0, 16, 9]));
    batch.forget(0);
    expect(batch.take(scraped([1200, 16, 9]))).toBeUndefined();
  });
});
