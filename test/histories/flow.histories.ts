/** Plays random histories of flow control: `node test/histories/flow.histories.ts [count] [first seed]`. */
import { History } from "./history.ts";

/** Its settings and steps, up to where it breaks. */
function retell(seed: number): readonly string[] {
  const lines: string[] = [];
  const history = new History(seed, (line) => void lines.push(line));
  const { trust: _, retryAfter: __, ...settings } = history.settings;
  const shown = JSON.stringify(settings, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
  try {
    history.play();
  } catch {
    return [shown, ...lines];
  }
  return ["it did not break when it was played again"];
}

const [count = 100_000, first = 1] = process.argv.slice(2).map(Number);
const startedAtMs = performance.now();
for (let seed = first; seed < first + count; seed++) {
  try {
    new History(seed).play();
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${retell(seed).join("\n")}\nseed ${seed}: ${told}\n`);
    process.exit(1);
  }
}
const seconds = (performance.now() - startedAtMs) / 1000;
process.stdout.write(
  `seeds ${first} to ${first + count - 1}: ${count} histories in ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)} a second\n`,
);
