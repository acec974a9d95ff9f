/** The metrics pages, read by Prometheus' own tools. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { call, chatBody, paths } from "./support/calls.ts";
import { readPage } from "./support/exposition.ts";
import { becomes, eventually } from "./support/poll.ts";
import { startProgram, type Ended, type Program } from "./support/program.ts";
import { startSimulatedStack } from "./support/simulated.ts";
import { host, poolName, type Stack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const openMetrics = "application/openmetrics-text; version=1.0.0";

/** Runs a tool of Debian's package `prometheus`. */
async function run(tool: string, args: readonly string[], input = ""): Promise<Ended> {
  return startProgram(tool, args, { input }).ended.catch((error: unknown) => {
    throw new Error(`${tool} does not run: install Debian's package "prometheus" (apt-get install prometheus)`, {
      cause: error,
    });
  });
}

const lint = async (page: string): Promise<Ended> => run("promtool", ["check", "metrics"], page);
const clean: Ended = { code: 0, stdout: "", stderr: "" };

const targetsPage = z.object({
  data: z.object({ activeTargets: z.array(z.object({ health: z.string(), lastError: z.string() })) }),
});
const queryPage = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

describe("metrics pages", () => {
  const started = stopAfterTests();
  let stack: Stack;
  let modelServer: string;

  beforeAll(async () => {
    const behind = await startSimulatedStack(started, "embedded");
    ({ stack } = behind);
    modelServer = `http://${host}:${behind.simulator.endpoints[0]!.port}/metrics`;
    const bodies = [chatBody({ max_tokens: 5 }), chatBody({ max_tokens: 5, stream: true }), {}];
    for (const body of bodies) await call(stack.baseUrl, { path: paths.chat, body });
    const headers = { "x-llm-d-inference-objective": 'nobody"s objective' };
    await call(stack.baseUrl, { path: paths.chat, body: chatBody({ max_tokens: 5 }), headers });
    await stack.idle();
  });

  it("promtool has nothing to say about the picker's page after traffic", async () => {
    const page = await readPage(stack.metricsUrl);
    expect(page).toContain("attain_objective_requests_total");
    expect(await lint(page)).toEqual(clean);
  });

  it("says until when the served certificate is valid", async () => {
    const page = await readPage(stack.metricsUrl);
    const [, seconds] = /^attain_certificate_expiry_timestamp_seconds (\S+)$/m.exec(page) ?? [];
    const years = (Number(seconds) - Date.now() / 1000) / (365 * 86_400);
    expect(years).toBeGreaterThan(9.9);
    expect(years).toBeLessThan(10.1);
  });

  it("promtool minds nothing on the simulator's page but the colon of vLLM's own names", async () => {
    const page = await readPage(modelServer);
    expect(page).toContain("vllm:num_requests_running");
    const { stdout, stderr } = await lint(page);
    const complaints = stderr
      .split("\n")
      .filter((line) => !/^vllm:\S+ metric names should not contain ':'$/.test(line));
    expect([stdout, complaints]).toEqual(["", [""]]);
  });

  it("promtool does complain where there is a reason to", async () => {
    expect((await lint("# TYPE requests counter\nrequests 1\n")).code).not.toBe(0);
  });

  it("the format follows what the scraper asks for", async () => {
    const types: (string | null)[] = [];
    for (const accept of [openMetrics, "text/plain; version=0.0.4", "*/*"]) {
      const response = await fetch(stack.metricsUrl, { headers: { accept } });
      const page = await response.text();
      types.push(response.headers.get("content-type"));
      expect(page.endsWith("# EOF\n")).toBe(accept === openMetrics);
    }
    expect(types[0]).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(types[1]).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(types[2]).toMatch(/^text\/plain/);
  });

  it("a real Prometheus, which asks for OpenMetrics, scrapes it and answers queries", async () => {
    const folder = await started.folder();
    const configuration = join(folder, "prometheus.yml");
    const scraped = { targets: [`${host}:${stack.picker.metricsPort}`] };
    const job = { job_name: "picker", scrape_interval: "1s", scrape_timeout: "1s", static_configs: [scraped] };
    await writeFile(configuration, JSON.stringify({ scrape_configs: [job] }));
    const storage = `--storage.tsdb.path=${join(folder, "data")}`;
    const flags = [`--config.file=${configuration}`, storage, `--web.listen-address=${host}:0`];
    const prometheus = started.keep(startProgram("prometheus", flags));
    const base = await eventually("Prometheus' address", () => addressOf(prometheus));
    await becomes("Prometheus' readiness", async () => (await fetch(`${base}/-/ready`)).ok);
    const target = await eventually("a first scrape", async () => {
      const { data } = targetsPage.parse(await getJson(`${base}/api/v1/targets`));
      return data.activeTargets.find(({ health }) => health !== "unknown");
    });
    expect(target).toEqual({ health: "up", lastError: "" });
    const query = `sum(attain_objective_requests_total{pool="${poolName}",objective="chat"})`;
    const result = await eventually("a query's result", async () => {
      const { data } = queryPage.parse(await getJson(`${base}/api/v1/query?query=${encodeURIComponent(query)}`));
      return data.result.length > 0 ? data.result.map(({ value }) => value[1]) : undefined;
    });
    expect(result).toEqual(["3"]);
  });
});

/** Prometheus says on which port it really listens. */
function addressOf(prometheus: Program): string | undefined {
  if (!prometheus.isRunning) throw new Error(`Prometheus ended:\n${prometheus.stderr}`);
  const address = /msg="Listening on" address=(\S+)/.exec(prometheus.stderr)?.[1];
  return address === undefined ? undefined : `http://${address}`;
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return response.json();
}
