import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { envoySettings } from "../../../doctor/envoy-settings.ts";
import { goodBootstrap } from "../../support/doctor-facts.ts";

describe("envoySettings", () => {
  it("reads the bootstrap that is rendered", () => {
    const { extProc, clusters, routes, streamIdleTimeouts, maxStreamDurations } = envoySettings(goodBootstrap);
    expect(extProc).toEqual([
      {
        cluster: "picker",
        messageTimeoutMs: 1_000_000,
        failureModeAllow: false,
        modes: {
          request_header_mode: "SEND",
          request_body_mode: "FULL_DUPLEX_STREAMED",
          request_trailer_mode: "SEND",
          response_header_mode: "SEND",
          response_body_mode: "FULL_DUPLEX_STREAMED",
          response_trailer_mode: "SEND",
        },
      },
    ]);
    expect(clusters).toMatchObject([
      {
        name: "model_servers",
        type: "ORIGINAL_DST",
        httpHeaderName: "x-gateway-destination-endpoint",
        usesHttpHeader: true,
      },
      { name: "picker", hasHttp2: true, breakers: { max_connections: 40_000, max_requests: 40_000 } },
    ]);
    const longest = 86_400_000;
    expect(routes).toEqual([
      { cluster: "model_servers", timeoutMs: longest, idleTimeoutMs: longest, maxDurationMs: undefined },
    ]);
    expect([streamIdleTimeouts, maxStreamDurations]).toEqual([[0], []]);
  });

  const camel = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(camel);
    if (typeof value !== "object" || value === null) return value;
    const rename = (key: string): string =>
      key.startsWith("envoy.") ? key : key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [rename(key), camel(inner)]));
  };

  it("reads a config dump, which wraps it and spells fields in camel case", () => {
    const dump = {
      configs: [{ "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", bootstrap: camel(goodBootstrap) }],
    };
    expect(envoySettings(JSON.parse(JSON.stringify(dump)))).toEqual(envoySettings(goodBootstrap));
  });

  it("takes the lowest of several thresholds, as requests of any priority need room", () => {
    const thresholds = [{ max_requests: 40_000 }, { priority: "HIGH", max_requests: 7 }];
    const { clusters } = envoySettings({
      clusters: [{ name: "c", lb_policy: "ROUND_ROBIN", circuit_breakers: { thresholds } }],
    });
    expect(clusters[0]?.breakers).toEqual({
      max_connections: undefined,
      max_pending_requests: undefined,
      max_requests: 7,
    });
  });

  it.each([
    { text: "0.25s", want: 250 },
    { text: "1000s", want: 1_000_000 },
    { text: "250ms", want: undefined },
    { text: "", want: undefined },
  ])("reads the duration $text as protobuf does", ({ text, want }) => {
    const filter = { "@type": "x/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor", message_timeout: text };
    expect(envoySettings(filter).extProc[0]?.messageTimeoutMs).toBe(want);
  });

  it.each([undefined, null, 7, "text", [], {}, parse("a: [1, {b: 2}]") as unknown])(
    "finds nothing in %j",
    (document) => {
      const nothing = { extProc: [], clusters: [], routes: [], streamIdleTimeouts: [], maxStreamDurations: [] };
      expect(envoySettings(document)).toEqual(nothing);
    },
  );
});
