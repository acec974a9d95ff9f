import { destinationKey, fullDuplexProcessingMode } from "#extproc";
import {
  breakerKinds,
  envoySettings,
  type ClusterSettings,
  type EnvoySettings,
  type ExtProcSettings,
} from "../envoy-settings.ts";
import type { Facts } from "../facts.ts";
import { findingsOf, type Finding } from "../finding.ts";
import { messageTimeout, streamTimeouts } from "./envoy-timeouts.ts";

const file = findingsOf("envoy-config");
const modes = findingsOf("envoy-modes");
const breakers = findingsOf("envoy-breakers");
const destination = findingsOf("envoy-destination");

/** Streams are long: a pool has tens of thousands of them open at once. */
const enoughBreakers = 40_000;

/** What Envoy does where a mode is not set. */
const modeByDefault = (key: string): string =>
  key.endsWith("header_mode") ? "SEND" : key.endsWith("body_mode") ? "NONE" : "SKIP";

function modeFindings({ modes: set }: ExtProcSettings): readonly Finding[] {
  const wrong = Object.entries(fullDuplexProcessingMode).flatMap(([key, wanted]) => {
    const found = set[key] === undefined || set[key] === "DEFAULT" ? modeByDefault(key) : set[key];
    if (found === wanted) return [];
    const why = key.endsWith("trailer_mode")
      ? "a full-duplex body whose trailers are not sent never ends"
      : key === "response_body_mode"
        ? "nothing can be judged that the picker does not see, and other modes hold chunks back"
        : key === "request_body_mode"
          ? "the picker needs the whole prompt before it decides"
          : "status, content type and path are never seen";
    return [modes.wrong(`${key} is ${found}: ${why}`, `set processing_mode.${key}: ${wanted} in the ext_proc filter`)];
  });
  return wrong.length > 0 ? wrong : [modes.ok("bodies are full duplex, headers and trailers are sent")];
}

function failureMode({ failureModeAllow }: ExtProcSettings): readonly Finding[] {
  if (!failureModeAllow) return [];
  return [
    file.warning(
      "failure_mode_allow is on: without a picker, requests go on without a destination and get 503 from the cluster",
      "set failure_mode_allow: false, unless the route has a cluster that balances by itself",
    ),
  ];
}

function breakerFindings(cluster: ClusterSettings): readonly Finding[] {
  return breakerKinds.flatMap((kind) => {
    const limit = cluster.breakers[kind];
    if (limit !== undefined && limit >= enoughBreakers) return [];
    const found = limit === undefined ? "not set, so 1024 count" : String(limit);
    return [
      breakers.wrong(
        `${kind} of cluster ${cluster.name} is ${found}: requests above it get 503`,
        `set circuit_breakers.thresholds[0].${kind}: ${enoughBreakers} in cluster ${cluster.name}`,
      ),
    ];
  });
}

const isOriginalDestination = ({ type }: ClusterSettings): boolean => type === "ORIGINAL_DST";

function destinationFindings({ clusters }: EnvoySettings): readonly Finding[] {
  const found = clusters.filter(isOriginalDestination);
  if (found.length === 0) {
    return [
      destination.warning(
        "no cluster of type ORIGINAL_DST takes the picker's destination",
        "as attain render envoy prints it, unless an extension of the gateway reads the destination from the metadata envoy.lb",
      ),
    ];
  }
  return found.map(({ name, usesHttpHeader, httpHeaderName }) => {
    if (!usesHttpHeader) {
      return destination.wrong(
        `cluster ${name} does not look at the picker's destination`,
        `set original_dst_lb_config: {use_http_header: true, http_header_name: ${destinationKey}} in cluster ${name}`,
      );
    }
    return httpHeaderName === destinationKey
      ? destination.ok(`cluster ${name} follows ${destinationKey}`)
      : destination.wrong(
          `cluster ${name} follows ${httpHeaderName ?? "x-envoy-original-dst-host (Envoy's default)"} instead of ${destinationKey}`,
          `set original_dst_lb_config.http_header_name: ${destinationKey} in cluster ${name}`,
        );
  });
}

function pickerCluster({ clusters }: EnvoySettings, { cluster }: ExtProcSettings): readonly Finding[] {
  const found = clusters.find(({ name }) => name === cluster);
  if (found === undefined) {
    return [
      file.wrong(
        `the ext_proc filter asks cluster ${cluster ?? "(none)"}, which is not in the file`,
        "add a cluster of that name that leads to the picker's --grpc-port",
      ),
    ];
  }
  return found.hasHttp2
    ? []
    : [
        file.wrong(
          `cluster ${found.name} speaks HTTP/1.1, and ext-proc is gRPC`,
          `add explicit_http_config: {http2_protocol_options: {}} to the HttpProtocolOptions of cluster ${found.name}`,
        ),
      ];
}

/** The clusters that a request needs: the one of the picker and those of the model servers. */
function neededClusters({ clusters, extProc }: EnvoySettings): readonly ClusterSettings[] {
  const pickers = new Set(extProc.map(({ cluster }) => cluster));
  return clusters.filter((cluster) => pickers.has(cluster.name) || isOriginalDestination(cluster));
}

export function checkEnvoy({ envoy, longestWaitMs }: Facts): readonly Finding[] {
  if (envoy === undefined) return [];
  if (envoy.unreadable !== undefined) {
    return [file.wrong(envoy.unreadable, "give --envoy-config a bootstrap file or a config dump, in YAML or JSON")];
  }
  const settings = envoySettings(envoy.document);
  if (settings.extProc.length === 0) {
    return [
      file.wrong(
        `${envoy.path} has no ext_proc filter, so no picker is asked`,
        "add the filter envoy.filters.http.ext_proc before the router, as attain render envoy prints it",
      ),
    ];
  }
  const limits = neededClusters(settings).flatMap(breakerFindings);
  const modelServers = new Set(settings.clusters.filter(isOriginalDestination).map(({ name }) => name));
  return [
    file.ok(`${envoy.path} asks cluster ${settings.extProc.map(({ cluster }) => cluster ?? "(none)").join(", ")}`),
    ...settings.extProc.flatMap((filter) => [
      ...modeFindings(filter),
      messageTimeout(filter, { longestWaitMs }),
      ...failureMode(filter),
      ...pickerCluster(settings, filter),
    ]),
    ...streamTimeouts(settings, modelServers, { longestWaitMs }),
    ...(limits.length > 0 ? limits : [breakers.ok(`circuit breakers allow ${enoughBreakers} and more`)]),
    ...destinationFindings(settings),
  ];
}
