/** Requests that come before the pool's first endpoint. */
import { describe, expect, it } from "@jest/globals";
import { flowMetrics } from "#metrics";
import { readPage, sampleSum } from "./support/exposition.ts";
import { startEmptyPool, waitFor, type Waiter } from "./support/held-requests.ts";
import { becomes } from "./support/poll.ts";
import { gatewayKinds, poolName, type Stack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const waiters = 10;
const leaver = 3;

const gauge = async ({ metricsUrl }: Stack, name: string): Promise<number | undefined> =>
  sampleSum(await readPage(metricsUrl), name, { pool: poolName });
const heldRequests = (stack: Stack): Promise<number | undefined> => gauge(stack, flowMetrics.heldRequests.name);
const heldTokens = (stack: Stack): Promise<number | undefined> => gauge(stack, flowMetrics.heldTokens.name);

/** One after the other, so that their order is certain. */
async function queueUp(stack: Stack): Promise<readonly Waiter[]> {
  const queued: Waiter[] = [];
  for (let i = 0; i < waiters; i++) {
    queued.push(waitFor(stack));
    await becomes(`${i + 1} wait`, () => stack.picker.flow().queue.requests === i + 1);
  }
  return queued;
}

describe.each(gatewayKinds)("a pool without endpoints behind the %s gateway", (kind) => {
  const started = stopAfterTests();

  it("holds requests, tells how many, forgets who left, and serves the rest in order", async () => {
    const { stack, came, mostAtOnce, join } = await startEmptyPool(started, kind);
    expect(await heldRequests(stack)).toBe(0);
    const queued = await queueUp(stack);
    expect(await heldRequests(stack)).toBe(waiters);
    const tokensOfAll = await heldTokens(stack);
    expect(tokensOfAll).toBeGreaterThan(0);

    const gone = queued[leaver]!;
    gone.leave();
    await becomes("its place is free", async () => (await heldRequests(stack)) === waiters - 1);
    expect(await heldTokens(stack)).toBeCloseTo((tokensOfAll! * (waiters - 1)) / waiters, 6);
    expect(await gone.status).toBeUndefined();
    expect(await stack.verdictOf(gone.requestId)).toMatchObject({ outcome: "client-gone", endpoint: undefined });

    await join();
    const stayed = queued.filter((one) => one !== gone);
    const statuses = await Promise.all(stayed.map(({ status }) => status));
    expect(statuses).toEqual(stayed.map(() => 200));
    expect(came).toEqual(stayed.map(({ requestId }) => requestId));
    expect(mostAtOnce()).toBe(1);

    await stack.idle();
    for (const { requestId } of stayed) {
      expect(await stack.verdictOf(requestId)).toMatchObject({ verdict: "met", endpoint: "default/m0" });
    }
    const { queue, held } = stack.picker.flow();
    expect([queue.requests, queue.bytes, queue.tokens]).toEqual([0, 0, 0]);
    expect(held).toEqual({ requests: 0, tokens: 0, oldestAgeMs: undefined });
    expect([await heldRequests(stack), await heldTokens(stack)]).toEqual([0, 0]);
  });
});
