/** What matters to the picker in an Envoy bootstrap or config dump, wherever it stands in the document. */
import { toMilliseconds, type Milliseconds } from "#units";

type Fields = Readonly<Record<string, unknown>>;

export type ExtProcSettings = {
  readonly cluster: string | undefined;
  readonly modes: Readonly<Record<string, string | undefined>>;
  /** Undefined: not set, so Envoy's 200 ms count. */
  readonly messageTimeoutMs: Milliseconds | undefined;
  readonly failureModeAllow: boolean;
};

export type ClusterSettings = {
  readonly name: string;
  /** Value of `type`; undefined for STATIC, which is the default. */
  readonly type: string | undefined;
  readonly usesHttpHeader: boolean;
  readonly httpHeaderName: string | undefined;
  /** The lowest threshold of each kind; undefined: not set. */
  readonly breakers: Readonly<Record<BreakerKind, number | undefined>>;
  readonly hasHttp2: boolean;
};

/** Undefined: not set. 0: no limit. */
export type RouteSettings = {
  readonly cluster: string | undefined;
  readonly timeoutMs: Milliseconds | undefined;
  /** Takes the place of the connection manager's `stream_idle_timeout`. */
  readonly idleTimeoutMs: Milliseconds | undefined;
  readonly maxDurationMs: Milliseconds | undefined;
};

export type EnvoySettings = {
  readonly extProc: readonly ExtProcSettings[];
  readonly clusters: readonly ClusterSettings[];
  readonly routes: readonly RouteSettings[];
  /** Of each HTTP connection manager; undefined: not set, so Envoy's 5 minutes count. */
  readonly streamIdleTimeouts: readonly (Milliseconds | undefined)[];
  /** Of those connection managers that set one; 0: none. */
  readonly maxStreamDurations: readonly Milliseconds[];
};

export const breakerKinds = ["max_connections", "max_pending_requests", "max_requests"] as const;
export type BreakerKind = (typeof breakerKinds)[number];

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Protobuf's JSON takes both spellings of a field; the rest of the document keeps its keys. */
const snake = (key: string): string =>
  /^[a-z][a-z0-9]*([A-Z][a-z0-9]*)+$/.test(key)
    ? key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    : key;

function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snake(key), inSnakeCase(inner)]));
}

/** Every mapping in the document. */
function* mappings(value: unknown): Generator<Fields, void> {
  if (Array.isArray(value)) for (const item of value) yield* mappings(item);
  if (!isFields(value)) return;
  yield value;
  for (const inner of Object.values(value)) yield* mappings(inner);
}

function durationMs(value: unknown): Milliseconds | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(textOf(value) ?? "")?.[1];
  return seconds === undefined ? undefined : toMilliseconds(Number(seconds));
}

const typeEndsIn = (fields: Fields, name: string): boolean => textOf(fields["@type"])?.endsWith(name) ?? false;

function extProcOf(fields: Fields): ExtProcSettings {
  const mode = fieldsOf(fields["processing_mode"]);
  const service = fieldsOf(fieldsOf(fields["grpc_service"])["envoy_grpc"]);
  return {
    cluster: textOf(service["cluster_name"]),
    modes: Object.fromEntries(Object.entries(mode).map(([key, value]) => [key, textOf(value)])),
    messageTimeoutMs: durationMs(fields["message_timeout"]),
    failureModeAllow: fields["failure_mode_allow"] === true,
  };
}

function breakersOf(fields: Fields): ClusterSettings["breakers"] {
  const thresholds = fieldsOf(fields["circuit_breakers"])["thresholds"];
  const lowest = (kind: BreakerKind): number | undefined => {
    const values = (Array.isArray(thresholds) ? thresholds : []).flatMap((one) => {
      const value = Number(fieldsOf(one)[kind] ?? Number.NaN);
      return Number.isNaN(value) ? [] : [value];
    });
    return values.length === 0 ? undefined : Math.min(...values);
  };
  return {
    max_connections: lowest("max_connections"),
    max_pending_requests: lowest("max_pending_requests"),
    max_requests: lowest("max_requests"),
  };
}

function clusterOf(fields: Fields): ClusterSettings {
  const original = fieldsOf(fields["original_dst_lb_config"]);
  const options = fieldsOf(fields["typed_extension_protocol_options"]);
  const hasHttp2 =
    fields["http2_protocol_options"] !== undefined ||
    [...mappings(options)].some((one) => one["http2_protocol_options"] !== undefined);
  return {
    name: textOf(fields["name"]) ?? "",
    type: textOf(fields["type"]),
    usesHttpHeader: original["use_http_header"] === true,
    httpHeaderName: textOf(original["http_header_name"]),
    breakers: breakersOf(fields),
    hasHttp2,
  };
}

const routeOf = (route: Fields): RouteSettings => ({
  cluster: textOf(route["cluster"]),
  timeoutMs: durationMs(route["timeout"]),
  idleTimeoutMs: durationMs(route["idle_timeout"]),
  maxDurationMs: durationMs(fieldsOf(route["max_stream_duration"])["max_stream_duration"]),
});

/** Only clusters have one of these. */
const isCluster = (fields: Fields): boolean =>
  textOf(fields["name"]) !== undefined &&
  ["load_assignment", "original_dst_lb_config", "eds_cluster_config", "lb_policy"].some((key) => key in fields);

/** @param document the parsed file; anything else than a mapping has no settings */
export function envoySettings(document: unknown): EnvoySettings {
  const found = { extProc: [], clusters: [], routes: [], streamIdleTimeouts: [], maxStreamDurations: [] } as {
    extProc: ExtProcSettings[];
    clusters: ClusterSettings[];
    routes: RouteSettings[];
    streamIdleTimeouts: (Milliseconds | undefined)[];
    maxStreamDurations: Milliseconds[];
  };
  for (const fields of mappings(inSnakeCase(document))) {
    if (typeEndsIn(fields, "ext_proc.v3.ExternalProcessor")) found.extProc.push(extProcOf(fields));
    if (typeEndsIn(fields, "v3.HttpConnectionManager")) {
      found.streamIdleTimeouts.push(durationMs(fields["stream_idle_timeout"]));
      const limitMs = durationMs(fieldsOf(fields["common_http_protocol_options"])["max_stream_duration"]);
      if (limitMs !== undefined) found.maxStreamDurations.push(limitMs);
    }
    if (isCluster(fields)) found.clusters.push(clusterOf(fields));
    const route = fields["match"] === undefined ? undefined : fields["route"];
    if (isFields(route)) found.routes.push(routeOf(route));
  }
  return found;
}
