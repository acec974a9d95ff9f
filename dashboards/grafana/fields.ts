import {
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DashboardLink,
  type DynamicConfigValue,
  type Threshold,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Colour } from "../colour.ts";
import type { TableColumn, TableLabel } from "../query.ts";
import type { Step } from "../step.ts";
import { grafanaUnits } from "../unit.ts";

export const fixedColour = (colour: Colour): DynamicConfigValue => ({
  id: "color",
  value: { mode: FieldColorModeId.Fixed, fixedColor: colour },
});

const thresholdsOf = (steps: readonly Step[]): Threshold[] =>
  steps.map(({ from, colour }) => ({ value: from ?? null, color: colour }));

export const thresholds = (steps: readonly Step[]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholdsOf(steps));

/** Words in the place of numbers, for each stretch between two steps. */
export const wordsOf = (steps: readonly Step[]): ValueMapping[] =>
  steps.flatMap(({ from, colour, text }, index): ValueMapping[] =>
    text === undefined
      ? []
      : [
          {
            type: MappingType.RangeToText,
            options: { from: from ?? null, to: beforeOf(steps[index + 1]), result: { text, color: colour, index } },
          },
        ],
  );

/** Ranges include both ends, so one that ends at the next step stops short of it. */
const beforeOf = (next: Step | undefined): number | null => (next?.from === undefined ? null : next.from - 1e-9);

/** Dashed, unfilled and beside the stack: a bound is no part of the values. */
export const boundProperties: readonly DynamicConfigValue[] = [
  { id: "custom.lineStyle", value: { fill: "dash", dash: [8, 6] } },
  { id: "custom.lineWidth", value: 1 },
  { id: "custom.fillOpacity", value: 0 },
  { id: "custom.stacking", value: { mode: "none", group: "bounds" } },
];

/** How a column of values looks. */
export const columnProperties = ({ title, unit, decimals, steps }: TableColumn): DynamicConfigValue[] => [
  { id: "displayName", value: title },
  { id: "unit", value: grafanaUnits[unit] },
  ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
  ...(steps === undefined
    ? []
    : [
        { id: "thresholds", value: { mode: ThresholdsMode.Absolute, steps: thresholdsOf(steps) } },
        { id: "mappings", value: wordsOf(steps) },
        { id: "custom.cellOptions", value: { type: "color-text" } },
      ]),
];

const fieldLink = (uid: string, labels: readonly string[]): Partial<DashboardLink> => ({
  title: "Open the detail",
  url: `/d/${uid}?\${__url_time_range}&\${datasource:queryparam}&${labels
    .map((label) => `var-${label}=\${__data.fields["${label}"]}`)
    .join("&")}`,
});

/** How the column of a label looks; `before` are the labels left of it. */
export const labelProperties = (
  { title, label, leadsTo }: TableLabel,
  before: readonly TableLabel[],
): DynamicConfigValue[] => [
  { id: "displayName", value: title },
  ...(leadsTo === undefined
    ? []
    : [{ id: "links", value: [fieldLink(leadsTo.uid, [...before.map((one) => one.label), label])] }]),
];
