import { expect, it } from "@jest/globals";
import { loadConfiguration } from "../../../../../picker/configuration/load.ts";
import { longestWaitMs } from "../../../../../picker/flow/deadline/longest-wait.ts";

const minute = 60_000;
const written = (section: string, gates = "[]"): string =>
  `apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nfeatureGates: ${gates}\nflowControl: ${section}\n`;

it.each([
  { name: "nothing is written", section: "{}", want: 11 * minute },
  { name: "cold starts are not learned", section: "{attain: {holdForZero: {learn: false}}}", want: 2 * minute },
  { name: "both limits are written", section: "{defaultRequestTTL: 2m, noEndpointRequestTTL: 3m}", want: 5 * minute },
  {
    name: "a band waits longer",
    section: "{noEndpointRequestTTL: 3m, priorityBands: [{priority: 4, defaultRequestTTL: 9m}]}",
    want: 12 * minute,
  },
  { name: "there is no TTL", section: "{defaultRequestTTL: 0s, noEndpointRequestTTL: 3m}", want: Infinity },
  { name: "there is no budget", section: "{noEndpointRequestTTL: 0s}", want: Infinity },
  { name: "it only observes", section: "{attain: {mode: observe}}", want: 0 },
  { name: "it is off", section: "{}", gates: "[flowControl=false]", want: 0 },
])("is $want ms where $name", ({ section, gates, want }) => {
  const { flow } = loadConfiguration(written(section, gates), {
    file: "epp.yaml",
    allowExperimental: false,
    refreshIntervalMs: 200,
  });
  expect(longestWaitMs(flow)).toBe(want);
});
