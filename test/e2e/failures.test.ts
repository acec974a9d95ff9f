/** Model servers that fail in each of their ways: what the client gets, and what the picker makes of it. */
import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { bodyOf } from "../contract/gateway/http-client.ts";
import type { DecisionRecord } from "../../picker/decision/decision-log.ts";
import { startSimulator, type RunningSimulator } from "../../simulator/shell/server.ts";
import { at, call, chatBody, jsonOf, model, newRequestId, openCall, paths } from "./support/calls.ts";
import { becomes, eventually } from "./support/poll.ts";
import { startSimulatedStack } from "./support/simulated.ts";
import { gatewayKinds, listed, startStack, type Stack } from "./support/stack.ts";
import { stopAfterTests, type Started } from "./support/started.ts";

const noFaults = { errorRate: 0, resetRate: 0, hang: false, latencyFactor: 1 };
/** Makes a step of the engine take some 50 ms. */
const slowly = 250;
const stream = chatBody({ stream: true, max_tokens: 200, ignore_eos: true });

async function startReplicas(started: Started, replicas: number): Promise<RunningSimulator> {
  const simulator = await startSimulator({ basePort: 0, replicas, preset: "instant", model });
  started.keep({ stop: () => simulator.close() });
  return simulator;
}

const portsOf = ({ endpoints }: RunningSimulator): readonly number[] => endpoints.map(({ port }) => port);

describe.each(gatewayKinds)("through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let simulator: RunningSimulator;
  let stack: Stack;

  beforeAll(async () => {
    ({ stack, simulator } = await startSimulatedStack(started, kind));
  });
  beforeEach(() => simulator.setFaults(0, noFaults));

  /** A stream that the model server breaks off at its third token, after the client has its headers; the verdict of it. */
  async function brokenStream(): Promise<DecisionRecord> {
    simulator.setFaults(0, { resetRate: 1, resetAfterTokens: 3, latencyFactor: slowly, hang: true });
    const requestId = newRequestId();
    const { response } = await openCall(stack.baseUrl, { requestId, path: paths.chat, body: stream });
    expect(response.statusCode).toBe(200);
    const broken = bodyOf(response);
    simulator.setFaults(0, { hang: false });
    await expect(broken).rejects.toThrow(/aborted|reset|hang up/i);
    await stack.idle();
    return stack.verdictOf(requestId);
  }

  it("a stream that the model server breaks off breaks for the client, too", async () => {
    const record = await brokenStream();
    expect(record).toMatchObject({ responseStatus: 200, dimensions: { ttft: "met" } });
    // The last token may be overtaken by the news of the reset.
    expect([1, 2, 3]).toContain(record.outputTokens);
    // Envoy ends its conversation in the same way for a client that left: docs/attainment.md, what cannot be seen.
    if (kind === "envoy") expect(record).toMatchObject({ outcome: "client-gone", verdict: "met" });
    else expect(record).toMatchObject({ outcome: "upstream-error", verdict: "missed", reason: "upstream_error" });
  });

  it.each([500, 502, 503, 504] as const)("status %d of the model server passes and is a miss", async (status) => {
    simulator.setFaults(0, { errorRate: 1, errorStatus: status });
    const requestId = newRequestId();
    const got = await call(stack.baseUrl, { requestId, path: paths.chat, body: stream });
    expect(got.status).toBe(status);
    expect(at(jsonOf(got), "error", "message")).toBe("The fault was asked for.");
    expect(await stack.verdictOf(requestId)).toMatchObject({
      outcome: "upstream-error",
      verdict: "missed",
      reason: "upstream_error",
      responseStatus: status,
    });
  });

  it("status 429 of the model server passes and is excluded", async () => {
    simulator.setFaults(0, { errorRate: 1, errorStatus: 429 });
    const requestId = newRequestId();
    expect((await call(stack.baseUrl, { requestId, path: paths.chat, body: stream })).status).toBe(429);
    expect(await stack.verdictOf(requestId)).toMatchObject({ outcome: "invalid", verdict: "excluded" });
  });

  it("a model server that hangs holds its own requests only, and they go on when it does", async () => {
    simulator.setFaults(0, { hang: true });
    const requestId = newRequestId();
    const waiting = call(stack.baseUrl, { requestId, path: paths.chat, body: stream });
    await becomes("one in flight", () => stack.picker.ledger.total === 1);
    expect((await call(stack.baseUrl, { path: paths.models })).status).toBe(200);
    simulator.setFaults(0, { hang: false });
    expect((await waiting).status).toBe(200);
    expect(await stack.verdictOf(requestId)).toMatchObject({ outcome: "completed", verdict: "met" });
  });
});

describe.each(gatewayKinds)("a killed model server behind the %s gateway", (kind) => {
  const started = stopAfterTests();

  const sendTo = async (stack: Stack, prompt: string): Promise<DecisionRecord> => {
    const requestId = newRequestId();
    const messages = [{ role: "user", content: prompt.repeat(40) }];
    const got = await call(stack.baseUrl, { requestId, path: paths.chat, body: { model, messages, max_tokens: 3 } });
    const record = await stack.verdictOf(requestId);
    expect(record.responseStatus).toBe(got.status);
    return record;
  };

  it("is tried where there is no other: 503, and a miss", async () => {
    const doomed = await startReplicas(started, 1);
    const stack = started.keep(await startStack(kind, { endpoints: listed(portsOf(doomed)) }));
    await doomed.close();
    await becomes("seen as unreachable", () => stack.picker.snapshot().endpoints[0]?.unreachable === true);
    const record = await sendTo(stack, "alone ");
    expect(record).toMatchObject({ responseStatus: 503, verdict: "missed", reason: "upstream_error" });
    expect(stack.picker.ledger.total).toBe(0);
  });

  it("loses even the prompts that it has cached to those that can be reached", async () => {
    const doomed = await startReplicas(started, 1);
    const healthy = await startReplicas(started, 1);
    const stack = started.keep(
      await startStack(kind, { endpoints: listed([...portsOf(doomed), ...portsOf(healthy)]) }),
    );
    let index = 0;
    const cached = await eventually("a prompt that the doomed one has cached", async () => {
      const prompt = `${index++} `;
      return (await sendTo(stack, prompt)).endpoint === "default/m0" ? prompt : undefined;
    });
    await doomed.close();
    await becomes("seen as unreachable", () => stack.picker.snapshot().endpoints[0]?.unreachable === true);
    for (let i = 0; i < 5; i++) {
      expect(await sendTo(stack, cached)).toMatchObject({
        endpoint: "default/m1",
        responseStatus: 200,
        verdict: "met",
      });
    }
    expect(stack.picker.ledger.total).toBe(0);
  });
});
