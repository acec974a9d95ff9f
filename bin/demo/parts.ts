/**
 * The demo's programs run in processes of their own, as they do in production, so that the picker's CPU is the picker's
 * and the load generator does not wait for it. They are started with IPC, tell their ports, and end with this process.
 */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError } from "#errors";
import { renderEnvoy } from "../../deploy/envoy/envoy.ts";
import { findEnvoy } from "../envoy-binary.ts";
import type { PartReady, PartRequest } from "./part.ts";

/** A program of the demo that runs. */
export interface RunningPart<R> {
  readonly ready: R;
  stop(): Promise<void>;
}

/** A program of the demo that did not start, or ended by itself. */
export class PartError extends CodedError<{ readonly code: "DEMO_PART"; readonly part: string }> {}

const killAfterMs = 5000;

async function end(child: ChildProcess, how: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  how();
  const kill = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  await exited;
  clearTimeout(kill);
}

type ReadyOf<K extends PartRequest["kind"]> = Extract<PartReady, { kind: K }>;

/** Starts a part and waits until it serves. @throws PartError */
export async function startPart<K extends PartRequest["kind"]>(
  request: Extract<PartRequest, { kind: K }>,
): Promise<RunningPart<ReadyOf<K>>> {
  const file = fileURLToPath(new URL("part.ts", import.meta.url));
  // Its output would disturb the live table; what matters of it comes over IPC or stderr.
  const child = fork(file, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const answer = await Promise.race([
    once(child, "message").then(([message]) => message as PartReady),
    once(child, "exit").then(() => undefined),
    new Promise<never>((_resolve, reject) => void child.once("error", reject)),
    Promise.resolve(child.send(request)).then(() => new Promise<never>(() => {})),
  ]);
  if (answer === undefined || answer.kind !== request.kind) {
    const reason = answer?.kind === "failed" ? answer.message : "it ended before it served";
    throw new PartError({ code: "DEMO_PART", part: request.kind }, `${request.kind}: ${reason}`);
  }
  return { ready: answer as ReadyOf<K>, stop: () => end(child, () => child.disconnect()) };
}

const envoyReadyPollMs = 50;
const envoyReadyWithinMs = 20_000;

/** Envoy is ready once its clusters are, the picker's first health check included. */
async function waitUntilReady(adminPort: number, child: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + envoyReadyWithinMs;
  for (;;) {
    if (child.exitCode !== null)
      throw new PartError({ code: "DEMO_PART", part: "envoy" }, "envoy ended before it served");
    const answered = await fetch(`http://127.0.0.1:${adminPort}/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    if (Date.now() > giveUpAt) throw new PartError({ code: "DEMO_PART", part: "envoy" }, "envoy does not answer");
    await new Promise((resolve) => setTimeout(resolve, envoyReadyPollMs));
  }
}

export type EnvoyPorts = { readonly port: number; readonly adminPort: number; readonly pickerPort: number };

/** Starts a real Envoy that asks the picker over TLS. @throws InstallError, PartError */
export async function startEnvoy(ports: EnvoyPorts): Promise<RunningPart<{ readonly port: number }>> {
  const binary = await findEnvoy();
  const folder = await mkdtemp(join(tmpdir(), "attain-envoy-"));
  const file = join(folder, "envoy.yaml");
  const bootstrap = renderEnvoy({
    listenAddress: "127.0.0.1",
    listenPort: ports.port,
    adminPort: ports.adminPort,
    pickerHost: "127.0.0.1",
    pickerPort: ports.pickerPort,
    pickerTls: true,
    caFile: undefined,
  });
  await writeFile(file, bootstrap);
  const args = ["-c", file, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "error"];
  const child = spawn(binary, args, { stdio: ["ignore", "ignore", "inherit"] });
  const stop = async (): Promise<void> => {
    await end(child, () => child.kill("SIGTERM"));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(ports.adminPort, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ready: { port: ports.port }, stop };
}
