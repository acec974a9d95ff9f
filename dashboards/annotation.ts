import { alertNamePrefix, processMetrics } from "#metrics";
import { gt, increase, prometheusSeries, sumBy } from "#promql";
import { neutral, stateColours, type Colour } from "./colour.ts";
import { ofPicker, scoped } from "./scope.ts";

/** Marks over all panels of a dashboard, wherever the expression has a value. */
export type Annotation = {
  readonly name: string;
  readonly expression: string;
  readonly colour: Colour;
  /** Grafana templates of the mark's heading and text. */
  readonly title: string;
  readonly text: string;
};

const alerts = scoped(prometheusSeries.alerts, {
  pool: "$pool",
  alertname: { matches: `${alertNamePrefix}.*` },
  alertstate: "firing",
});
const reloads = scoped(processMetrics.configurationReloadsTotal, { namespace: ofPicker.namespace });

/** Alerts that fire and files that were reloaded, on every dashboard. */
export const annotations: readonly Annotation[] = [
  {
    name: "Alerts",
    expression: sumBy(["alertname", "objective", "severity"], alerts).text,
    colour: stateColours.bad,
    title: "{{alertname}}",
    text: "{{severity}} {{objective}}",
  },
  {
    name: "Reloads",
    expression: gt(sumBy(["file"], increase(reloads, "$__interval")), 0).text,
    colour: neutral,
    title: "Configuration reloaded",
    text: "{{file}}",
  },
];
