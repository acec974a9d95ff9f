import { describe, expect, it } from "@jest/globals";
import { get } from "node:https";
import { generate } from "selfsigned";
import type { AccessEntry } from "../../../gateway/shell/exchange-session.ts";
import { startGateway } from "../../../gateway/shell/server.ts";
import { gatewayContract } from "./gateway-contract.ts";
import { open, send, sendHttp2 } from "./http-client.ts";
import { startScriptedPicker } from "./scripted-picker.ts";
import { deadHostPort, startScriptedUpstream } from "./scripted-upstream.ts";

gatewayContract(
  "embedded gateway",
  { fallbackList: true, jsonErrors: true, tellsBrokenUpstream: true },
  async ({ pickerPort }) => {
    const gateway = await startGateway({
      host: "127.0.0.1",
      port: 0,
      extproc: { host: "127.0.0.1", port: pickerPort },
    });
    return { baseUrl: `http://127.0.0.1:${gateway.port}`, close: () => gateway.close() };
  },
);

describe("embedded gateway and its picker", () => {
  it("answers 503 while the picker is down and serves when it is back", async () => {
    const upstream = await startScriptedUpstream();
    upstream.answer = (_, response) => response.end("ok");
    const [host = "", port = ""] = (await deadHostPort()).split(":");
    const entries: AccessEntry[] = [];
    const gateway = await startGateway({
      host: "127.0.0.1",
      port: 0,
      extproc: { host, port: Number(port) },
      onAccess: (entry) => entries.push(entry),
    });
    const baseUrl = `http://127.0.0.1:${gateway.port}`;
    const down = await send(baseUrl, { body: "{}" });
    expect(down.status).toBe(503);
    expect(JSON.parse(down.body.toString())).toMatchObject({ error: { code: "endpoint_picker_failed" } });

    const picker = await startScriptedPicker(Number(port));
    picker.script = { destination: upstream.hostPort };
    let up = await send(baseUrl, { body: "{}" });
    for (let tries = 0; up.status === 503 && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      up = await send(baseUrl, { body: "{}" });
    }
    expect(up.status).toBe(200);
    expect(gateway.stats.outcomes["processor-failed"]).toBeGreaterThanOrEqual(1);
    expect(gateway.stats.outcomes.responded).toBe(1);
    expect(gateway.stats.inFlight).toBe(0);
    expect(entries.at(-1)).toMatchObject({
      method: "POST",
      path: "/v1/chat/completions",
      status: 200,
      destination: upstream.hostPort,
      outcome: "responded",
      requestBytes: 2,
      responseBytes: 2,
    });
    await gateway.close();
    await picker.close();
    await upstream.close();
  });

  it("answers 504 when the picker owes a reply for too long", async () => {
    const picker = await startScriptedPicker();
    const upstream = await startScriptedUpstream();
    picker.script = { destination: upstream.hostPort, silent: true };
    const gateway = await startGateway({
      host: "127.0.0.1",
      port: 0,
      extproc: { host: "127.0.0.1", port: picker.port },
      messageTimeoutMs: 20,
    });
    const got = await send(`http://127.0.0.1:${gateway.port}`, { body: "{}" });
    expect(got.status).toBe(504);
    await gateway.close();
    await picker.close();
    await upstream.close();
  });

  it("speaks TLS to its picker and to clients of both protocol versions", async () => {
    const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], { keySize: 2048 });
    const picker = await startScriptedPicker(0, { cert, key });
    const upstream = await startScriptedUpstream();
    picker.script = { destination: upstream.hostPort };
    upstream.answer = (_, response) => response.end("secret");
    const gateway = await startGateway({
      host: "127.0.0.1",
      port: 0,
      extproc: { host: "127.0.0.1", port: picker.port, tls: { rejectUnauthorized: false } },
      tls: { certificate: cert, key },
    });
    const first = await sendHttp2(`https://127.0.0.1:${gateway.port}`, { body: "{}" });
    expect(first.body.toString()).toBe("secret");
    const status = await new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port: gateway.port, rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        resolve(`${response.httpVersion} ${response.statusCode}`);
      }).on("error", reject);
    });
    expect(status).toBe("1.1 200");
    expect(upstream.received.every(({ headers }) => headers["x-forwarded-proto"] === "https")).toBe(true);
    await gateway.close();
    await picker.close();
    await upstream.close();
  });

  it("waits for what is in flight when it closes with grace", async () => {
    const picker = await startScriptedPicker();
    const upstream = await startScriptedUpstream();
    picker.script = { destination: upstream.hostPort };
    let finish = (): void => undefined;
    upstream.answer = (_, response) => {
      response.write("one");
      finish = () => response.end(" two");
    };
    const gateway = await startGateway({
      host: "127.0.0.1",
      port: 0,
      extproc: { host: "127.0.0.1", port: picker.port },
    });
    const { response } = await open(`http://127.0.0.1:${gateway.port}`, { body: "{}" });
    const closing = gateway.close(10_000);
    finish();
    const chunks: string[] = [];
    for await (const chunk of response) chunks.push(String(chunk));
    expect(chunks.join("")).toBe("one two");
    await closing;
    await picker.close();
    await upstream.close();
  });
});
