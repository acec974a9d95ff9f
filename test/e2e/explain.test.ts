/** What the commands that look at a running picker say: explain, status, doctor. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { ObjectiveTable } from "#objective";
import { hostPortOf } from "#pool";
import { startSimulator, type RunningSimulator } from "../../simulator/shell/server.ts";
import { call, chatBody, model, newRequestId, paths } from "./support/calls.ts";
import { endpointsText, objectivesText } from "./support/pool-files.ts";
import { becomes } from "./support/poll.ts";
import { attain, type Ended } from "./support/program.ts";
import { gatewayKinds, generous, host, listed, objective, startStack, type Stack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const stream = chatBody({ stream: true, max_tokens: 4, ignore_eos: true });
const impossible = { ttftMs: 0.01 };

const objectives = new ObjectiveTable([objective("chat", generous), objective("strict", impossible)]);

type DoctorSaid = {
  readonly wrong: number;
  readonly findings: readonly { check: string; status: string; message: string }[];
};
const doctorSaid = ({ stdout }: Ended): DoctorSaid => JSON.parse(stdout) as DoctorSaid;
const troubles = (ended: Ended): readonly string[] =>
  doctorSaid(ended)
    .findings.filter(({ status }) => status !== "ok")
    .map(({ check }) => check);

describe.each(gatewayKinds)("behind the %s gateway", (kind) => {
  const started = stopAfterTests();
  let simulator: RunningSimulator;
  let stack: Stack;
  let picker: string;
  let folder: string;
  let missedId: string;

  const ask = (...args: readonly string[]): Promise<Ended> => attain(...args, "--picker", picker);

  beforeAll(async () => {
    simulator = await startSimulator({ basePort: 0, replicas: 2, preset: "instant", model });
    started.keep({ stop: () => simulator.close() });
    const endpoints = listed(simulator.endpoints.map(({ port }) => port));
    stack = started.keep(await startStack(kind, { endpoints, objectives: { kind: "table", table: objectives } }));
    picker = `http://${hostPortOf(host, stack.picker.metricsPort)}`;
    folder = await started.folder();
    await becomes("every endpoint is scraped", () =>
      stack.picker.snapshot().endpoints.every(({ metrics }) => metrics !== undefined),
    );
    for (const name of ["chat", "strict", "strict"]) {
      missedId = newRequestId();
      const headers = { "x-llm-d-inference-objective": name };
      await call(stack.baseUrl, { requestId: missedId, path: paths.chat, body: stream, headers });
    }
    await stack.idle();
  });

  it("explain request says why it missed, where the time went and why it went there", async () => {
    const { code, stdout } = await ask("explain", "request", missedId);
    expect(code).toBe(0);
    expect(stdout).toContain(`request ${missedId} · objective strict (priority 0) · missed: ttft\n`);
    expect(stdout).toMatch(/TTFT +[\d.]+ ms +≤ 0.01 ms +missed by [\d.]+ ms\n/);
    expect(stdout).toMatch(/first byte +[\d.]+ ms +█* ?queue and prefill at default\/m[01]\n/);
    expect(stdout).toMatch(/\nchose default\/m[01]: .*default\/m[01]/);
    expect(stdout).toMatch(/\n {2}2 endpoints in the pool\n/);
    expect(stdout).toContain("queue-scorer × 2");
    expect(stdout).toContain(`model ${model}`);
  });

  it("explain request prints the record as JSON", async () => {
    const { stdout } = await ask("explain", "request", missedId, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      id: missedId,
      reason: "ttft",
      outputTokens: 4,
      choice: { inPool: 2, considered: 2, candidates: [{ metrics: "fresh" }, { metrics: "fresh" }] },
    });
  });

  it("explain request fails in one line where no such request is kept", async () => {
    const { code, stdout, stderr } = await ask("explain", "request", "nobody");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^attain: no record of request nobody at [^\n]*\n$/);
  });

  it("explain misses groups them by cause", async () => {
    const { code, stdout } = await ask("explain", "misses", "--objective", "strict", "--last", "10m");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 misses of objective strict in the last 10m/);
    expect(stdout).toMatch(/ 1\. [12] × TTFT, mostly .* at default\/m[01]\n/);
    expect((await ask("explain", "misses", "--objective", "chat")).stdout).toBe("no misses of objective chat\n");
    const json = JSON.parse((await ask("explain", "misses", "--json")).stdout) as object;
    expect(json).toMatchObject({ missed: 2, groups: [{ dimension: "ttft", reason: "ttft" }] });
  });

  it("explain misses refuses a time that is none, with the argument", async () => {
    const { code, stderr } = await ask("explain", "misses", "--last", "yesterday");
    expect([code, stderr]).toEqual([
      2,
      'attain: --last: found "yesterday"; a duration such as 90s or 10m is allowed\n',
    ]);
  });

  it("status prints the tables once when piped", async () => {
    const { code, stdout } = await ask("status");
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ strict +│ +✘ 0.00 % │/);
    expect(stdout).toMatch(/│ default\/m0 +│/);
    expect(JSON.parse((await ask("status", "--json")).stdout)).toMatchObject({
      pool: { name: "e2e", endpointCount: 2 },
    });
  });

  it("doctor finds everything in order", async () => {
    const endpointsFile = join(folder, "endpoints.yaml");
    await writeFile(endpointsFile, endpointsText(simulator.endpoints.map(({ port }) => port)));
    const ended = await ask("doctor", "--json", "--gateway", stack.baseUrl, "--endpoints-file", endpointsFile);
    expect(troubles(ended)).toEqual([]);
    expect(ended.code).toBe(0);
    const checks = new Set(doctorSaid(ended).findings.map(({ check }) => check));
    for (const check of ["picker", "picker-health", "certificate", "scrape", "gateway", "body-modes", "clock"]) {
      expect(checks).toContain(check);
    }
  });

  it("doctor exits with 1 and says what to do about what is wrong", async () => {
    const objectivesFile = join(folder, "objectives.yaml");
    await writeFile(objectivesFile, objectivesText(["chat", "nobody-loaded-this"], "1s"));
    const ended = await ask("doctor", "--objectives-file", objectivesFile);
    expect([ended.code, ended.stderr]).toEqual([1, ""]);
    expect(ended.stdout).toMatch(
      /✘ the picker does not know objective nobody-loaded-this of the file\n {2}→ start it with/,
    );
  });
});

describe("without a picker", () => {
  const nobody = "http://127.0.0.1:9";

  it.each([
    { name: "status", args: ["status"] },
    { name: "explain misses", args: ["explain", "misses"] },
    { name: "explain request", args: ["explain", "request", "x"] },
  ])("$name fails in one line", async ({ args }) => {
    const { code, stderr } = await attain(...args, "--picker", nobody);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^attain: http:\/\/127\.0\.0\.1:9\/debug\/[^\n]*: [^\n]*\n$/);
  });

  it("doctor says that nobody answers", async () => {
    const { code, stdout } = await attain("doctor", "--picker", nobody);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✘ no picker answers: /);
  });
});
