import { unreachable } from "#errors";
import type { Endpoint } from "#pool";
import { z } from "zod";
import { defineFilter } from "../define.ts";
import { keepWhere } from "./keep-where.ts";

const key = z.string().min(1);
const requirement = z.discriminatedUnion("operator", [
  z.strictObject({ key, operator: z.enum(["In", "NotIn"]), values: z.array(z.string()).min(1) }),
  z.strictObject({ key, operator: z.enum(["Exists", "DoesNotExist"]), values: z.array(z.string()).max(0).optional() }),
]);

const selector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z.array(requirement).default([]),
});

/** A Kubernetes LabelSelector (meta/v1): every part must hold; an empty one holds for all. */
export type LabelSelector = z.infer<typeof selector>;

function meets(labels: Endpoint["labels"], requirement: LabelSelector["matchExpressions"][number]): boolean {
  const value = labels[requirement.key];
  switch (requirement.operator) {
    case "In":
      return value !== undefined && requirement.values.includes(value);
    case "NotIn":
      return value === undefined || !requirement.values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return unreachable(requirement);
  }
}

export const labelSelectorFilter = defineFilter({
  type: "label-selector-filter",
  stability: "beta",
  parameters: selector,
  create({ matchLabels, matchExpressions }) {
    const exact = Object.entries(matchLabels);
    return keepWhere(
      ({ labels }) =>
        exact.every(([key, value]) => labels[key] === value) && matchExpressions.every((one) => meets(labels, one)),
    );
  },
});
