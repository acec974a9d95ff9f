import type { Expression } from "#promql";

/** What a person needs who was woken by an alert. */
export type RunbookSection = {
  /** One static sentence, the same for each of grouped alerts. */
  readonly summary: string;
  readonly dashboard: { readonly uid: string; readonly variables: readonly ("pool" | "objective" | "instance")[] };
  /** What users or operators notice. */
  readonly symptom: string;
  /** What the condition says, and what it does not. */
  readonly meaning: string;
  /** Three questions to ask first, the answer to each in one query. */
  readonly queries: readonly [Query, Query, Query];
  readonly causes: readonly string[];
  readonly fixes: readonly string[];
};

/** A question and the query that answers it. */
export type Query = { readonly question: string; readonly expression: Expression };
