import { afterEach, describe, expect, it } from "@jest/globals";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { runLoad, type LoadProgress } from "../../../load/shell/run.ts";
import { levelOf, objectiveOf, optionsOf } from "./builders.ts";

type Body = { readonly model: string; readonly stream: boolean; readonly max_tokens: number };
let server: Server | undefined;

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, body: Body) => void,
): Promise<string> {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, JSON.parse(Buffer.concat(chunks).toString()) as Body));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
});

function answerChat(response: ServerResponse, { stream, max_tokens: tokens }: Body): void {
  if (!stream) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ choices: [{ message: { content: "x" } }], usage: { completion_tokens: tokens } }));
    return;
  }
  response.setHeader("content-type", "text/event-stream; charset=utf-8");
  for (let i = 0; i < tokens; i++) response.write(`data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n`);
  response.write(`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`);
  response.write(`data: {"choices":[],"usage":{"completion_tokens":${tokens}}}\n\n`);
  response.end("data: [DONE]\n\n");
}

/** So generous that no machine misses it. */
const easy = levelOf({ e2eMs: 600_000 });

describe("runLoad", () => {
  it("sends the plan, reads streams and JSON, and reports each request", async () => {
    const ids: string[] = [];
    const seen: { path: string; objective: string; key: string; model: string }[] = [];
    const url = await serve((request, response, body) => {
      ids.push(String(request.headers["x-request-id"]));
      const objective = String(request.headers["x-llm-d-inference-objective"]);
      seen.push({ path: request.url ?? "", objective, key: String(request.headers["x-key"]), model: body.model });
      answerChat(response, body);
    });
    const progress: LoadProgress[] = [];
    const report = await runLoad(
      optionsOf({
        url: `${url}/base/`,
        model: "m",
        durationMs: 200,
        headers: { "x-key": "k" },
        records: true,
        objectives: [objectiveOf({ level: easy, streamShare: 0.5 }), objectiveOf({ name: "other", level: easy })],
      }),
      { onProgress: (now) => progress.push(now), progressMs: 20 },
    );
    expect(report.total.sent).toBe(ids.length);
    expect(report.total.sent).toBeGreaterThan(10);
    expect(report.total.completed).toBe(report.total.sent);
    expect(report.total.met).toBe(report.total.sent);
    expect(report.total.outputTokens).toBe(5 * report.total.sent);
    expect(report.records?.map(({ requestId }) => requestId).toSorted()).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
    expect(seen.every((one) => one.path === "/base/v1/chat/completions" && one.key === "k" && one.model === "m")).toBe(
      true,
    );
    expect(report.objectives.map(({ sent }) => sent)).toEqual(
      ["chat", "other"].map((name) => seen.filter(({ objective }) => objective === name).length),
    );
    for (const record of report.records ?? []) {
      expect(record.latenessMs).toBeGreaterThanOrEqual(0);
      expect(record.ttftMs === undefined).toBe(record.streamed === false);
      expect((record.ttftMs ?? 0) - (record.ttftFromSendMs ?? 0)).toBeCloseTo(
        record.ttftMs === undefined ? 0 : record.latenessMs,
        6,
      );
      expect(record.e2eMs).toBeGreaterThanOrEqual(record.ttftMs ?? 0);
    }
    expect(progress.at(-1)).toMatchObject({
      sent: report.total.sent,
      ended: report.total.sent,
      inFlight: 0,
      met: report.total.met,
    });
    expect(report.health.cpuShare).toBeGreaterThan(0);
  });

  it("does not wait for replies, skips at its cap, and cuts off what is left", async () => {
    let open = 0;
    const url = await serve((_, response) => {
      open += 1;
      response.flushHeaders();
    });
    const report = await runLoad(
      optionsOf({ url, durationMs: 150, maxInFlight: 4, drainMs: 10, objectives: [objectiveOf({ level: easy })] }),
    );
    expect(report.total.sent).toBe(4);
    expect(open).toBeLessThanOrEqual(4);
    expect(report.total.skipped).toBeGreaterThan(0);
    expect(report.total.outcomes).toEqual({ unfinished: 4 });
    expect(report.total.excluded).toBe(4);
    expect(report.voidBecause.join()).toContain("skipped");
  });

  it("tells refusals, resets and timeouts apart", async () => {
    let turn = 0;
    const url = await serve((request, response) => {
      turn += 1;
      if (turn === 1) response.writeHead(429, { "x-llm-d-request-dropped-reason": "rejected-saturated" }).end();
      else if (turn === 2) request.socket.destroy();
      else if (turn === 3) response.writeHead(200, { "content-type": "text/event-stream" }).end(": nothing\n\n");
    });
    const report = await runLoad(
      optionsOf({
        url,
        durationMs: 5000,
        maxRequests: 4,
        requestTimeoutMs: 1500,
        drainMs: 5000,
        records: true,
        objectives: [objectiveOf({ level: levelOf({ ttftMs: 50 }) })],
      }),
    );
    expect(report.total.outcomes).toEqual({ "http-error": 1, reset: 1, truncated: 1, timeout: 1 });
    expect(report.total.missedBy).toEqual({ shed: 1, upstream_error: 2, client_gone: 1 });
    expect(report.total.statusCounts).toEqual({ "200": 1, "429": 1 });
  });

  it("stops early when it is told to, and still reports", async () => {
    const url = await serve((_, response, body) => answerChat(response, body));
    const stop = new AbortController();
    const report = await runLoad(optionsOf({ url, durationMs: 600_000 }), {
      signal: stop.signal,
      progressMs: 5,
      onProgress: ({ completed }) => completed >= 3 && stop.abort(),
    });
    expect(report.total.completed).toBeGreaterThanOrEqual(3);
    expect(report.elapsedSeconds).toBeLessThan(600);
  });

  it("reports a server that is not there as resets", async () => {
    const url = await serve((_, response) => response.end());
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    server = undefined;
    const report = await runLoad(optionsOf({ url, durationMs: 100 }));
    expect(report.total.sent).toBeGreaterThan(0);
    expect(report.total.outcomes).toEqual({ reset: report.total.sent });
  });
});
