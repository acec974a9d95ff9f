import { readdir } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { compare, type Bench, type BenchResult } from "./compare.ts";

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});

const time = (ns: number): string =>
  ns < 1e3 ? `${ns.toFixed(0)} ns` : ns < 1e6 ? `${(ns / 1e3).toFixed(2)} µs` : `${(ns / 1e6).toFixed(2)} ms`;

const print = (result: BenchResult): void => {
  const spread = `${time(result.candidateMinNs)} … ${time(result.candidateMaxNs)}`;
  process.stdout.write(
    `  ${result.case}: ${time(result.candidateNs)} (${spread}), ${result.candidateBytes.toFixed(0)} B/op · ` +
      `${result.baselineName} ${time(result.baselineNs)}, ${result.baselineBytes.toFixed(0)} B/op · ratio ${result.ratio.toFixed(2)}\n`,
  );
};

const files = (await readdir(new URL(".", import.meta.url))).filter((file) => file.endsWith(".bench.ts")).toSorted();
const wanted = files.filter((file) => positionals.length === 0 || positionals.includes(file.replace(".bench.ts", "")));
if (wanted.length === 0) {
  process.stderr.write(`no such bench; known: ${files.map((file) => file.replace(".bench.ts", "")).join(", ")}\n`);
  process.exit(2);
}
const results: BenchResult[] = [];
for (const file of wanted) {
  const { bench } = (await import(`./${file}`)) as { readonly bench: Bench };
  if (!values.json) process.stdout.write(`${bench.name}\n`);
  for (const one of bench.cases()) {
    const result = compare(bench.name, one);
    results.push(result);
    if (!values.json) print(result);
  }
}
if (values.json) {
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    node: process.version,
    load: loadavg()[0],
  };
  process.stdout.write(`${JSON.stringify({ machine, results }, undefined, 2)}\n`);
}
