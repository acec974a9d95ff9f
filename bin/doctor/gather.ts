/** Gathers what the doctor judges: files, the picker's pages, ports, one request through the gateway. */
import { readFileSync } from "node:fs";
import { messageOf } from "#errors";
import { systemClock } from "#shell";
import { toMilliseconds, type Milliseconds } from "#units";
import { parse } from "yaml";
import type { Facts, ScrapeFacts } from "../../doctor/facts.ts";
import { defaultConfiguration } from "../../picker/configuration/load.ts";
import { longestWaitMs } from "../../picker/flow/deadline/longest-wait.ts";
import type { ResolvedConfiguration } from "../../picker/configuration/resolved.ts";
import type { DiscoveredEndpoint } from "../../picker/state/snapshot-publisher.ts";
import { readPickerState, type PickerState } from "../admin-client.ts";
import type { DoctorFlags } from "./flags.ts";
import { readConfiguration, readEndpoints, readObjectives } from "./files.ts";
import { gatewayFacts } from "./gateway.ts";
import { pickerFacts } from "./picker.ts";
import { scrapeAll } from "./scrapes.ts";

function readEnvoy(path: string | undefined): Facts["envoy"] {
  if (path === undefined) return undefined;
  try {
    return { path, document: parse(readFileSync(path, "utf8")) as unknown, unreadable: undefined };
  } catch (error) {
    return { path, document: undefined, unreadable: `${path}: ${messageOf(error)}` };
  }
}

const stateOf = (picker: string): Promise<PickerState | Error> =>
  readPickerState(picker).catch((error: unknown) => (error instanceof Error ? error : new Error(messageOf(error))));

/** What is scraped: the file's endpoints; without a file nothing, since the picker says how its own scrapes go. */
function scrapesOf(
  endpoints: readonly DiscoveredEndpoint[] | undefined,
  configuration: ResolvedConfiguration | undefined,
): Promise<readonly ScrapeFacts[]> {
  const { metrics } = configuration ?? defaultConfiguration();
  return endpoints === undefined || metrics === undefined ? Promise.resolve([]) : scrapeAll(endpoints, metrics);
}

/** What the running picker says counts; without one, the file; without that, the defaults. */
function longestWaitOf(
  answered: PickerState | undefined,
  configuration: ResolvedConfiguration | undefined,
): Milliseconds {
  if (answered === undefined) return longestWaitMs((configuration ?? defaultConfiguration()).flow);
  const { longestWaitSeconds } = answered.flow;
  return longestWaitSeconds === null ? Number.POSITIVE_INFINITY : toMilliseconds(longestWaitSeconds);
}

export async function gather(flags: DoctorFlags): Promise<Facts> {
  const objectives = flags.objectivesFile === undefined ? undefined : readObjectives(flags.objectivesFile);
  const configuration = flags.configFile === undefined ? undefined : readConfiguration(flags.configFile);
  const endpoints = flags.endpointsFile === undefined ? undefined : readEndpoints(flags.endpointsFile);
  const { picker } = flags;
  const state = picker === undefined ? undefined : await stateOf(picker);
  const answered = state instanceof Error ? undefined : state;
  const scrapes = await scrapesOf(endpoints?.endpoints, configuration?.configuration);
  return {
    nowMs: systemClock.wallMs(),
    picker:
      picker === undefined || state === undefined ? undefined : await pickerFacts(picker, flags.extProcHost, state),
    objectivesFile: objectives,
    configFile: configuration?.facts,
    endpointsFile: endpoints?.facts,
    scrapes,
    gateway: picker === undefined ? undefined : await gatewayFacts(picker, flags, answered),
    longestWaitMs: longestWaitOf(answered, configuration?.configuration),
    envoy: readEnvoy(flags.envoyConfig),
  };
}
