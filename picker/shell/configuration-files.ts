/** Files that the picker follows while it runs: a bad reload keeps what was in force, and is counted and told. */
import { formatProblem } from "#config";
import { processMetrics, type MetricRegistry } from "#metrics";
import type { ObjectiveTable } from "#objective";
import type { Logger } from "#shell";
import type { DiscoveredEndpoint } from "../state/snapshot-publisher.ts";
import { loadEndpointsFile } from "./file-discovery.ts";
import type { LoadedFile, ReloadFailure } from "./file-watch.ts";
import { loadObjectivesFile } from "./objectives-file.ts";

/** Where the pool's endpoints come from. */
export type EndpointsFrom =
  | { readonly kind: "file"; readonly path: string; readonly watch: boolean }
  | { readonly kind: "list"; readonly endpoints: readonly DiscoveredEndpoint[] };

/** Where objectives come from. */
export type ObjectivesFrom =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "table"; readonly table: ObjectiveTable };

/** A value that may change while the process runs. */
export interface Followed<T> {
  current(): T;
  /** Calls at each change after this. */
  onChange(run: (value: T) => void): void;
  stop(): void;
}

/** A value that stays. */
const constant = <T>(value: T): Followed<T> => ({ current: () => value, onChange: () => {}, stop: () => {} });

function tell(log: Logger, file: string, failure: ReloadFailure): void {
  const problems =
    failure.kind === "invalid" ? failure.problems.map((problem) => formatProblem(problem)) : [failure.error.message];
  log.error("reload refused, the previous content stays in force", { file, problems });
}

function follow<T, V>(
  file: string,
  { loaded, read, watch }: { readonly loaded: LoadedFile<T>; readonly read: (value: T) => V; readonly watch: boolean },
  registry: MetricRegistry,
  log: Logger,
): Followed<V> {
  let current = read(loaded.value);
  const listeners: ((value: V) => void)[] = [];
  const reloads = registry.counter(processMetrics.configurationReloadsTotal, { file });
  const failures = registry.counter(processMetrics.configurationReloadFailuresTotal, { file });
  const stop = watch
    ? loaded.watch({
        onReloaded: (value) => {
          current = read(value);
          reloads.add(1);
          log.info("reloaded", { file });
          for (const listener of listeners) listener(current);
        },
        onFailed: (failure) => {
          failures.add(1);
          tell(log, file, failure);
        },
      })
    : () => {};
  return { current: () => current, onChange: (run) => void listeners.push(run), stop };
}

/** @throws ConfigError, FileUnreadableError when the first content cannot be used */
export const followEndpoints = (
  from: EndpointsFrom,
  registry: MetricRegistry,
  log: Logger,
): Followed<readonly DiscoveredEndpoint[]> =>
  from.kind === "list"
    ? constant(from.endpoints)
    : follow(
        from.path,
        { loaded: loadEndpointsFile(from.path), read: (endpoints) => endpoints, watch: from.watch },
        registry,
        log,
      );

/** @throws ConfigError, FileUnreadableError when the first content cannot be used */
export const followObjectives = (
  from: ObjectivesFrom,
  registry: MetricRegistry,
  log: Logger,
): Followed<ObjectiveTable> =>
  from.kind === "table"
    ? constant(from.table)
    : follow(
        from.path,
        {
          loaded: loadObjectivesFile(from.path),
          read: ({ table, warnings }) => {
            for (const warning of warnings) log.warn("objectives", { problem: formatProblem(warning) });
            return table;
          },
          watch: true,
        },
        registry,
        log,
      );
