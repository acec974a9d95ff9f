import { z } from "zod";
import { defineFilter } from "../define.ts";
import { keepWhere } from "./keep-where.ts";

/** The label that says which stages of a request a model server takes. Source: llm-d-router, plugins/scheduling/filter/bylabel. */
export const roleLabel = "llm-d.ai/role";

const roleFilter = (type: string, roles: readonly string[], withoutLabel: boolean) => {
  const accepted = new Set(roles);
  return defineFilter({
    type,
    stability: "beta",
    parameters: z.strictObject({}),
    create: () =>
      keepWhere(({ labels }) => {
        const role = labels[roleLabel];
        return role === undefined ? withoutLabel : accepted.has(role);
      }),
  });
};

export const decodeFilter = roleFilter(
  "decode-filter",
  ["decode", "prefill-decode", "both", "encode-prefill-decode"],
  true,
);

export const prefillFilter = roleFilter(
  "prefill-filter",
  ["prefill", "encode-prefill", "prefill-decode", "both", "encode-prefill-decode"],
  false,
);

export const encodeFilter = roleFilter("encode-filter", ["encode", "encode-prefill", "encode-prefill-decode"], false);
