/** Where a number turns from good to bad, the same on every dashboard. */
import { neutral, stateColours, type Colour } from "./colour.ts";
import type { Step } from "./step.ts";

const { good, warning, bad } = stateColours;

/** Of a burn rate: 1 spends the budget exactly over the period, 6 spends that of 28 days in under five. */
export const spendWords: readonly Step[] = [
  { from: undefined, colour: good, text: "within budget" },
  { from: 1, colour: warning, text: "too fast" },
  { from: 6, colour: bad, text: "burning" },
];
export const spendSteps: readonly Step[] = spendWords.map(({ from, colour }) => ({ from, colour }));

/** Of what is left of an error budget. */
export const budgetSteps: readonly Step[] = [
  { from: undefined, colour: bad },
  { from: 0, colour: warning },
  { from: 0.25, colour: good },
];

/** Of attainment above its target. */
export const marginSteps: readonly Step[] = [
  { from: undefined, colour: bad },
  { from: 0, colour: good },
];

/** Of a count where any is worth a colour. */
export const oneOrMore = (colour: Colour): readonly Step[] => [
  { from: undefined, colour: neutral },
  { from: 1, colour },
];

/** Of a share that should be 0. */
export const aboveNone = (colour: Colour): readonly Step[] => [
  { from: undefined, colour: neutral },
  { from: 0.000_001, colour },
];
