/** Plays a scenario of flow control on a virtual clock and prints its figures. */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { coldStartScenario } from "./flow/cold-start.ts";
import { noisyTenantScenario } from "./flow/noisy-tenant.ts";
import { oneFullScenario } from "./flow/one-full.ts";
import { overloadScenario } from "./flow/overload.ts";
import type { Bar, Cell, Played } from "./flow/scenario.ts";
import { scrapeFreezeScenario } from "./flow/scrape-freeze.ts";

const scenarios = [
  overloadScenario,
  scrapeFreezeScenario,
  noisyTenantScenario,
  oneFullScenario,
  coldStartScenario,
] as const;

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});

const tableText = (head: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(row.map((cell) => String(cell ?? "–")));
  return table.toString();
};

const barRow = ({ figure, value, wanted, isMet }: Bar): readonly Cell[] => [
  figure,
  value,
  wanted,
  isMet ? "met" : "NOT MET",
];

function print(title: string, { table, bars }: Played): void {
  process.stdout.write(`${title}\n${tableText(table.head, table.rows)}\n`);
  process.stdout.write(`${tableText(["bar", "value", "wanted", ""], bars.map(barRow))}\n`);
}

const [name] = positionals;
const scenario = scenarios.find((one) => one.name === name);
if (scenario === undefined || positionals.length !== 1) {
  process.stderr.write(`which scenario? known: ${scenarios.map(({ name }) => name).join(", ")}\n`);
  process.exit(2);
}
const played = scenario.play();
if (values.json) process.stdout.write(`${JSON.stringify(played.figures, undefined, 2)}\n`);
else print(scenario.title, played);
