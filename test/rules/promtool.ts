import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "@jest/globals";
import { stringify } from "yaml";
import type { RuleDocument } from "../../alerts/rule-document.ts";

/** A series of samples, one each step, in promtool's notation. */
export type Input = { readonly series: string; readonly values: string };

/** What must hold at an instant after the first sample. */
export type Check =
  /** Exactly these alerts fire, each as `name severity` and, of burn rates, ` fast` or ` slow`; `among` one severity only. */
  | { readonly at: string; readonly firing: readonly string[]; readonly among?: "critical" | "warning" | "info" }
  /** An expression has exactly this one sample, or none. */
  | { readonly at: string; readonly expression: string; readonly sample: Sample | undefined }
  /** The alert of this name fires once, with exactly these labels beside its name, and its templates filled in. */
  | { readonly at: string; readonly alert: string; readonly labels: Texts; readonly annotations: Texts };
type Texts = Readonly<Record<string, string>>;
type Sample = { readonly labels: string; readonly value: number };

/** Samples over time, and what the rules say of them. */
export type RuleCase = {
  readonly name: string;
  /** Between samples and between evaluations. */
  readonly step: string;
  readonly inputs: readonly Input[];
  readonly checks: readonly Check[];
};

const found = spawnSync("promtool", ["--version"]).status === 0;
if (!found) {
  const notice = "promtool is not installed (Debian: apt-get install prometheus): the rules cannot be tested";
  if (process.env["CI"] === "true") throw new Error(notice);
  process.stderr.write(`${notice}; skipped\n`);
}
/** `describe`, or its skipping form on a developer's machine without promtool. In CI its absence is an error. */
export const describeWithPromtool = found ? describe : describe.skip;

const runPromtool = (args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile("promtool", [...args], { maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) => resolve(stdout + stderr));
  });

function sampleOf(alert: string): object {
  const [name, severity, burn] = alert.split(" ");
  const labels = `alertname="${name}",severity="${severity}"${burn === undefined ? "" : `,burn="${burn}"`}`;
  return { labels: `{${labels}}`, value: 1 };
}

type AlertCheck = Extract<Check, { readonly alert: string }>;
const isAlertCheck = (check: Check): check is AlertCheck => "alert" in check;

const alertTest = ({ at, alert, labels, annotations }: AlertCheck): object => ({
  eval_time: at,
  alertname: alert,
  exp_alerts: [{ exp_labels: labels, exp_annotations: annotations }],
});

function expressionTest(check: Exclude<Check, AlertCheck>): object {
  if ("expression" in check) {
    const { at, expression, sample } = check;
    return { expr: expression, eval_time: at, exp_samples: sample === undefined ? [] : [sample] };
  }
  const severity = check.among === undefined ? "" : `,severity="${check.among}"`;
  return {
    expr: `count by (alertname, severity, burn) (ALERTS{alertstate="firing"${severity}})`,
    eval_time: check.at,
    exp_samples: check.firing.map(sampleOf),
  };
}

const testFile = (rules: string, { name, step, inputs, checks }: RuleCase): object => ({
  rule_files: [rules],
  evaluation_interval: step,
  tests: [
    {
      name,
      interval: step,
      input_series: inputs,
      alert_rule_test: checks.filter(isAlertCheck).map(alertTest),
      promql_expr_test: checks.flatMap((check) => (isAlertCheck(check) ? [] : [expressionTest(check)])),
    },
  ],
});

/** Writes files into a folder of their own that is gone afterwards. */
async function inFolder<T>(files: Readonly<Record<string, string>>, run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "attain-rules-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the cases against the rules. @returns what promtool says of those that fail, by name; empty when all hold */
export function failuresOf(
  document: RuleDocument,
  cases: readonly RuleCase[],
): Promise<Readonly<Record<string, string>>> {
  const fileOf = (i: number): string => `case-${i}.yaml`;
  const files = {
    "rules.yaml": stringify(document),
    ...Object.fromEntries(cases.map((rule, i) => [fileOf(i), stringify(testFile("rules.yaml", rule))])),
  };
  return inFolder(files, async (folder) => {
    const output = await runPromtool(["test", "rules", ...cases.map((_, i) => join(folder, fileOf(i)))]);
    const reports = output.split("Unit Testing:").slice(1);
    if (reports.length !== cases.length) throw new Error(`promtool: ${output}`);
    return Object.fromEntries(
      reports.flatMap((report, i) => (report.trimEnd().endsWith("SUCCESS") ? [] : [[cases[i]!.name, report]])),
    );
  });
}

/** What `promtool check rules` says of the rule file; it must say SUCCESS and nothing of lint. */
export const lint = (text: string): Promise<string> =>
  inFolder({ "rules.yaml": text }, (folder) =>
    runPromtool(["check", "rules", "--lint=all", "--lint-fatal", join(folder, "rules.yaml")]),
  );
