import type { Expression } from "#promql";
import type { Milliseconds } from "#units";
import type { AlertName } from "./alert-name.ts";

/** Who is woken: critical pages, warning is a ticket, info is for whoever looks. */
export type Severity = "critical" | "warning" | "info";

/** Writes one recorded series. */
export type RecordingRule = {
  readonly kind: "record";
  readonly record: string;
  readonly expression: Expression;
  readonly labels: Readonly<Record<string, string>>;
};

/** One alerting rule. */
export type AlertRule = {
  readonly kind: "alert";
  readonly alert: AlertName;
  readonly expression: Expression;
  readonly forMs: Milliseconds;
  /** How long it keeps firing after the condition ended; undefined = not at all. */
  readonly keepFiringMs?: Milliseconds;
  readonly severity: Severity;
  /** Beside the severity and the labels of the expression. */
  readonly labels?: Readonly<Record<string, string>>;
  /** A sentence with what was measured; a Go template. */
  readonly description: string;
};

/** Rules that Prometheus evaluates in order, every `intervalMs`. */
export type RuleGroup = {
  readonly name: string;
  readonly intervalMs: Milliseconds;
  readonly rules: readonly (RecordingRule | AlertRule)[];
};
