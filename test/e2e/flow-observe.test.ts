/** Flow control that decides and counts, and does nothing. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { flowMetrics } from "#metrics";
import { readPage, sampleSum } from "./support/exposition.ts";
import { flowConfiguration, startFlowStack, type FlowStack } from "./support/flow-stack.ts";
import { becomes } from "./support/poll.ts";
import { poolName } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const observing = flowConfiguration({ flow: "attain: {mode: observe}" });
/** Of the requests at the model server, which has room for one. */
const batchRequests = 3;

describe("a server that is full, observed", () => {
  const started = stopAfterTests();
  let flowStack: FlowStack;
  const count = async (name: string, labels: Readonly<Record<string, string>>): Promise<number | undefined> =>
    sampleSum(await readPage(flowStack.stack.metricsUrl), name, { pool: poolName, ...labels });
  const would = (objective: string, outcome: string): Promise<number | undefined> =>
    count(flowMetrics.wouldOutcomesTotal.name, { objective, outcome });
  const did = (objective: string, outcome: string): Promise<number | undefined> =>
    count(flowMetrics.outcomesTotal.name, { objective, outcome });

  beforeAll(async () => {
    flowStack = await startFlowStack(started, "embedded", observing);
  });

  it("gets every request at once, and what enforcing would have done is counted", async () => {
    const { ask, answerOne, held, stack } = flowStack;
    const chat = ask("chat");
    await becomes("chat is at the server", () => held.length === 1);
    const hurried = { headers: { "x-attain-request-ttl-ms": "100" } };
    const batch = Array.from({ length: batchRequests }, () => ask("batch", hurried));
    await becomes("all of batch is there too", () => held.length === 1 + batchRequests);
    await becomes("their time is over", async () => (await would("batch", "ttl_expired")) === batchRequests);
    expect(held.length).toBe(1 + batchRequests);

    while (held.length > 0) answerOne();
    const statuses = (await Promise.all([chat, ...batch])).map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    await stack.idle();
    await becomes("nothing waits, not even a shadow", () => stack.picker.flow().queue.requests === 0);
    const wouldHave = [await would("chat", "dispatched"), await would("batch", "dispatched")];
    expect(wouldHave).toEqual([1, 0]);
    expect([await did("chat", "dispatched"), await did("batch", "dispatched")]).toEqual([1, batchRequests]);
    expect(await did("batch", "ttl_expired")).toBe(0);
  });

  it("says so in its state", async () => {
    const state: unknown = await (await fetch(flowStack.stack.metricsUrl.replace("/metrics", "/debug/state"))).json();
    expect(state).toMatchObject({ flow: { enforcement: "observe" }, ledger: { inFlight: 0 } });
  });

  it("has no room by its own account while it is full, and lets a later one through all the same", async () => {
    const { ask, answerOne, held, stack } = flowStack;
    const first = ask("chat");
    await becomes("it is at the server", () => held.length === 1);
    expect(stack.picker.flow().saturation.saturation).toBe(1);
    const second = ask("chat");
    await becomes("the second is there too", () => held.length === 2);
    expect(stack.picker.flow().queue.requests).toBe(1);
    answerOne();
    expect((await first).status).toBe(200);
    await becomes("the shadow of the second goes", () => stack.picker.flow().queue.requests === 0);
    answerOne();
    expect((await second).status).toBe(200);
    await stack.idle();
    await becomes("both would have been served, too", async () => (await would("chat", "dispatched")) === 3);
  });
});
