/** Whose word it is which objective a request has. */
import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { flowMetrics, pickerMetrics } from "#metrics";
import { ObjectiveTable } from "#objective";
import { startScriptedUpstream, type ScriptedUpstream } from "../contract/gateway/scripted-upstream.ts";
import { call, chatBody, jsonOf, newRequestId, paths } from "./support/calls.ts";
import { readPage, sampleSum } from "./support/exposition.ts";
import { flowConfiguration } from "./support/flow-stack.ts";
import { portOf } from "./support/scripted.ts";
import { gatewayKinds, generous, listed, objective, poolName, startStack, type Stack } from "./support/stack.ts";
import { stopAfterTests, type Started } from "./support/started.ts";
import { credential, startVouchingEnvoy, tierPlace } from "./support/vouching-envoy.ts";

const table = new ObjectiveTable([
  objective("chat", generous, 1),
  objective("standard", generous, 0),
  objective("batch", generous, -1),
]);

type Counts = { readonly denied: number; readonly unknown: number };
type Asked = { readonly header?: string; readonly tier?: string };

/** A stack whose model server answers at once, and what it counts. */
class Trusting {
  readonly stack: Stack;
  readonly upstream: ScriptedUpstream;

  constructor(stack: Stack, upstream: ScriptedUpstream) {
    this.stack = stack;
    this.upstream = upstream;
  }

  async ask({ header = "", tier }: Asked) {
    const requestId = newRequestId();
    const headers = { "x-llm-d-inference-objective": header, ...(tier === undefined ? {} : { [credential]: tier }) };
    const got = await call(this.stack.baseUrl, { requestId, path: paths.chat, body: chatBody(), headers });
    await this.stack.verdictOf(requestId);
    const [kept] = this.stack.picker.decisions.find({ id: requestId }, 1);
    return { got, record: this.stack.picker.decisions.explain(kept!) };
  }

  /** NaN where there is no such series. */
  async counts(): Promise<Counts> {
    const page = await readPage(this.stack.metricsUrl);
    const of = (name: string, labels = {}): number =>
      sampleSum(page, name, { pool: poolName, ...labels }) ?? Number.NaN;
    return {
      denied: of(flowMetrics.escalationsDeniedTotal.name, { reason: "above_ceiling" }),
      unknown: of(pickerMetrics.unknownObjectiveRequestsTotal.name),
    };
  }
}

async function start(
  started: Started,
  written: string,
  ...front: [kind: Stack["kind"], startFront?: typeof startVouchingEnvoy]
): Promise<Trusting> {
  const upstream = await startScriptedUpstream();
  started.keep({ stop: () => upstream.close() });
  upstream.answer = (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ object: "chat.completion", choices: [], usage: { completion_tokens: 1 } }));
  };
  const [kind, startFront] = front;
  const stack = await startStack(
    kind,
    {
      endpoints: listed([portOf(upstream)]),
      objectives: { kind: "table", table },
      configuration: flowConfiguration({ flow: `attain: {objective: {${written}}}` }),
    },
    startFront,
  );
  return new Trusting(started.keep(stack), upstream);
}

describe.each(gatewayKinds)("a client's header through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let trusting: Trusting;
  let before: Counts;
  beforeAll(async () => {
    trusting = await start(started, "headerCeiling: 0, default: standard, unknown: refuse", kind);
  });
  beforeEach(async () => {
    trusting.upstream.forget();
    before = await trusting.counts();
  });

  it.each([
    { name: "above the ceiling gets the default, and is counted", header: "chat", gets: "standard", denied: 1 },
    { name: "at the ceiling is granted", header: "standard", gets: "standard", denied: 0 },
    { name: "below the ceiling is granted", header: "batch", gets: "batch", denied: 0 },
    { name: "that is not there leaves the default", header: "", gets: "standard", denied: 0 },
  ])("$name", async ({ header, gets, denied }) => {
    const { got, record } = await trusting.ask({ header });
    expect([got.status, record.objective, record.priority]).toEqual([200, gets, table.find(gets).priority]);
    expect(await trusting.counts()).toEqual({ ...before, denied: before.denied + denied });
  });

  it("that nobody configured is a 400 that never comes to a model server", async () => {
    const { got } = await trusting.ask({ header: "nobody" });
    expect(got.status).toBe(400);
    expect(jsonOf(got)).toMatchObject({ error: { type: "invalid_request_error" } });
    expect(trusting.upstream.received).toEqual([]);
    expect(await trusting.counts()).toEqual({ ...before, unknown: before.unknown + 1 });
  });
});

describe("what Envoy vouches for", () => {
  const started = stopAfterTests();
  let trusting: Trusting;
  beforeAll(async () => {
    const trusted = `{namespace: ${tierPlace.namespace}, path: [${tierPlace.key}], objectives: {premium: chat, basic: standard}}`;
    const written = `trusted: [${trusted}], default: batch, unknown: refuse`;
    trusting = await start(started, written, "envoy", startVouchingEnvoy);
  });
  beforeEach(() => trusting.upstream.forget());

  it.each<Asked & { readonly what: string; readonly gets: string; readonly denied: number }>([
    { what: "a tier grants its objective", tier: "premium", gets: "chat", denied: 0 },
    { what: "a client may go below it", tier: "premium", header: "batch", gets: "batch", denied: 0 },
    { what: "a lower tier grants less", tier: "basic", gets: "standard", denied: 0 },
    { what: "a client may not go above it", tier: "basic", header: "chat", gets: "standard", denied: 1 },
    { what: "without a tier it is the default", gets: "batch", denied: 0 },
    { what: "without a tier nobody goes above the default", header: "chat", gets: "batch", denied: 1 },
  ])("$what", async ({ gets, denied, ...asked }) => {
    const before = await trusting.counts();
    const { got, record } = await trusting.ask(asked);
    expect([got.status, record.objective, record.verdict]).toEqual([200, gets, "met"]);
    expect(await trusting.counts()).toEqual({ ...before, denied: before.denied + denied });
    expect(trusting.upstream.received.map(({ headers }) => headers[credential])).toEqual([undefined]);
  });

  it("a tier that stands for nothing is a 400", async () => {
    const before = await trusting.counts();
    const { got } = await trusting.ask({ tier: "gold" });
    expect(got.status).toBe(400);
    expect(trusting.upstream.received).toEqual([]);
    expect(await trusting.counts()).toEqual({ ...before, unknown: before.unknown + 1 });
  });
});
