import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "#extproc";
import { ObjectiveTable } from "#objective";
import { ObjectiveResolver } from "../../../../../picker/flow/trust/resolve-objective.ts";
import { fieldTrust, type TrustSettings } from "../../../../../picker/flow/trust/settings.ts";

const priorities = { gold: 10, chat: 2, standard: 0, batch: -1, scraps: -5 } as const;
const table = new ObjectiveTable(
  Object.entries(priorities).map(([name, priority]) => ({
    objective: { namespace: "default", name, poolName: undefined, priority },
    level: undefined,
  })),
);

const header = "x-llm-d-inference-objective";
const alias = "x-gateway-inference-objective";
const jwt = "envoy.filters.http.jwt_authn";
const route = "attain.route";

const guarded: TrustSettings = {
  ...fieldTrust,
  trusted: [
    { namespace: route, path: ["objective"], objectives: undefined },
    { namespace: jwt, path: ["payload", "tier"], objectives: new Map([["premium", "chat"]]) },
  ],
  ceilings: [{ namespace: jwt, path: ["payload", "ceiling"] }],
  defaultObjective: "standard",
};

type Sent = { readonly headers?: Record<string, string>; readonly metadata?: Record<string, JsonObject> };

const resolve = (settings: TrustSettings, { headers = {}, metadata = {} }: Sent) =>
  new ObjectiveResolver(settings, table).resolve({
    header: (name) => headers[name],
    metadata: (namespace) => metadata[namespace],
  });

/** What matters of a resolution, in one line. */
const brief = (settings: TrustSettings, sent: Sent): string => {
  const one = resolve(settings, sent);
  if (one.kind === "refused") return `refused ${one.unknown.source} ${one.unknown.name}`;
  return [
    `${one.objective.name} ${one.priority} ${one.source}`,
    one.denied && `denied ${one.denied.reason} ${one.denied.asked}`,
    one.unknown && `unknown ${one.unknown.source} ${one.unknown.name}`,
    one.malformedMetadata && "malformed",
  ]
    .filter(Boolean)
    .join(", ");
};

const tier = (value: JsonValue, ceiling?: JsonValue): Record<string, JsonObject> => ({
  [jwt]: { payload: { tier: value, ...(ceiling === undefined ? {} : { ceiling }) } },
});
const asks = (name: string) => ({ [header]: name });

describe("ObjectiveResolver as the field has it", () => {
  it.each<[string, Sent, string]>([
    ["nothing", {}, "none 0 default"],
    ["a header", { headers: asks("chat") }, "chat 2 header"],
    ["the alias", { headers: { [alias]: "batch" } }, "batch -1 header"],
    ["the canonical spelling first", { headers: { [alias]: "batch", ...asks("chat") } }, "chat 2 header"],
    ["the alias behind an empty header", { headers: { [alias]: "batch", ...asks("") } }, "batch -1 header"],
    ["an unknown name", { headers: asks("chta") }, "unknown 0 default, unknown header chta"],
    ["a reserved name", { headers: asks("none") }, "unknown 0 default, unknown header none"],
    ["metadata that nobody configured", { metadata: { [route]: { objective: "gold" } } }, "none 0 default"],
  ])("%s", (_, sent, want) => expect(brief(fieldTrust, sent)).toBe(want));
});

describe("ObjectiveResolver with trusted sources", () => {
  const byRoute = (value: JsonValue) => ({ [route]: { objective: value } });
  it.each<[string, Sent, string]>([
    ["the default without any", {}, "standard 0 default"],
    ["the route's objective", { metadata: byRoute("gold") }, "gold 10 metadata"],
    ["a claim through its table", { metadata: tier("premium") }, "chat 2 metadata"],
    ["the first of two", { metadata: { ...byRoute("batch"), ...tier("premium") } }, "batch -1 metadata"],
    ["the next where the first is empty", { metadata: { ...byRoute(""), ...tier("premium") } }, "chat 2 metadata"],
    ["a lower choice", { metadata: tier("premium"), headers: asks("batch") }, "batch -1 header"],
    ["an equal choice", { metadata: tier("premium"), headers: asks("chat") }, "chat 2 header"],
    [
      "no higher choice",
      { metadata: tier("premium"), headers: asks("gold") },
      "chat 2 metadata, denied above-ceiling gold",
    ],
    [
      "no choice above the default without a grant",
      { headers: asks("chat") },
      "standard 0 default, denied above-ceiling chat",
    ],
    ["a lower choice without a grant", { headers: asks("scraps") }, "scraps -5 header"],
    ["a choice up to the ceiling", { metadata: tier("premium", 10), headers: asks("gold") }, "gold 10 header"],
    [
      "a ceiling by name",
      { metadata: tier("premium", "batch"), headers: asks("chat") },
      "chat -1 metadata, denied above-ceiling chat",
    ],
    ["a grant cut to the ceiling", { metadata: tier("premium", 1) }, "chat 1 metadata"],
    [
      "an unreadable ceiling as the grant",
      { metadata: tier("premium", 2.5), headers: asks("gold") },
      "chat 2 metadata, denied above-ceiling gold, malformed",
    ],
    [
      "an unknown ceiling as the grant",
      { metadata: tier("premium", "root"), headers: asks("gold") },
      "chat 2 metadata, denied above-ceiling gold, malformed",
    ],
    ["a value its table lacks as unknown", { metadata: tier("gold") }, "standard 0 default, unknown metadata gold"],
    [
      "a malformed first source, and no second",
      { metadata: { ...byRoute(7), ...tier("premium") } },
      "standard 0 default, malformed",
    ],
    [
      "an unknown choice as no choice",
      { metadata: tier("premium"), headers: asks("x") },
      "chat 2 metadata, unknown header x",
    ],
    [
      "nothing from a prototype",
      { metadata: { [route]: {}, [jwt]: { payload: {} } }, headers: asks("constructor") },
      "standard 0 default, unknown header constructor",
    ],
  ])("gives %s", (_, sent, want) => expect(brief(guarded, sent)).toBe(want));

  it.each<[string, Partial<TrustSettings>, Sent, string]>([
    [
      "an objective that clients may not choose",
      { headerObjectives: new Set(["batch"]) },
      { headers: asks("scraps") },
      "standard 0 default, denied not-allowed scraps",
    ],
    ["any header where none is listed", { headers: [] }, { headers: asks("batch") }, "standard 0 default"],
    [
      "a header beyond the configured ceiling",
      { headerCeiling: 2 },
      { headers: asks("gold") },
      "standard 0 default, denied above-ceiling gold",
    ],
  ])("does not heed %s", (_, settings, sent, want) => expect(brief({ ...guarded, ...settings }, sent)).toBe(want));

  it("heeds a header up to the configured ceiling", () =>
    expect(brief({ ...guarded, headerCeiling: 2 }, { headers: asks("chat") })).toBe("chat 2 header"));

  it.each<[string, Sent, string]>([
    [
      "could not be used",
      { metadata: byRoute(7), headers: asks("chat") },
      "standard 0 default, denied above-ceiling chat, malformed",
    ],
    [
      "named nothing known",
      { metadata: tier("gold"), headers: asks("chat") },
      "standard 0 default, denied above-ceiling chat, unknown metadata gold",
    ],
  ])("does not take the configured ceiling for silence where a trusted source %s", (_, sent, want) =>
    expect(brief({ ...guarded, headerCeiling: 2 }, sent)).toBe(want),
  );

  it.each<[TrustSettings["unknownObjective"], Sent, string]>([
    ["refuse", { headers: asks("x") }, "refused header x"],
    ["refuse", { metadata: tier("x"), headers: asks("batch") }, "refused metadata x"],
    ["lowest", { headers: asks("x") }, "unknown -5 header, unknown header x"],
    ["lowest", { metadata: tier("x") }, "unknown -5 metadata, unknown metadata x"],
    [
      "lowest",
      { metadata: tier("x"), headers: asks("batch") },
      "unknown -5 metadata, denied above-ceiling batch, unknown metadata x",
    ],
    ["default", { headers: asks("x") }, "standard 0 default, unknown header x"],
  ])("with %s, %j gives %s", (unknownObjective, sent, want) =>
    expect(brief({ ...guarded, unknownObjective }, sent)).toBe(want),
  );

  it.each<[TrustSettings["unknownObjective"], string]>([
    ["default", "unknown 0 default, unknown default gone"],
    ["refuse", "unknown 0 default, unknown default gone"],
    ["lowest", "unknown -5 default, unknown default gone"],
  ])("with %s, reports a default that nobody configured and refuses nothing for it", (unknownObjective, want) =>
    expect(brief({ ...guarded, unknownObjective, defaultObjective: "gone" }, {})).toBe(want),
  );
});

describe("no client", () => {
  const names = Object.keys(priorities);
  const name = fc.oneof(fc.constantFrom(...names, "unknown", "none", "constructor"), fc.string());
  const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const claim = optional(fc.oneof(fc.constantFrom("premium", ...names), fc.integer(), fc.string(), fc.constant(null)));
  const settings = fc.record({
    headerObjectives: optional(fc.constant(new Set(["batch", "gold"]))),
    headers: fc.constantFrom([], [header], [header, alias]),
    defaultObjective: optional(fc.constantFrom("standard", "chat", "batch", "gone")),
    unknownObjective: fc.constantFrom("default" as const, "refuse" as const, "lowest" as const),
  });
  const metadataOf = (value: JsonValue | undefined, ceiling: JsonValue | undefined): Record<string, JsonObject> => ({
    [jwt]: {
      payload: { ...(value === undefined ? {} : { tier: value }), ...(ceiling === undefined ? {} : { ceiling }) },
    },
  });

  it("gets more by a header than without it, or than the ceiling it was given", () => {
    fc.assert(
      fc.property(settings, claim, claim, name, name, (some, value, ceiling, first, second) => {
        const all = { ...guarded, ...some };
        const metadata = metadataOf(value, ceiling);
        const without = resolve(all, { metadata });
        const chosen = resolve(all, { metadata, headers: { [header]: first, [alias]: second } });
        if (chosen.kind === "refused") return;
        if (without.kind === "refused") throw new Error("a header lifted a refusal");
        const named = table.entries.find((entry) => entry.name === ceiling && entry.configured)?.priority;
        const limit = typeof ceiling === "number" ? ceiling : (named ?? -Infinity);
        expect(chosen.priority).toBeLessThanOrEqual(Math.max(without.priority, limit));
        if (typeof ceiling === "number") expect(chosen.priority).toBeLessThanOrEqual(ceiling);
      }),
      { numRuns: 2000 },
    );
  });

  it("has its choice refused in silence", () => {
    fc.assert(
      fc.property(settings, claim, claim, name, (some, value, ceiling, asked) => {
        const all = { ...guarded, ...some };
        const metadata = metadataOf(value, ceiling);
        const one = resolve(all, { metadata, headers: asks(asked) });
        if (all.headers.length === 0 || asked === "" || one.kind === "refused") return;
        const heeded = one.source === "header" && one.objective.name === asked;
        expect(heeded || one.denied !== undefined || one.unknown !== undefined).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves its class by a name that nobody configured, except for the lowest priority", () => {
    const unconfigured = fc.string({ minLength: 1 }).filter((text) => !names.includes(text));
    fc.assert(
      fc.property(settings, claim, claim, unconfigured, (some, value, ceiling, asked) => {
        const all = { ...guarded, ...some };
        const metadata = metadataOf(value, ceiling);
        const without = resolve(all, { metadata });
        const one = resolve(all, { metadata, headers: asks(asked) });
        if (one.kind === "refused" || without.kind === "refused" || !without.objective.configured) return;
        if (one.objective === without.objective) return;
        expect(all.unknownObjective).toBe("lowest");
        expect(one.priority).toBeLessThanOrEqual(priorities.scraps);
      }),
    );
  });

  it("puts its own text into what may be a label", () => {
    const labels = new Set(table.entries.map((entry) => entry.name));
    fc.assert(
      fc.property(settings, claim, name, (some, value, asked) => {
        const one = resolve({ ...guarded, ...some }, { metadata: metadataOf(value, undefined), headers: asks(asked) });
        if (one.kind === "refused") return;
        expect(labels.has(one.objective.name)).toBe(true);
        if (one.denied) expect(names).toContain(one.denied.asked);
      }),
    );
  });
});
