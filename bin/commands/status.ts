import { createLogUpdate } from "log-update";
import type { Command } from "commander";
import { messageOf } from "#errors";
import type { Milliseconds } from "#units";
import { renderStatus, type StatusView } from "../../console/status-table.ts";
import { readPickerState, type PickerState } from "../admin-client.ts";
import { duration, logLevelOption, pickerUrlOption } from "../options.ts";

type Flags = {
  readonly picker: string;
  readonly interval: Milliseconds;
  readonly once: boolean;
  readonly json: boolean;
};

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

function view(picker: string, state: PickerState): StatusView {
  const { pool, process: self, streams } = state;
  const hidden = pool.endpointCount - pool.endpoints.length;
  return {
    title: `pool ${pool.name} · picker ${state.version} at ${picker} · up ${Math.floor(self.uptimeSeconds)} s`,
    objectives: state.objectives,
    endpoints: pool.endpoints.map(({ id, inFlight, ...endpoint }) => ({
      ...endpoint,
      name: id,
      inFlight: inFlight.requests,
    })),
    notes: [
      ...(hidden > 0 ? [`and ${hidden} more endpoints`] : []),
      `in flight ${state.ledger.inFlight}, streams ${streams.open} · picker: ${self.cpuSeconds.toFixed(1)} s CPU, ${mebibytes(self.rssBytes)} · counts since its start`,
    ],
  };
}

/** Redraws until interrupted. A picker that does not answer for a while is told in place of the table. */
async function live({ picker, interval }: Flags): Promise<void> {
  const draw = createLogUpdate(process.stdout);
  const interrupted = Promise.withResolvers<"interrupted">();
  const interrupt = (): void => interrupted.resolve("interrupted");
  // Not `once`: a listener that is gone when the next one looks leaves the signal to kill the process.
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  for (;;) {
    draw(
      await readPickerState(picker).then(
        (state) => renderStatus(view(picker, state), { colour: true }),
        (error: unknown) => messageOf(error),
      ),
    );
    const pause = new Promise<"again">((resolve) => void setTimeout(() => resolve("again"), interval));
    if ((await Promise.race([interrupted.promise, pause])) === "interrupted") break;
  }
  draw.done();
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
}

async function run(flags: Flags): Promise<void> {
  const state = await readPickerState(flags.picker);
  if (flags.json) process.stdout.write(`${JSON.stringify(state, undefined, 2)}\n`);
  else if (process.stdout.isTTY && !flags.once) await live(flags);
  else process.stdout.write(`${renderStatus(view(flags.picker, state), { colour: process.stdout.isTTY })}\n`);
}

/** `attain status`. */
export function registerStatus(program: Command): void {
  program
    .command("status")
    .description("a picker's objectives and endpoints as a live table (once when piped)")
    .addOption(pickerUrlOption())
    .option("--interval <duration>", "time between two looks", duration, 1000)
    .option("--once", "print the table and end", false)
    .option("--json", "print one JSON document", false)
    .addOption(logLevelOption("warn"))
    .addHelpText("after", "\nExamples:\n  attain status\n  attain status --picker http://10.0.0.7:9090 --json")
    .action(run);
}
