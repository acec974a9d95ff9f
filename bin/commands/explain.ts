import type { Command } from "commander";
import { CodedError } from "#errors";
import { toSeconds, parseDuration } from "#units";
import { renderMisses } from "../../console/explain-misses.ts";
import { renderRequest } from "../../console/explain-request.ts";
import { groupMisses, lookNext } from "../../picker/decision/miss-cause.ts";
import { readDecisions } from "../admin-client.ts";
import { UsageError } from "../failure.ts";
import { logLevelOption, pickerUrlOption, positive } from "../options.ts";

/** No record of that id is kept. */
export class RecordNotFoundError extends CodedError<{ readonly code: "RECORD_NOT_FOUND"; readonly id: string }> {}

type RequestFlags = { readonly picker: string; readonly json: boolean };
type MissFlags = RequestFlags & { readonly objective?: string; readonly last?: string; readonly limit: number };

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const printJson = (value: unknown): void => print(JSON.stringify(value, undefined, 2));

async function explainRequest(id: string, { picker, json }: RequestFlags): Promise<void> {
  const { requests, nowMs } = await readDecisions(picker, { id, limit: 1 });
  const [record] = requests;
  if (record === undefined) {
    throw new RecordNotFoundError(
      { code: "RECORD_NOT_FOUND", id },
      `no record of request ${id} at ${picker}: it has not ended, another picker served it, or it is not kept any more (--kept-decisions)`,
    );
  }
  const context = { endedAgoSeconds: toSeconds(nowMs - record.endedAtMs), lookNext: lookNext(record) };
  if (json) printJson({ ...record, ...context });
  else print(renderRequest(record, context));
}

async function explainMisses({ picker, objective, last, limit, json }: MissFlags): Promise<void> {
  if (last !== undefined && parseDuration(last) === undefined) {
    throw new UsageError("--last", `found "${last}"; a duration such as 90s or 10m is allowed`);
  }
  const { requests, kept } = await readDecisions(picker, {
    verdict: "missed",
    limit,
    ...(objective !== undefined && { objective }),
    ...(last !== undefined && { since: last }),
  });
  const view = {
    objective,
    last,
    missed: requests.length,
    dropped: kept.remarkableDropped,
    truncated: requests.length === limit,
    groups: groupMisses(requests),
  };
  if (json) printJson(view);
  else print(renderMisses(view));
}

/** `attain explain …`. */
export function registerExplain(program: Command): void {
  const explain = program.command("explain").description("why a request went as it did, and why objectives are missed");
  explain
    .command("request <id>")
    .description("one request: its targets, where its time went, why it went to its endpoint")
    .addOption(pickerUrlOption())
    .option("--json", "print the record as JSON", false)
    .addOption(logLevelOption("warn"))
    .addHelpText(
      "after",
      "\nThe id is the request's x-request-id.\n\nExample: attain explain request 7d0c5b1e --picker http://10.0.0.7:9090",
    )
    .action(explainRequest);
  explain
    .command("misses")
    .description("misses by cause: dimension, where the time went, endpoint, reason")
    .addOption(pickerUrlOption())
    .option("--objective <name>", "only this objective")
    .option("--last <duration>", "only what ended within this time")
    .option("--limit <count>", "newest misses that are read, 5000 at most", positive, 2000)
    .option("--json", "print the groups as JSON", false)
    .addOption(logLevelOption("warn"))
    .addHelpText("after", "\nExample: attain explain misses --objective chat --last 10m")
    .action(explainMisses);
}
