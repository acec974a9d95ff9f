import type { Input } from "./promtool.ts";

/** So many steps with so much added in each; `undefined` for steps without a sample. */
export type Phase = readonly [steps: number, perStep: number | undefined];

/** A counter that starts at 0, in promtool's notation. A negative number of steps restarts it at 0 first. */
export function counter(series: string, phases: readonly Phase[], restartAfter?: number): Input {
  const parts = ["0"];
  let value = 0;
  phases.forEach(([steps, perStep], i) => {
    if (i === restartAfter) value = 0;
    if (steps === 0) return;
    if (perStep === undefined) parts.push(`_x${steps}`);
    else {
      parts.push(`${value + perStep}+${perStep}x${steps - 1}`);
      value += perStep * steps;
    }
  });
  return { series, values: parts.join(" ") };
}

/** A gauge: so many samples of a value, one phase after the other. */
export const gauge = (series: string, phases: readonly Phase[]): Input => ({
  series,
  values: phases
    .filter(([steps]) => steps > 0)
    .map(([steps, value]) => (value === undefined ? `_x${steps}` : `${value}+0x${steps - 1}`))
    .join(" "),
});

/** Judged requests of objective chat of pool p: so many steps, so many met and missed in each. */
export type Traffic = readonly (readonly [steps: number, met: number, missed: number])[];

/** The two counters of judged requests as one picker exposes them; `restartAfter` names the phase before which it restarts. */
export function requests(traffic: Traffic, instance = "a", restartAfter?: number): readonly Input[] {
  const series = (verdict: string): string =>
    `attain_objective_requests_total{pool="p",objective="chat",verdict="${verdict}",instance="${instance}"}`;
  return [
    counter(
      series("met"),
      traffic.map(([steps, met]) => [steps, met]),
      restartAfter,
    ),
    counter(
      series("missed"),
      traffic.map(([steps, , missed]) => [steps, missed]),
      restartAfter,
    ),
  ];
}

/** Promtool's notation of so many minutes. */
export const minutes = (count: number): string => `${Math.round(count * 60)}s`;
