import type { Command } from "commander";
import { renderFindings } from "../../console/findings.ts";
import { diagnose } from "../../doctor/diagnose.ts";
import type { DoctorFlags } from "../doctor/flags.ts";
import { gather } from "../doctor/gather.ts";
import { defaultPickerUrl, logLevelOption, urlOption } from "../options.ts";

type Flags = Omit<DoctorFlags, "picker"> & { readonly picker?: string; readonly json: boolean };

/** Somebody who names nothing but files wants to know about the files. */
function pickerOf({ picker, gateway, ...files }: Flags): string | undefined {
  const { configFile, objectivesFile, endpointsFile, envoyConfig } = files;
  const onlyFiles = [configFile, objectivesFile, endpointsFile, envoyConfig].some((file) => file !== undefined);
  return picker ?? (onlyFiles && gateway === undefined ? undefined : defaultPickerUrl);
}

async function run(flags: Flags): Promise<void> {
  const findings = diagnose(await gather({ ...flags, picker: pickerOf(flags) }));
  const wrong = findings.filter(({ status }) => status === "wrong").length;
  const text = flags.json
    ? JSON.stringify({ wrong, findings }, undefined, 2)
    : renderFindings(findings, { colour: process.stdout.isTTY });
  process.stdout.write(`${text}\n`);
  if (wrong > 0) process.exitCode = 1;
}

/** `attain doctor`. */
export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "what is wired wrong between gateway, picker and model servers, and the exact fix; exit 1 if something is",
    )
    .addOption(
      urlOption("--picker <url>", `metrics port of the picker (${defaultPickerUrl}, unless only files are checked)`),
    )
    .addOption(urlOption("--gateway <url>", "send one short streamed request through this gateway"))
    .option("--model <name>", "model of that request (one that a model server names without it)")
    .option("--ext-proc-host <host>", "host that the gateway dials for ext-proc (that of --picker without it)")
    .option("--config-file <path>", "EndpointPickerConfig to check")
    .option("--objectives-file <path>", "InferenceObjective and InferenceSLO documents to check")
    .option("--endpoints-file <path>", "model servers to check and to scrape from here")
    .option("--envoy-config <path>", "Envoy bootstrap or config dump to check")
    .option("--json", "print the findings as JSON", false)
    .addOption(logLevelOption("warn"))
    .addHelpText(
      "after",
      "\nExamples:\n  attain doctor --gateway http://127.0.0.1:8080\n  attain doctor --objectives-file objectives.yaml --endpoints-file endpoints.yaml --envoy-config envoy.yaml",
    )
    .action(run);
}
