import { describe, expect, it } from "@jest/globals";
import { textOf, VirtualReplica } from "./virtual-replica.ts";

const completions = "/v1/completions";
const stream = (maxTokens: number) => ({ prompt: [1, 2, 3], max_tokens: maxTokens, ignore_eos: true, stream: true });

const usageOf = (body: unknown): unknown => (body as { readonly usage: unknown }).usage;

describe("streams", () => {
  it("writes once a step, and the last token with the end", () => {
    const { writes, ended } = new VirtualReplica().ask(completions, stream(3));
    expect(writes.map(([atMs]) => atMs)).toEqual([10.3, 21.3, 32.3]);
    expect(writes[2]?.[1]).toMatch(/"finish_reason":"length".*\n\ndata: \[DONE\]\n\n$/s);
    expect(ended).toBe("end");
  });

  it("sends headers before there is a token", () => {
    const { seen } = new VirtualReplica().send(completions, stream(3));
    expect(seen).toMatchObject({ status: 200, contentType: "text/event-stream", writes: [] });
  });

  it("gathers the choices of a step in one write", () => {
    const { writes } = new VirtualReplica().ask(completions, { ...stream(2), n: 3 });
    expect(writes).toHaveLength(2);
    expect(writes[0]?.[1].match(/^data: /gm)).toHaveLength(3);
  });

  it("gives its memory back when the client goes", () => {
    const server = new VirtualReplica();
    const { seen, abandon } = server.send(completions, stream(50));
    server.run(40);
    expect(server.replica.state.runningRequests).toBe(1);
    abandon();
    server.run();
    expect(server.replica.state).toMatchObject({ runningRequests: 0, usedBlocks: 0 });
    expect(seen.writes).toHaveLength(3);
    expect(server.replica.metricsText()).toContain('finished_reason="abort"} 1');
  });
});

describe("answers", () => {
  it("repeats itself for equal seeds of a request, and of the server", () => {
    const body = { prompt: "x", max_tokens: 20, seed: 5 };
    const server = new VirtualReplica();
    const choices = [server, server, new VirtualReplica({ seed: 9 })].map(
      (one) => (one.askJson(completions, body).body as { readonly choices: unknown }).choices,
    );
    expect(choices[1]).toEqual(choices[0]);
    expect(choices[2]).toEqual(choices[0]);
    const unseeded = { prompt: "x", max_tokens: 20 };
    const [first, second] = [1, 2].map((seed) => textOf(new VirtualReplica({ seed }).ask(completions, unseeded)));
    expect(textOf(new VirtualReplica({ seed: 1 }).ask(completions, unseeded))).toBe(first);
    expect(second).not.toBe(first);
  });

  it("stops by itself where nothing cuts it", () => {
    const server = new VirtualReplica({ lengths: { meanTokens: 8 } });
    const { body } = server.askJson("/v1/chat/completions", { messages: [{ role: "user", content: "hi" }] });
    expect(body).toMatchObject({ choices: [{ finish_reason: "stop" }] });
  });

  it("counts the cached tokens of a prompt seen before, for its adapter and salt alone", () => {
    const server = new VirtualReplica({ loras: ["sql"] });
    const prompt = Array.from({ length: 41 }, (_, i) => i);
    const cached = (change: object) =>
      usageOf(server.askJson(completions, { prompt, max_tokens: 1, ...change }).body) as {
        readonly prompt_tokens_details: { readonly cached_tokens: number };
      };
    const counts = [{}, {}, { model: "sql" }, { model: "sql" }, { cache_salt: "a" }, { cache_salt: "a" }].map(
      (change) => cached(change).prompt_tokens_details.cached_tokens,
    );
    expect(counts).toEqual([0, 40, 0, 40, 0, 40]);
  });

  it("counts the cached tokens of a prompt once for all of its choices", () => {
    const server = new VirtualReplica();
    const body = { prompt: Array.from({ length: 41 }, (_, i) => i), max_tokens: 1, n: 3 };
    server.ask(completions, body);
    expect(usageOf(server.askJson(completions, body).body)).toMatchObject({
      prompt_tokens: 41,
      prompt_tokens_details: { cached_tokens: 40 },
    });
  });

  it("recognises its own answer in the next turn", () => {
    const server = new VirtualReplica();
    const question = { role: "user", content: "How do I list pods in every namespace?" };
    const first = server.askJson("/v1/chat/completions", { messages: [question], max_tokens: 40, ignore_eos: true });
    const { choices } = first.body as {
      readonly choices: readonly [{ readonly message: { readonly content: string } }];
    };
    const messages = [question, { role: "assistant", content: choices[0].message.content }, question];
    const { body } = server.askJson("/v1/chat/completions", { messages, max_tokens: 1 });
    // 13 tokens of the first prompt and the 39 generated ones that were computed, in blocks of 4.
    expect(usageOf(body)).toMatchObject({ prompt_tokens_details: { cached_tokens: 52 } });
  });

  it("leaves cached tokens out of Anthropic's input tokens", () => {
    const server = new VirtualReplica();
    const body = { model: "base", max_tokens: 1, messages: [{ role: "user", content: "x".repeat(200) }] };
    server.ask("/v1/messages", body);
    const counted = server.askJson("/v1/messages/count_tokens", body).body as { readonly input_tokens: number };
    const usage = usageOf(server.askJson("/v1/messages", body).body) as Readonly<Record<string, number>>;
    expect(usage["cache_read_input_tokens"]).toBe(52);
    expect(usage["input_tokens"]! + usage["cache_read_input_tokens"]!).toBe(counted.input_tokens);
  });

  it("lists the base model and its adapters", () => {
    const { body } = new VirtualReplica({ servedModelNames: ["m", "alias"], loras: ["sql"] }).askJson(
      "/v1/models",
      "",
      "GET",
    );
    const { data } = body as { readonly data: readonly { readonly id: string; readonly parent: string | null }[] };
    expect(data.map(({ id, parent }) => [id, parent])).toEqual([
      ["m", null],
      ["alias", null],
      ["sql", "m"],
    ]);
  });

  it("embeds equal texts equally, as unit vectors", () => {
    const server = new VirtualReplica();
    const { body } = server.askJson("/v1/embeddings", { input: ["a", "a", "b"] });
    const { data } = body as { readonly data: readonly { readonly embedding: readonly number[] }[] };
    expect(data[0]?.embedding).toHaveLength(384);
    expect(data[1]?.embedding).toEqual(data[0]?.embedding);
    expect(data[2]?.embedding).not.toEqual(data[0]?.embedding);
    expect(Math.hypot(...data[0]!.embedding)).toBeCloseTo(1, 5);
  });
});

describe("faults", () => {
  it("makes steps slower for a time", () => {
    const server = new VirtualReplica();
    server.replica.changeFaults({ latencyFactor: 2, latencyDurationMs: 30 });
    const { writes } = server.ask(completions, stream(4));
    // Two steps start inside the 30 ms.
    expect(writes.map(([atMs]) => atMs)).toEqual([20.6, 42.6, 53.6, 64.6]);
  });

  it.each([
    { rate: 1, want: 500 },
    { rate: 0, want: 200 },
  ])("answers the share $rate of requests with an error", ({ rate, want }) => {
    const server = new VirtualReplica({ faults: { errorRate: rate, errorStatus: 500 } });
    expect(server.ask(completions, stream(1)).status).toBe(want);
  });

  it("injects errors at about the rate that was asked for", () => {
    const server = new VirtualReplica({ faults: { errorRate: 0.25 } });
    let errors = 0;
    for (let i = 0; i < 400; i++) if (server.ask(completions, stream(1)).status === 503) errors++;
    expect(errors).toBeGreaterThan(70);
    expect(errors).toBeLessThan(130);
  });

  it.each([0, 2])("breaks the connection after %d tokens", (resetAfterTokens) => {
    const server = new VirtualReplica({ faults: { resetRate: 1, resetAfterTokens } });
    const seen = server.ask(completions, stream(5));
    expect(seen.ended).toBe("reset");
    expect(textOf(seen).match(/^data: \{/gm) ?? []).toHaveLength(resetAfterTokens);
    expect(server.replica.state).toMatchObject({ runningRequests: 0, usedBlocks: 0 });
  });

  it("lets an answer that ends earlier end", () => {
    const server = new VirtualReplica({ faults: { resetRate: 1, resetAfterTokens: 9 } });
    expect(server.ask(completions, stream(5)).ended).toBe("end");
  });

  it("freezes metrics and thaws them", () => {
    const server = new VirtualReplica();
    const frozen = server.replica.metricsText();
    server.replica.changeFaults({ freezeMetrics: true });
    server.ask(completions, stream(2));
    expect(server.replica.metricsText()).toBe(frozen);
    server.replica.changeFaults({ freezeMetrics: false });
    expect(server.replica.metricsText()).not.toBe(frozen);
  });

  it("hangs with what it has, and goes on when let", () => {
    const server = new VirtualReplica();
    const { seen } = server.send(completions, stream(3));
    server.run(12);
    server.replica.changeFaults({ hang: true });
    server.run(1000);
    expect(seen.writes).toHaveLength(1);
    expect(server.ask("/health", "", "GET").status).toBe(200);
    server.replica.changeFaults({ hang: false });
    server.run();
    expect(seen.writes.map(([atMs]) => Number(atMs.toFixed(3)))).toEqual([10.3, 1009.3, 1020.3]);
  });

  it("is changed and read at /admin/faults, strictly", () => {
    const server = new VirtualReplica();
    const change = { errorRate: 0.5, latencyFactor: 3, latencyDurationMs: 1000 };
    expect(server.askJson("/admin/faults", change)).toMatchObject({ status: 200, body: change });
    expect(server.askJson("/admin/faults", { errorRate: 0 }).body).toMatchObject({ errorRate: 0, latencyFactor: 3 });
    expect(server.askJson("/admin/faults", { latencyDurationMs: null }).body).toMatchObject({
      latencyDurationMs: null,
    });
    for (const bad of [{ errorRate: 2 }, { errorrate: 0.1 }, "{", [], { errorStatus: 200 }]) {
      expect(server.askJson("/admin/faults", bad).status).toBe(400);
    }
    expect(server.askJson("/admin/faults", "", "GET").body).toEqual({
      latencyFactor: 3,
      latencyDurationMs: null,
      errorRate: 0,
      errorStatus: 503,
      resetRate: 0,
      resetAfterTokens: 1,
      freezeMetrics: false,
      hang: false,
    });
  });
});
