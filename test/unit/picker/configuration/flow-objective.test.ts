import { describe, expect, it } from "@jest/globals";
import { formatProblem } from "#config";
import { loadConfiguration } from "../../../../picker/configuration/load.ts";
import { fieldTrust } from "../../../../picker/flow/trust/settings.ts";

const load = (section: string) =>
  loadConfiguration(`apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nflowControl: {attain: ${section}}`, {
    file: "c",
    allowExperimental: false,
    refreshIntervalMs: 50,
  });
const trustOf = (section: string) => load(`{objective: ${section}}`).flow.trust;

describe("flowControl.attain.objective", () => {
  it("leaves everything as in the field where it is not written", () => expect(trustOf("{}")).toEqual(fieldTrust));

  it("becomes what requests are bound by", () =>
    expect(
      trustOf(`{
        trusted: [
          {namespace: attain.route, path: [objective]},
          {namespace: envoy.filters.http.jwt_authn, path: [payload, "https://x.y/tier"], objectives: {premium: chat}}],
        ceilings: [{namespace: envoy.filters.http.jwt_authn, path: [payload, ceiling]}],
        headers: [X-Class], allowed: [batch, chat], headerCeiling: -1, default: standard, unknown: lowest, unknownBand: refuse}`),
    ).toEqual({
      trusted: [
        { namespace: "attain.route", path: ["objective"], objectives: undefined },
        {
          namespace: "envoy.filters.http.jwt_authn",
          path: ["payload", "https://x.y/tier"],
          objectives: new Map([["premium", "chat"]]),
        },
      ],
      ceilings: [{ namespace: "envoy.filters.http.jwt_authn", path: ["payload", "ceiling"] }],
      headers: ["x-class"],
      headerObjectives: new Set(["batch", "chat"]),
      headerCeiling: -1,
      defaultObjective: "standard",
      unknownObjective: "lowest",
      unknownBand: "refuse",
    }));

  it.each([
    ["{trusted: [{namespace: a, path: []}]}", "trusted[0].path[0]: missing key"],
    ["{trusted: [{namespace: a, path: tier}]}", "trusted[0].path: wrong type"],
    ["{trusted: [{path: [tier]}]}", "trusted[0].namespace: missing key"],
    ["{trusted: [{namespace: a, path: [b], objectives: {gold: ''}}]}", "trusted[0].objectives.gold: too short"],
    ["{ceilings: [{namespace: a, path: [b], objectives: {}}]}", "ceilings[0].objectives: unknown key"],
    ["{headers: [a b]}", "headers[0]: wrong form"],
    ["{headerCeiling: 0.5}", "headerCeiling: wrong type"],
    ["{default: ''}", "default: too short"],
    ["{unknown: shed}", "unknown: not one of the allowed values"],
    ["{unknownBand: zero}", "unknownBand: not one of the allowed values"],
    ["{header: x}", "header: unknown key"],
  ])("refuses %s", (section, message) =>
    expect(() => trustOf(section)).toThrow(`flowControl.attain.objective.${message}`),
  );

  it("says what has no effect where clients may not choose", () =>
    expect(load("{objective: {headers: [], allowed: [a], headerCeiling: 1}}").warnings.map(formatProblem)).toEqual([
      "c:3:58: flowControl.attain.objective.allowed: has no effect without headers; found a list",
      "c:3:78: flowControl.attain.objective.headerCeiling: has no effect without headers; found 1",
    ]));
});

describe("late requests", () => {
  it("are demoted to −1 unless told otherwise", () => {
    expect(load("{}").flow.late).toMatchObject({ demoteTo: -1, byObjective: new Map() });
    expect(load("{deadlines: {demoteTo: -7, byObjective: {chat: demote, batch: serve}}}").flow.late).toMatchObject({
      demoteTo: -7,
      byObjective: new Map([
        ["chat", "demote"],
        ["batch", "serve"],
      ]),
    });
  });

  it.each([
    ["{demoteTo: 0}", "demoteTo: out of range"],
    ["{byObjective: {chat: drop}}", "byObjective.chat: not one of the allowed values"],
  ])("%s is refused", (section, message) =>
    expect(() => load(`{deadlines: ${section}}`)).toThrow(`flowControl.attain.deadlines.${message}`),
  );
});
