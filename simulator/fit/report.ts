import type { FitError, FittedGroup } from "./fit-step-time.ts";

const percentText = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
const cells = ({ configurations, median, p90 }: FitError): string =>
  `${configurations} | ${percentText(median)} | ${percentText(p90)}`;

/** The error table as Markdown. */
export const errorTable = (groups: readonly FittedGroup[]): string =>
  [
    "| preset | prompt_time: configurations | median error | p90 error | token_time: configurations | median error | p90 error | batches left out |",
    "|---|---|---|---|---|---|---|---|",
    ...groups.map(
      ({ group, promptError, tokenError, excludedBatchSizes }) =>
        `| ${group} | ${cells(promptError)} | ${cells(tokenError)} | ${excludedBatchSizes.join(", ") || "none"} |`,
    ),
  ].join("\n");

/** The source text of `simulator/fitted-step-times.ts`. */
export const presetSource = (groups: readonly FittedGroup[]): string =>
  [
    'import type { StepTimeModel } from "./engine/step-time.ts";',
    "",
    "/** Printed by `node simulator/fit/fit.ts`; a test fits again and compares. */",
    "export const fittedStepTimes = {",
    ...groups.flatMap(({ group, stepTime }) => [
      `  "${group}": {`,
      ...Object.entries(stepTime).map(([name, value]) => `    ${name}: ${value},`),
      "  },",
    ]),
    "} as const satisfies Readonly<Record<string, StepTimeModel>>;",
    "",
  ].join("\n");
