import { readFileSync } from "node:fs";
import process from "node:process";
import { messageOf } from "#errors";
import { fitTrace } from "../fit-step-time.ts";
import { errorTable, presetSource } from "../report.ts";
import { parseTrace } from "../trace.ts";

/** Reads the trace named on the command line; presets and the error table go to stdout. Exits 1 or 2 with one line. */
export function runFit(): void {
  const [path] = process.argv.slice(2);
  if (path === undefined) {
    process.stderr.write("usage: node simulator/fit/fit.ts TRACE.csv\n");
    process.exitCode = 2;
    return;
  }
  try {
    const groups = fitTrace(parseTrace(readFileSync(path, "utf8")));
    process.stdout.write(`${presetSource(groups)}\n${errorTable(groups)}\n`);
  } catch (caught) {
    process.stderr.write(`${path}: ${messageOf(caught)}\n`);
    process.exitCode = 1;
  }
}
