/** A real Prometheus (Debian's package) that scrapes what a test started. */
import { describe } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";
import { Prometheus } from "../../../dashboards/shell/prometheus.ts";
import { eventually } from "./poll.ts";
import { startProgram } from "./program.ts";
import { host } from "./stack.ts";

const found = spawnSync("prometheus", ["--version"]).status === 0;
if (!found) {
  const notice = "prometheus is not installed (Debian: apt-get install prometheus): nothing can be asked of it";
  if (process.env["CI"] === "true") throw new Error(notice);
  process.stderr.write(`${notice}; skipped\n`);
}
/** `describe`, or its skipping form on a developer's machine without Prometheus. In CI its absence is an error. */
export const describeWithPrometheus = found ? describe : describe.skip;

/** What it does every second. */
export type PrometheusOptions = {
  /** Kept by whoever started it. */
  readonly folder: string;
  readonly job: string;
  /** `host:port` of each exposition. */
  readonly targets: readonly string[];
  /** A rule file as text. */
  readonly rules: string;
};

/** One that answers. */
export interface RunningPrometheus {
  readonly api: Prometheus;
  stop(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
};

/** Starts it with a store that lives as long as the folder; resolves once it answers. Rejects when it is not installed. */
export async function startPrometheus({ folder, job, targets, rules }: PrometheusOptions): Promise<RunningPrometheus> {
  const file = join(folder, "prometheus.yaml");
  const ruleFile = join(folder, "rules.yaml");
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: [ruleFile],
    scrape_configs: [{ job_name: job, static_configs: [{ targets }] }],
  };
  await writeFile(file, stringify(config));
  await writeFile(ruleFile, rules);
  const port = await freePort();
  const program = startProgram("prometheus", [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, "tsdb")}`,
    `--web.listen-address=${host}:${port}`,
    "--log.level=warn",
  ]);
  const ended = program.ended.then(({ code, stderr }): never => {
    throw new Error(`prometheus ended with ${code}: ${stderr}`);
  });
  ended.catch(() => undefined);
  const url = `http://${host}:${port}`;
  const ready = eventually("prometheus is ready", () =>
    fetch(`${url}/-/ready`).then(
      (response) => (response.ok ? true : undefined),
      () => undefined,
    ),
  );
  await Promise.race([ready, ended]);
  return { api: new Prometheus(url), stop: () => program.stop() };
}
