import type { Random } from "#random";
import type { AdminRoute, Clock, Logger } from "#shell";
import type { Bytes, Milliseconds } from "#units";
import type { ResolvedConfiguration } from "../configuration/resolved.ts";
import type { TracingSettings } from "../tracing/settings.ts";
import type { EndpointsFrom, ObjectivesFrom } from "./configuration-files.ts";

/** Everything that a picker is told when it starts. */
export type PickerOptions = {
  readonly host: string;
  /** Ports: 0 takes a free one. */
  readonly grpcPort: number;
  readonly healthPort: number;
  readonly metricsPort: number;
  /** Name of the pool, on every series. */
  readonly pool: string;
  readonly secureServing: boolean;
  /** Directory of tls.crt and tls.key; undefined: self-signed. */
  readonly certificatePath: string | undefined;
  readonly reloadsCertificate: boolean;
  readonly configuration: ResolvedConfiguration;
  readonly endpoints: EndpointsFrom;
  readonly objectives: ObjectivesFrom;
  readonly scrapeIntervalMs: Milliseconds;
  /** Age from which an endpoint's metrics are stale. */
  readonly staleAfterMs: Milliseconds;
  readonly maxBodyBytes: number;
  readonly maxMessageBytes: number;
  readonly drainTimeoutMs: Milliseconds;
  readonly emitsEndpointScores: boolean;
  readonly usesSubsetHint: boolean;
  readonly stripsControlHeaders: boolean;
  /** Last requests kept for /debug/requests. */
  readonly keptDecisions: number;
  /** Memory that they may take, estimated; 16 MiB unless given. */
  readonly keptDecisionBytes?: Bytes | undefined;
  /** Undefined: nothing is traced, and the OpenTelemetry SDK is not loaded. */
  readonly tracing?: TracingSettings | undefined;
  /** Whether /metrics shows the field's names as well. */
  readonly compatMetrics?: boolean;
  /** Further paths of the metrics port: the live page, whose data is on /live/events. */
  readonly page?: ReadonlyMap<string, AdminRoute>;
  readonly version: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
};
