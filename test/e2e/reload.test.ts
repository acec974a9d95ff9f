/** Files that change while the picker serves. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { startSimulator } from "../../simulator/shell/server.ts";
import { call, chatBody, model, newRequestId, paths } from "./support/calls.ts";
import { readPage, sampleSum } from "./support/exposition.ts";
import { endpointsText, objectivesText, replaceFile } from "./support/pool-files.ts";
import { becomes } from "./support/poll.ts";
import { holdingBriefly } from "./support/flow-stack.ts";
import { gatewayKinds, poolName, startStack, type Stack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const verdicts = ["met", "missed", "excluded", "untargeted"] as const;

describe.each(gatewayKinds)("files behind the %s gateway", (kind) => {
  const started = stopAfterTests();
  let stack: Stack;
  let endpointsFile: string;
  let objectivesFile: string;
  let ports: readonly number[];

  beforeAll(async () => {
    const simulator = await startSimulator({ basePort: 0, replicas: 2, preset: "instant", model });
    started.keep({ stop: () => simulator.close() });
    ports = simulator.endpoints.map(({ port }) => port);
    const folder = await started.folder();
    endpointsFile = join(folder, "endpoints.yaml");
    objectivesFile = join(folder, "objectives.yaml");
    await writeFile(endpointsFile, endpointsText(ports.slice(0, 1)));
    await writeFile(objectivesFile, objectivesText(["chat"], "60s"));
    stack = started.keep(
      await startStack(kind, {
        configuration: holdingBriefly(),
        endpoints: { kind: "file", path: endpointsFile, watch: true },
        objectives: { kind: "file", path: objectivesFile },
      }),
    );
  });

  const send = async (objective: string) => {
    const requestId = newRequestId();
    const headers = { "x-llm-d-inference-objective": objective };
    // A prompt of its own, so that no prefix cache ties it to the endpoint of an earlier one.
    const body = chatBody({ max_tokens: 5, stream: true, messages: [{ role: "user", content: requestId.repeat(4) }] });
    const { status } = await call(stack.baseUrl, { requestId, path: paths.chat, body, headers });
    return { status, record: await stack.verdictOf(requestId) };
  };
  const failures = async (file: string): Promise<number> =>
    sampleSum(await readPage(stack.metricsUrl), "attain_configuration_reload_failures_total", { file }) ?? Number.NaN;
  const members = (): readonly string[] => stack.picker.snapshot().endpoints.map(({ id }) => id);

  it("endpoints that join and leave are used and left", async () => {
    await replaceFile(endpointsFile, endpointsText(ports));
    await becomes("two members", () => members().length === 2);
    await becomes("a request to the second", async () => (await send("chat")).record.endpoint === "default/m1");
    await replaceFile(endpointsFile, endpointsText([]));
    await becomes("no members", () => members().length === 0);
    expect(await send("chat")).toMatchObject({ status: 503, record: { reason: "no_endpoints" } });
    await replaceFile(endpointsFile, endpointsText(ports));
    await becomes("two members again", () => members().length === 2);
    expect(await send("chat")).toMatchObject({ status: 200, record: { verdict: "met" } });
  });

  it("a broken endpoints file changes nothing and is counted", async () => {
    const before = await failures(endpointsFile);
    await replaceFile(endpointsFile, `endpoints:\n- {name: m0, address: not-an-ip, port: "${ports[0]}"}\n`);
    await becomes("one more failed reload", async () => (await failures(endpointsFile)) === before + 1);
    expect(members()).toEqual(["default/m0", "default/m1"]);
    expect((await send("chat")).status).toBe(200);
  });

  it("thresholds and objectives of a new file hold from then on, those of a broken one do not", async () => {
    expect((await send("chat")).record).toMatchObject({ objective: "chat", verdict: "met" });
    expect((await send("extra")).record).toMatchObject({ objective: "unknown", verdict: "untargeted" });

    await replaceFile(objectivesFile, objectivesText(["chat", "extra"], "1ns"));
    await becomes("the new objectives", () => stack.picker.objectives().find("extra").configured);
    expect((await send("chat")).record).toMatchObject({ verdict: "missed", reason: "ttft" });
    expect((await send("extra")).record).toMatchObject({ objective: "extra", verdict: "missed", reason: "ttft" });

    const before = await failures(objectivesFile);
    await replaceFile(objectivesFile, objectivesText(["chat", "extra"], "soon"));
    await becomes("one more failed reload", async () => (await failures(objectivesFile)) === before + 1);
    expect((await send("extra")).record).toMatchObject({ objective: "extra", verdict: "missed", reason: "ttft" });
  });

  it("a new objective's series are there at zero before its first request", async () => {
    await replaceFile(objectivesFile, objectivesText(["chat", "extra", "quiet"], "60s"));
    await becomes("the new objective", () => stack.picker.objectives().find("quiet").configured);
    const page = await readPage(stack.metricsUrl);
    const counts = verdicts.map((verdict) =>
      sampleSum(page, "attain_objective_requests_total", { pool: poolName, objective: "quiet", verdict }),
    );
    expect(counts).toEqual([0, 0, 0, 0]);
    const thresholds = { pool: poolName, objective: "quiet", dimension: "ttft" };
    expect(sampleSum(page, "attain_objective_threshold_seconds", thresholds)).toBe(60);
  });
});
