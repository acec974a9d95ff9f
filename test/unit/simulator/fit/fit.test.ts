import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { stepTimeMs } from "../../../../simulator/engine/step-time.ts";
import { fitStepTime, fitTrace } from "../../../../simulator/fit/fit-step-time.ts";
import { leastRelativeSquares } from "../../../../simulator/fit/least-squares.ts";
import { errorTable, presetSource } from "../../../../simulator/fit/report.ts";
import { parseTrace } from "../../../../simulator/fit/trace.ts";
import { fittedStepTimes } from "../../../../simulator/fitted-step-times.ts";

const root = new URL("../../../../", import.meta.url);
const trace = fileURLToPath(new URL("../shared/data/traces/splitwise_perf_model.csv", root));
const header = "model,hardware,prompt_size,batch_size,token_size,prompt_time,token_time,tensor_parallel";

describe("leastRelativeSquares", () => {
  it("finds the coefficients of an exact law", () => {
    const equations = [1, 2, 5, 9].map((x) => ({ terms: [1, x], value: 3 + 2 * x }));
    const [a, b] = leastRelativeSquares(equations);
    expect(a).toBeCloseTo(3, 9);
    expect(b).toBeCloseTo(2, 9);
  });

  it("leaves a coefficient at 0 that would be negative", () => {
    const equations = [1, 2, 3].map((x) => ({ terms: [1, x], value: 10 - x }));
    const [a, b] = leastRelativeSquares(equations);
    expect(b).toBe(0);
    expect(a).toBeGreaterThan(7);
  });
});

describe("parseTrace", () => {
  it("reads columns by name", () => {
    expect(parseTrace(`${header}\nm,a100-80gb,512,2,128,400,50,4\n`)).toEqual([
      { group: "m-a100-tp4", promptTokens: 512, batchSize: 2, outputTokens: 128, promptMs: 400, tokenMs: 50 },
    ]);
  });

  it.each([
    { text: "model,hardware\n", want: 'line 1: no column "prompt_size"' },
    { text: `${header}\nm,a100,512,2,128,,50,4`, want: 'line 2: prompt_time is "", not a number' },
  ])("says what is wrong: $want", ({ text, want }) => expect(() => parseTrace(text)).toThrow(want));
});

describe("fitStepTime", () => {
  const law = {
    baseMs: 40,
    perSequenceMs: 0.5,
    perContextTokenMs: 0.001,
    prefillOffsetMs: -10,
    perPrefillTokenMs: 0.2,
    prefillKneeTokens: 2048,
    perPrefillTokenAboveKneeMs: 0.1,
  };
  const measure = (promptTokens: number, batchSize: number, promptFactor = 1) => ({
    group: "g",
    promptTokens,
    batchSize,
    outputTokens: 100,
    promptMs: promptFactor * stepTimeMs(law, { decodes: 0, contextTokens: 0, prefillTokens: promptTokens * batchSize }),
    tokenMs: stepTimeMs(law, { decodes: batchSize, contextTokens: batchSize * (promptTokens + 50), prefillTokens: 0 }),
  });
  const rows = [
    ...[1, 2, 4, 8, 16, 32].map((batch) => measure(512, batch)),
    ...[128, 256, 1024, 2048, 4096, 8192].map((prompt) => measure(prompt, 1)),
  ];

  it("recovers the law that made the measurements", () => {
    const { stepTime, promptError, tokenError } = fitStepTime("g", rows);
    for (const [name, value] of Object.entries(law)) {
      expect(stepTime[name as keyof typeof law] / value).toBeCloseTo(1, 3);
    }
    expect(promptError.p90).toBeLessThan(1e-3);
    expect(tokenError.p90).toBeLessThan(1e-3);
  });

  it("leaves out a batch that did not fit in memory, and says so", () => {
    const fitted = fitStepTime("g", [...rows, measure(512, 64, 0.05)]);
    expect(fitted.excludedBatchSizes).toEqual([64]);
    expect(fitted.stepTime).toEqual(fitStepTime("g", rows).stepTime);
    expect(errorTable([fitted])).toContain("| 64 |");
    expect(presetSource([fitted])).toContain('"g": {\n    baseMs: 40,');
  });
});

const withTrace = existsSync(trace) ? it : it.skip;
if (!existsSync(trace)) process.stderr.write(`skipped: committed presets against the trace, ${trace} is not there\n`);

describe("committed presets", () => {
  withTrace("are what the trace gives", () => {
    const groups = fitTrace(parseTrace(readFileSync(trace, "utf8")));
    expect(Object.fromEntries(groups.map(({ group, stepTime }) => [group, stepTime]))).toEqual(fittedStepTimes);
  });

  withTrace("have the errors that the documentation states", () => {
    const groups = fitTrace(parseTrace(readFileSync(trace, "utf8")));
    const documentation = readFileSync(fileURLToPath(new URL("docs/simulator.md", root)), "utf8");
    expect(documentation).toContain(errorTable(groups));
  });
});
