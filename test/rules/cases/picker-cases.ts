import type { Input, RuleCase } from "../promtool.ts";
import { counter, gauge, type Phase } from "../samples.ts";

const step = "30s";
const up = (instance: string, phases: readonly Phase[], job = "attain-picker"): Input =>
  gauge(`up{job="${job}",instance="${instance}"}`, phases);
const down = "AttainPickerDown critical";

export const downCases: readonly RuleCase[] = [
  {
    name: "one of two, for a while",
    step,
    inputs: [
      up("a", [[60, 1]]),
      up("b", [
        [20, 1],
        [10, 0],
        [30, 1],
      ]),
      up("c", [[60, 1]], "another"),
    ],
    checks: [
      // The last good scrape is at 9m30s, and stays in the window for 2 minutes.
      { at: "12m30s", firing: [] },
      { at: "13m", firing: [down] },
      { at: "19m30s", firing: [down] },
      { at: "20m", firing: [] },
    ],
  },
  {
    name: "one of three",
    step,
    inputs: [
      up("a", [[40, 1]]),
      up("b", [[40, 1]]),
      up("c", [
        [10, 1],
        [30, 0],
      ]),
    ],
    checks: [{ at: "20m", firing: [] }],
  },
  {
    name: "scrapes that fail now and then",
    step,
    inputs: [{ series: 'up{job="attain-picker",instance="a"}', values: "1 0 0 ".repeat(12).trim() }],
    checks: [
      { at: "10m", firing: [] },
      { at: "17m", firing: [] },
    ],
  },
  {
    name: "no target at all",
    step,
    inputs: [up("c", [[20, 1]], "another")],
    checks: [
      { at: "30s", firing: [] },
      { at: "1m", firing: [down] },
    ],
  },
];

const overloaded = "AttainPickerOverloaded warning";
const delay = (instance: string, values: string): Input => ({
  series: `attain_picker_event_loop_delay_seconds{job="attain-picker",instance="${instance}"}`,
  values,
});
const decisions = (slowShare: number, instance = "a"): readonly Input[] => {
  const bucket = (le: string, share: number): Input =>
    counter(`attain_picker_decision_duration_seconds_bucket{job="attain-picker",instance="${instance}",le="${le}"}`, [
      [50, 10_000 * share],
    ]);
  return [bucket("0.005", 0.5), bucket("0.01", 1 - slowShare), bucket("0.02", 1), bucket("+Inf", 1)];
};

const burstyDecisions: readonly Input[] = (["0.01", "0.02", "+Inf"] as const).map((le) =>
  counter(`attain_picker_decision_duration_seconds_bucket{job="attain-picker",instance="a",le="${le}"}`, [
    ...Array.from({ length: 4 }, (): Phase[] => [
      [1, le === "0.01" ? 600 : 1000],
      [9, 1000],
    ]).flat(),
    [20, 1000],
  ]),
);

/** `for` is 10 minutes. */
export const overloadedCases: readonly RuleCase[] = [
  {
    name: "an event loop that is late at each scrape of one picker",
    step,
    inputs: [delay("a", "0.01x19 0.06+0x40"), delay("b", "0.01x60")],
    checks: [
      // The last good scrape is at 9m30s, and stays in the window for 2 minutes.
      { at: "21m30s", firing: [] },
      { at: "22m", firing: [overloaded] },
    ],
  },
  {
    name: "an event loop that is late by 40 ms",
    step,
    inputs: [delay("a", "0.04x60")],
    checks: [{ at: "30m", firing: [] }],
  },
  {
    name: "an event loop that is late now and then",
    step,
    inputs: [delay("a", "0.2 0.2 0.2 0.01 ".repeat(15).trim())],
    checks: [{ at: "29m", firing: [] }],
  },
  {
    name: "2 % of the decisions of one picker above 10 ms",
    step,
    inputs: [...decisions(0.02), ...decisions(0, "b")],
    checks: [
      { at: "10m", firing: [] },
      { at: "10m30s", firing: [overloaded] },
    ],
  },
  {
    name: "0.8 % of the decisions above 10 ms",
    step,
    inputs: decisions(0.008),
    checks: [{ at: "20m", firing: [] }],
  },
  {
    name: "4 % of the decisions above 10 ms, all in one half minute of five, the last in minute 16",
    step,
    inputs: burstyDecisions,
    checks: [
      { at: "16m", firing: [overloaded] },
      { at: "19m30s", firing: [overloaded] },
      { at: "22m", firing: [] },
    ],
  },
];

const invalid = "AttainConfigInvalid warning";
const failures = (instance: string, file: string, phases: readonly Phase[]): Input =>
  counter(
    `attain_configuration_reload_failures_total{job="attain-picker",instance="${instance}",file="${file}"}`,
    phases,
  );

export const configCases: readonly RuleCase[] = [
  {
    name: "one refused reload",
    step: "1m",
    inputs: [
      failures("a", "objectives.yaml", [
        [20, 0],
        [1, 1],
        [30, 0],
      ]),
      failures("a", "endpoints.yaml", [[51, 0]]),
    ],
    checks: [
      { at: "20m", firing: [] },
      { at: "21m", firing: [invalid] },
      { at: "35m", firing: [invalid] },
      { at: "36m", firing: [] },
    ],
  },
];

const certificate = (expiresAtSeconds: number): Input =>
  gauge('attain_certificate_expiry_timestamp_seconds{job="attain-picker",instance="a"}', [[24 * 9, expiresAtSeconds]]);
const expiring = (severity: string): string => `AttainCertificateExpiring ${severity}`;
const day = 86_400;

export const certificateCases: readonly RuleCase[] = [
  {
    name: "a certificate that ends after eight days",
    step: "1h",
    inputs: [certificate(8 * day)],
    checks: [
      { at: "24h", firing: [] },
      { at: "25h", firing: [expiring("warning")] },
      { at: "168h", firing: [expiring("warning")] },
      { at: "169h", firing: [expiring("critical"), expiring("warning")] },
      { at: "200h", firing: [expiring("critical"), expiring("warning")] },
    ],
  },
  {
    name: "a certificate that is renewed on its last day",
    step: "1m",
    inputs: [
      gauge('attain_certificate_expiry_timestamp_seconds{job="attain-picker",instance="a"}', [
        [10, day - 3600],
        [20, 90 * day],
      ]),
    ],
    checks: [
      { at: "9m", firing: [expiring("critical"), expiring("warning")] },
      { at: "13m", firing: [expiring("critical")] },
      { at: "16m", firing: [] },
    ],
  },
  {
    name: "a certificate that was renewed",
    step: "1h",
    inputs: [certificate(90 * day)],
    checks: [{ at: "200h", firing: [] }],
  },
];
