import { describe, expect, it } from "@jest/globals";
import { headerBasedTestingFilter } from "../../../../picker/scheduling/filters/header-based-testing.ts";
import { labelSelectorFilter } from "../../../../picker/scheduling/filters/label-selector.ts";
import { decodeFilter, encodeFilter, prefillFilter } from "../../../../picker/scheduling/filters/role.ts";
import type { PluginDefinition } from "../../../../picker/scheduling/plugin.ts";
import { allOf, contextOf, requestOf, snapshotOf } from "../../../support/scheduling-cycle.ts";

type Labels = Readonly<Record<string, string>>;

const kept = (filter: PluginDefinition, labels: readonly Labels[], parameters: unknown = {}, header?: string) => {
  const snapshot = snapshotOf(labels.map((one) => ({ labels: one })));
  const candidates = allOf(snapshot);
  const request = requestOf("", { header: (name) => (name === "test-epp-endpoint-selection" ? header : undefined) });
  const instance = filter.create(filter.parameters.parse(parameters), { random: () => 0 });
  instance.filter!(contextOf(snapshot, { request }), candidates);
  return [...candidates.indexes.subarray(0, candidates.count)];
};

describe("role filters", () => {
  const roles = [
    "decode",
    "prefill",
    "encode",
    "prefill-decode",
    "both",
    "encode-prefill",
    "encode-prefill-decode",
    "other",
  ];
  const labels: readonly Labels[] = [...roles.map((role) => ({ "llm-d.ai/role": role })), {}];
  it.each([
    { filter: decodeFilter, want: ["decode", "prefill-decode", "both", "encode-prefill-decode", "no label"] },
    { filter: prefillFilter, want: ["prefill", "prefill-decode", "both", "encode-prefill", "encode-prefill-decode"] },
    { filter: encodeFilter, want: ["encode", "encode-prefill", "encode-prefill-decode"] },
  ])("$filter.type", ({ filter, want }) =>
    expect(kept(filter, labels).map((index) => roles[index] ?? "no label")).toEqual(want),
  );
});

describe("label-selector-filter", () => {
  const labels = [{ app: "a", tier: "x" }, { app: "b" }, {}];
  it.each([
    { selector: {}, want: [0, 1, 2] },
    { selector: { matchLabels: { app: "a" } }, want: [0] },
    { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["a", "b"] }] }, want: [0, 1] },
    { selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["a"] }] }, want: [1, 2] },
    { selector: { matchExpressions: [{ key: "tier", operator: "Exists" }] }, want: [0] },
    { selector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] }, want: [1, 2] },
    {
      selector: { matchLabels: { app: "b" }, matchExpressions: [{ key: "tier", operator: "Exists", values: [] }] },
      want: [],
    },
  ])("$selector", ({ selector, want }) => expect(kept(labelSelectorFilter, labels, selector)).toEqual(want));

  it.each([
    { matchExpressions: [{ key: "app", operator: "In" }] },
    { matchExpressions: [{ key: "app", operator: "Exists", values: ["a"] }] },
    { matchExpressions: [{ key: "app", operator: "Gt", values: ["1"] }] },
    { matchLabel: {} },
  ])("refuses %j", (selector) => expect(labelSelectorFilter.parameters.safeParse(selector).success).toBe(false));
});

describe("header-based-testing-filter", () => {
  const three: readonly Labels[] = [{}, {}, {}];
  it.each([
    { header: "10.0.0.2:8000,10.0.0.0", want: [2, 0] },
    { header: "10.0.0.1:9999", want: [] },
    { header: "10.0.0.1, 10.0.0.1:8000", want: [1] },
    { header: "", want: [] },
    { header: undefined, want: [] },
  ])("keeps what the header lists, in its order: $header", ({ header, want }) =>
    expect(kept(headerBasedTestingFilter, three, {}, header)).toEqual(want),
  );
});
