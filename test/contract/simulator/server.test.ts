import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { SimulatorSettings } from "../../../simulator/options.ts";
import { NoReplicaError, startSimulator } from "../../../simulator/shell/server.ts";
import type { RunningSimulator } from "../../../simulator/shell/server.ts";
import { SimulatorListenError } from "../../../simulator/shell/replica-server.ts";

let running: RunningSimulator | undefined;

async function start(settings: SimulatorSettings = {}): Promise<RunningSimulator> {
  running = await startSimulator({ basePort: 0, preset: "instant", model: "base", ...settings });
  return running;
}

afterEach(async () => {
  await running?.close();
  running = undefined;
});

const url = (simulator: RunningSimulator, path: string, replica = 0): string => {
  const { address, port } = simulator.endpoints[replica]!;
  return `http://${address}:${port}${path}`;
};

const post = (simulator: RunningSimulator, path: string, body: unknown, init: RequestInit = {}, replica = 0) =>
  fetch(url(simulator, path, replica), { method: "POST", body: JSON.stringify(body), ...init });

const completions = "/v1/completions";
const endless = { prompt: "a", max_tokens: 30_000, ignore_eos: true, stream: true };

/** Asks until the answer is so: the server needs an instant to notice that a client went away. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => void setImmediate(resolve));
}

describe("a simulator", () => {
  it("answers a completion, and says which replica did", async () => {
    const simulator = await start({ replicas: 2 });
    const response = await post(simulator, completions, { prompt: "a" }, { headers: { "x-request-id": "r-1" } }, 1);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-inference-pod")).toBe("sim-1");
    expect(response.headers.get("x-inference-port")).toBe(String(simulator.endpoints[1]!.port));
    expect(response.headers.get("x-request-id")).toBe("r-1");
    expect(response.headers.get("content-length")).not.toBeNull();
    expect(await response.json()).toMatchObject({ object: "text_completion", usage: { completion_tokens: 16 } });
  });

  it("streams to the end, many at once", async () => {
    const simulator = await start();
    const body = { messages: [{ role: "user", content: "hi" }], max_tokens: 50, ignore_eos: true, stream: true };
    const texts = await Promise.all(
      Array.from({ length: 40 }, async () => (await post(simulator, "/v1/chat/completions", body)).text()),
    );
    for (const text of texts) {
      expect(text.match(/^data: \{/gm)).toHaveLength(51);
      expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    }
    expect(simulator.state(0)).toMatchObject({ runningRequests: 0, usedBlocks: 0 });
  });

  it("serves health, models, metrics and faults", async () => {
    const simulator = await start();
    expect((await fetch(url(simulator, "/health"))).status).toBe(200);
    expect(await (await fetch(url(simulator, "/v1/models?limit=3"))).json()).toMatchObject({ data: [{ id: "base" }] });
    const metrics = await fetch(url(simulator, "/metrics"));
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await metrics.text()).toContain("# TYPE vllm:num_requests_waiting gauge");
    const changed = await post(simulator, "/admin/faults", { errorRate: 1 });
    expect(await changed.json()).toMatchObject({ errorRate: 1 });
    expect((await post(simulator, completions, { prompt: "a" })).status).toBe(503);
  });

  it("drops a request whose client goes away", async () => {
    const simulator = await start();
    const client = new AbortController();
    const response = await post(simulator, completions, endless, { signal: client.signal });
    await response.body!.getReader().read();
    expect(simulator.state(0).runningRequests).toBe(1);
    client.abort();
    await until(() => simulator.state(0).runningRequests === 0);
    expect(simulator.state(0).usedBlocks).toBe(0);
  });

  it("breaks a stream in the middle, with the tokens before it sent", async () => {
    const simulator = await start();
    simulator.setFaults(0, { resetRate: 1, resetAfterTokens: 3 });
    const response = await post(simulator, completions, endless);
    const decoder = new TextDecoder();
    let text = "";
    const reading = (async () => {
      for await (const chunk of response.body!) text += decoder.decode(chunk as Uint8Array);
    })();
    await expect(reading).rejects.toThrow();
    expect(text.match(/^data: \{/gm)).toHaveLength(3);
  });

  it("accepts and does not answer while it hangs, then does", async () => {
    const simulator = await start({ faults: { hang: true } });
    const answer = post(simulator, completions, { prompt: "a" });
    await until(() => simulator.state(0).waitingRequests === 1);
    expect((await fetch(url(simulator, "/health"))).status).toBe(200);
    expect(simulator.state(0).waitingRequests).toBe(1);
    simulator.setFaults(0, { hang: false });
    expect((await answer).status).toBe(200);
  });

  it("refuses a body that is too long", async () => {
    const simulator = await start({ maxBodyBytes: 100 });
    const response = await post(simulator, completions, { prompt: "a".repeat(200) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 413 } });
  });

  it("cuts off a client that does not read", async () => {
    // Each event repeats the model's name: 20 kB a token, 60 MB in all, more than the sockets hold.
    const simulator = await start({ model: "m".repeat(20_000), maxUnreadBytes: 2 ** 20 });
    const [endpoint] = simulator.endpoints;
    const body = JSON.stringify({ ...endless, max_tokens: 3000 });
    const client = connect(endpoint!.port, endpoint!.address).pause();
    client.write(`POST ${completions} HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await until(() => simulator.state(0).totals.generatedTokens > 0);
    await until(() => simulator.state(0).runningRequests === 0);
    expect(simulator.state(0).totals.generatedTokens).toBeLessThan(3000);
    client.destroy();
  });

  it("adds and removes replicas; a removed one finishes what it does", async () => {
    const simulator = await start();
    const added = await simulator.addReplica();
    expect(added.name).toBe("sim-1");
    expect(simulator.endpoints).toHaveLength(2);
    const answer = post(
      simulator,
      completions,
      { prompt: "a", max_tokens: 200, ignore_eos: true, stream: true },
      {},
      1,
    );
    const response = await answer;
    const removed = simulator.removeReplica(1);
    expect(simulator.endpoints.map(({ name }) => name)).toEqual(["sim-0"]);
    expect(await response.text()).toContain("[DONE]");
    await removed;
    expect(() => simulator.setFaults(1, {})).toThrow(NoReplicaError);
    await expect(fetch(`http://${added.address}:${added.port}/health`)).rejects.toThrow();
  });

  it("says which port cannot be had, and leaves nothing behind", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => void blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as AddressInfo;
    await expect(start({ basePort: port })).rejects.toThrow(SimulatorListenError);
    await expect(start({ basePort: port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    blocker.close();
  });
});
