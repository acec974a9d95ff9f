/** Programs in processes of their own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Milliseconds } from "#units";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const killAfterMs: Milliseconds = 10_000;

/** How a program ended. */
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A program that runs. */
export interface Program {
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly isRunning: boolean;
  readonly ended: Promise<Ended>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when that does not end it in time. */
  stop(): Promise<void>;
}

export type ProgramOptions = {
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
};

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Starts a program in the repository's root. Its `ended` rejects when there is no such program. */
export function startProgram(file: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const child = spawn(file, args, { cwd: root, env: { ...process.env, ...options.env }, stdio: "pipe" });
  const written = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (written.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (written.stderr += text));
  child.stdin.on("error", () => undefined).end(options.input);
  const ended = once(child, "close").then(([code]): Ended => ({ code: code as number | null, ...written }));
  ended.catch(() => undefined);
  return {
    get stdout() {
      return written.stdout;
    },
    get stderr() {
      return written.stderr;
    },
    get isRunning() {
      return !hasEnded(child);
    },
    ended,
    signal: (name) => void child.kill(name),
    stop: async () => {
      if (hasEnded(child)) return;
      const kill = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(kill);
    },
  };
}

/** The command line itself, for a Node with flags of its own. */
export const attainEntry = fileURLToPath(new URL("../../../bin/attain.ts", import.meta.url));

/** Starts `attain` with these arguments. */
export const startAttain = (args: readonly string[]): Program => startProgram(process.execPath, [attainEntry, ...args]);

/** Runs `attain` to its end. */
export const attain = (...args: readonly string[]): Promise<Ended> => startAttain(args).ended;
