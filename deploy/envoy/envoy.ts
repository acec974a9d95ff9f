import { stringify } from "yaml";
import { destinationKey, fullDuplexProcessingMode } from "#extproc";

/** What differs between installations; everything else has one right value, see {@link envoyBootstrap}. */
export type EnvoyOptions = {
  readonly listenAddress: string;
  readonly listenPort: number;
  /** Undefined leaves Envoy's admin interface off. */
  readonly adminPort: number | undefined;
  readonly pickerHost: string;
  readonly pickerPort: number;
  /** Whether the picker serves TLS (its default). Its certificate is not verified unless `caFile` is given. */
  readonly pickerTls: boolean;
  readonly caFile: string | undefined;
};

const longestRoute = "86400s";

const extProcFilter = {
  name: "envoy.filters.http.ext_proc",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
    failure_mode_allow: false,
    // In full duplex the proxy has no message timeout of its own; the picker bounds each decision.
    message_timeout: "1000s",
    grpc_service: { envoy_grpc: { cluster_name: "picker" }, timeout: "10s" },
    processing_mode: fullDuplexProcessingMode,
  },
};

const connectionManager = {
  "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
  stat_prefix: "inference",
  codec_type: "AUTO",
  stream_idle_timeout: "0s",
  request_timeout: "0s",
  route_config: {
    name: "inference",
    virtual_hosts: [
      {
        name: "inference",
        domains: ["*"],
        routes: [
          {
            match: { prefix: "/" },
            route: { cluster: "model_servers", timeout: longestRoute, idle_timeout: longestRoute },
          },
        ],
      },
    ],
  },
  http_filters: [
    extProcFilter,
    {
      name: "envoy.filters.http.router",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
        // A retry or a hedge would be a request that no decision was made for.
        suppress_envoy_headers: true,
      },
    },
  ],
};

/** Default breakers are 1,024; a pool with long streams has more open at once. */
const breakers = {
  thresholds: [{ max_connections: 40_000, max_pending_requests: 40_000, max_requests: 40_000 }],
};

const address = (host: string, port: number) => ({ socket_address: { address: host, port_value: port } });

const http2 = (window: number, connectionWindow: number) => ({
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: {
      http2_protocol_options: { initial_stream_window_size: window, initial_connection_window_size: connectionWindow },
    },
  },
});

function pickerCluster(options: EnvoyOptions): object {
  const validation =
    options.caFile === undefined ? {} : { validation_context: { trusted_ca: { filename: options.caFile } } };
  const tls = {
    transport_socket: {
      name: "envoy.transport_sockets.tls",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        common_tls_context: { alpn_protocols: ["h2"], ...validation },
      },
    },
  };
  return {
    name: "picker",
    type: "STRICT_DNS",
    connect_timeout: "5s",
    circuit_breakers: breakers,
    typed_extension_protocol_options: http2(65_536, 1_048_576),
    ...(options.pickerTls ? tls : {}),
    health_checks: [
      {
        timeout: "2s",
        interval: "10s",
        no_traffic_interval: "10s",
        healthy_threshold: 1,
        unhealthy_threshold: 3,
        grpc_health_check: { service_name: "envoy.service.ext_proc.v3.ExternalProcessor" },
      },
    ],
    load_assignment: {
      cluster_name: "picker",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(options.pickerHost, options.pickerPort) } }] }],
    },
  };
}

/**
 * An Envoy bootstrap in which every request goes through the picker and to the endpoint it names.
 * Source: envoy.config.bootstrap.v3; settings of the field's standalone deployment.
 */
export const envoyBootstrap = (options: EnvoyOptions): object => ({
  ...(options.adminPort === undefined ? {} : { admin: { address: address("127.0.0.1", options.adminPort) } }),
  static_resources: {
    listeners: [
      {
        name: "inference",
        address: address(options.listenAddress, options.listenPort),
        per_connection_buffer_limit_bytes: 32_768,
        filter_chains: [
          { filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: connectionManager }] },
        ],
      },
    ],
    clusters: [
      {
        name: "model_servers",
        type: "ORIGINAL_DST",
        lb_policy: "CLUSTER_PROVIDED",
        connect_timeout: "5s",
        circuit_breakers: breakers,
        original_dst_lb_config: { use_http_header: true, http_header_name: destinationKey },
      },
      pickerCluster(options),
    ],
  },
});

/** The bootstrap as YAML, byte-stable. */
export const renderEnvoy = (options: EnvoyOptions): string =>
  `# Rendered by \`attain render envoy\`; edit deploy/envoy/envoy.ts instead.\n${stringify(envoyBootstrap(options), { lineWidth: 0, aliasDuplicateObjects: false })}`;
