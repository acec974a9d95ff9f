/** The commands as processes, as they run in production: started, asked, reloaded and ended by a signal. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { bodyOf } from "../contract/gateway/http-client.ts";
import { startScriptedUpstream, type ScriptedUpstream } from "../contract/gateway/scripted-upstream.ts";
import {
  call,
  chatBody,
  chatChunk,
  chatDone,
  eventsOf,
  jsonOf,
  model,
  newRequestId,
  openCall,
  paths,
} from "./support/calls.ts";
import { checkHealth } from "./support/health.ts";
import { endpointsText, objectivesText } from "./support/pool-files.ts";
import { becomes, eventually } from "./support/poll.ts";
import { startAttain, type Program } from "./support/program.ts";
import { portOf } from "./support/scripted.ts";
import { host, startEmbedded } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const config = `apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
plugins: [{type: queue-scorer}]
schedulingProfiles: [{name: default, plugins: [{pluginRef: queue-scorer}]}]
`;
const decisions = z.object({ requests: z.array(z.looseObject({ id: z.string(), verdict: z.string() })) });

/** The fields of a log line with this message. */
const logged = <T>(program: Program, message: string, fields: z.ZodType<T>): Promise<T> =>
  eventually(`"${message}" in the log`, () => {
    if (!program.isRunning) throw new Error(`it ended:\n${program.stderr}`);
    const line = program.stderr.split("\n").find((text) => text.includes(`"msg":"${message}"`));
    return line === undefined ? undefined : fields.parse(JSON.parse(line));
  });

describe("attain picker", () => {
  const started = stopAfterTests();
  let upstream: ScriptedUpstream;
  let picker: Program;
  let ports: { readonly extProcPort: number; readonly healthPort: number; readonly metricsPort: number };
  let baseUrl: string;

  beforeAll(async () => {
    upstream = await startScriptedUpstream();
    started.keep({ stop: () => upstream.close() });
    const folder = await started.folder();
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const flags = {
      "--config-file": await file("config.yaml", config),
      "--endpoints-file": await file("endpoints.yaml", endpointsText([portOf(upstream)])),
      "--objectives-file": await file("objectives.yaml", objectivesText(["chat"], "60s")),
      "--bind-address": host,
      "--grpc-port": "0",
      "--grpc-health-port": "0",
      "--metrics-port": "0",
    };
    picker = started.keep(startAttain(["picker", ...Object.entries(flags).flat()]));
    const port = z.int().positive();
    ports = await logged(picker, "picker serves", z.object({ extProcPort: port, healthPort: port, metricsPort: port }));
    const front = started.keep(await startEmbedded({ port: ports.extProcPort, tls: true }));
    baseUrl = `http://${host}:${front.port}`;
  });

  const verdictOf = async (requestId: string): Promise<string | undefined> => {
    const response = await fetch(`http://${host}:${ports.metricsPort}/debug/requests?limit=5000`);
    return decisions.parse(await response.json()).requests.find(({ id }) => id === requestId)?.verdict;
  };

  it("serves on its ports, with the objectives and endpoints of its files", async () => {
    upstream.answer = (_, response) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).end(chatChunk("one") + chatDone);
    expect(await checkHealth(ports.healthPort)).toBe("SERVING");
    const requestId = newRequestId();
    const got = await call(baseUrl, { requestId, path: paths.chat, body: chatBody({ stream: true }) });
    expect(got.status).toBe(200);
    expect(await eventually("a verdict", () => verdictOf(requestId))).toBe("met");
  });

  it("on SIGTERM says NOT_SERVING, refuses what is new, lets a stream end, and exits 0", async () => {
    const release = Promise.withResolvers<void>();
    upstream.answer = (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chatChunk("before"));
      void release.promise.then(() => response.end(chatChunk("after") + chatDone));
    };
    const { response } = await openCall(baseUrl, { path: paths.chat, body: chatBody({ stream: true }) });
    const body = bodyOf(response);
    await new Promise((resolve) => response.once("data", resolve));

    picker.signal("SIGTERM");
    await becomes("NOT_SERVING", async () => (await checkHealth(ports.healthPort)) === "NOT_SERVING");
    const refused = await call(baseUrl, { path: paths.chat, body: chatBody() });
    expect(refused.status).toBe(503);
    expect(picker.isRunning).toBe(true);

    release.resolve();
    const events = eventsOf(await body);
    expect(events.length).toBe(3);
    expect(events.at(-1)).toMatchObject({ data: "[DONE]" });
    expect((await picker.ended).code).toBe(0);
    expect(picker.stdout).toBe("");
  });
});

describe("attain gateway in front of attain simulator", () => {
  const started = stopAfterTests();

  it("serves, and both exit 0 on SIGTERM", async () => {
    const simulator = started.keep(startAttain(["simulator", "--port", "0", "--preset", "instant", "--model", model]));
    const { port } = await logged(simulator, "model server serves", z.object({ port: z.int().positive() }));
    const flags = ["--endpoints", `${host}:${port}`, "--bind-address", host, "--port", "0", "--metrics-port", "0"];
    const gateway = started.keep(startAttain(["gateway", ...flags]));
    const serving = await logged(gateway, "gateway serves", z.object({ port: z.int().positive() }));
    const got = await call(`http://${host}:${serving.port}`, { path: paths.chat, body: chatBody({ max_tokens: 3 }) });
    expect(got.status).toBe(200);
    expect(jsonOf(got)).toMatchObject({ object: "chat.completion" });
    for (const program of [gateway, simulator]) {
      program.signal("SIGTERM");
      expect((await program.ended).code).toBe(0);
    }
  });
});
