/** Configuration files as the picker reads them, with everything that is wrong or odd about them. */
import { ConfigError, maxConfigBytes, type ConfigProblem } from "#config";
import { messageOf } from "#errors";
import { decodeObjectives } from "#kubernetes";
import { FileUnreadableError, readTextFile } from "#shell";
import type { FileFacts, ObjectiveFacts } from "../../doctor/facts.ts";
import { loadConfiguration } from "../../picker/configuration/load.ts";
import type { ResolvedConfiguration } from "../../picker/configuration/resolved.ts";
import { decodeEndpoints } from "../../picker/state/endpoints-file.ts";
import { engineSelector } from "../../picker/state/engine-config.ts";
import type { DiscoveredEndpoint } from "../../picker/state/snapshot-publisher.ts";

type Read<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly ConfigProblem[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[]; readonly unreadable: string | undefined };

/** Reads a file and turns what is thrown about its content into problems. */
function read<T>(path: string, decode: (text: string) => Read<T>): Read<T> {
  try {
    return decode(readTextFile(path, maxConfigBytes));
  } catch (error) {
    if (error instanceof ConfigError) return { ok: false, problems: error.data.problems, unreadable: undefined };
    const unreadable = error instanceof FileUnreadableError ? error.message : `${path}: ${messageOf(error)}`;
    return { ok: false, problems: [], unreadable };
  }
}

const factsOf = <T, C>(path: string, result: Read<T>, contentOf: (value: T) => C): FileFacts<C> =>
  result.ok
    ? { path, problems: [], unreadable: undefined, warnings: result.warnings, content: contentOf(result.value) }
    : { path, problems: result.problems, unreadable: result.unreadable, warnings: [], content: undefined };

export function readObjectives(path: string): FileFacts<readonly ObjectiveFacts[]> {
  const result = read(path, (text) => {
    const decoded = decodeObjectives(text, { file: path });
    return decoded.ok
      ? { ok: true, value: decoded.value.objectives, warnings: decoded.value.warnings }
      : { ok: false, problems: decoded.problems, unreadable: undefined };
  });
  return factsOf(path, result, (objectives) =>
    objectives.map(({ objective: { namespace, name, poolName }, level }) => ({
      namespace,
      name,
      poolName,
      hasTargets: level !== undefined,
    })),
  );
}

export type ReadConfiguration = {
  readonly facts: FileFacts<undefined>;
  readonly configuration: ResolvedConfiguration | undefined;
};

/** Alpha plugins are let in: whether they run is decided by a flag of the picker, not by the file. */
export function readConfiguration(path: string): ReadConfiguration {
  const result = read(path, (text) => {
    const value = loadConfiguration(text, { file: path, allowExperimental: true, refreshIntervalMs: 50 });
    if (value.metrics !== undefined) engineSelector(value.metrics.extractor);
    return { ok: true, value, warnings: value.warnings };
  });
  return { facts: factsOf(path, result, () => undefined), configuration: result.ok ? result.value : undefined };
}

export type ReadEndpoints = {
  readonly facts: FileFacts<readonly string[]>;
  readonly endpoints: readonly DiscoveredEndpoint[] | undefined;
};

export function readEndpoints(path: string): ReadEndpoints {
  const result = read(path, (text) => {
    const decoded = decodeEndpoints(text, { file: path });
    return decoded.ok
      ? { ok: true, value: decoded.value, warnings: [] }
      : { ok: false, problems: decoded.problems, unreadable: undefined };
  });
  const facts = factsOf(path, result, (endpoints) => endpoints.map(({ namespace, name }) => `${namespace}/${name}`));
  return { facts, endpoints: result.ok ? result.value : undefined };
}
