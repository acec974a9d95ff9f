import type { Milliseconds, Tokens } from "#units";

/** One measured run of a batch: all prompts at once, then the output token by token. */
export type Measurement = {
  readonly group: string;
  readonly promptTokens: Tokens;
  readonly batchSize: number;
  readonly outputTokens: Tokens;
  /** The whole batch's prompts. */
  readonly promptMs: Milliseconds;
  /** One output token of every sequence of the batch, mean over the output. */
  readonly tokenMs: Milliseconds;
};

const columns = [
  "model",
  "hardware",
  "prompt_size",
  "batch_size",
  "token_size",
  "prompt_time",
  "token_time",
  "tensor_parallel",
];

/** `llama2-70b` on `a100-80gb` at 4 → `llama2-70b-a100-tp4`. */
const groupName = (model: string, hardware: string, tensorParallel: string): string =>
  `${model}-${hardware.replace("-80gb", "")}-tp${tensorParallel}`;

/**
 * Reads splitwise_perf_model.csv. Throws on a missing column or a value that is not a number, naming line and column.
 * Source: splitwise-sim's perf_model.csv; times are milliseconds.
 */
export function parseTrace(text: string): readonly Measurement[] {
  const [header = "", ...lines] = text.trim().split("\n");
  const names = header.trim().split(",");
  const at = columns.map((name) => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`trace line 1: no column "${name}"; there are ${names.join(", ")}`);
    return index;
  });
  return lines.map((line, i) => {
    const cells = line.trim().split(",");
    const cell = (column: number): string => cells[at[column]!] ?? "";
    const number = (column: number): number => {
      const value = Number(cell(column) || Number.NaN);
      if (Number.isNaN(value))
        throw new Error(`trace line ${i + 2}: ${columns[column]} is "${cell(column)}", not a number`);
      return value;
    };
    return {
      group: groupName(cell(0), cell(1), cell(7)),
      promptTokens: number(2),
      batchSize: number(3),
      outputTokens: number(4),
      promptMs: number(5),
      tokenMs: number(6),
    };
  });
}
