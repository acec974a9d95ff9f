import { describe, expect, it } from "@jest/globals";
import { MetricRegistry, objectiveMetrics, renderText, requestMetrics } from "#metrics";
import { checkCertificate } from "../../../doctor/checks/certificate.ts";
import { checkClock } from "../../../doctor/checks/clock.ts";
import { checkEnvoy } from "../../../doctor/checks/envoy.ts";
import { checkGateway } from "../../../doctor/checks/gateway.ts";
import { checkLabels, seriesByFamily } from "../../../doctor/checks/labels.ts";
import type { Finding } from "../../../doctor/finding.ts";
import {
  answered,
  dayMs,
  envoyFile,
  goodBootstrap,
  noFacts,
  nowMs,
  passed,
  pickerWith,
  presented,
  type GatewayResponse,
  type PresentedCertificate,
} from "../../support/doctor-facts.ts";

const worst = (findings: readonly Finding[]): string =>
  (["wrong", "warning", "ok"] as const).find((status) => findings.some((one) => one.status === status)) ?? "nothing";

describe("certificate", () => {
  it.each<{ name: string; part: Partial<PresentedCertificate>; want: string }>([
    { name: "60 days left", part: {}, want: "ok" },
    { name: "7 days left", part: { notAfterMs: nowMs + 7 * dayMs }, want: "ok" },
    { name: "a moment less than 7 days left", part: { notAfterMs: nowMs + 7 * dayMs - 1 }, want: "warning" },
    { name: "its last moment", part: { notAfterMs: nowMs }, want: "warning" },
    { name: "expired", part: { notAfterMs: nowMs - 1 }, want: "wrong" },
    { name: "not valid yet", part: { notBeforeMs: nowMs + 1 }, want: "wrong" },
    { name: "another name", part: { nameProblem: "no" }, want: "wrong" },
    { name: "another name, self-signed", part: { nameProblem: "no", selfSigned: true }, want: "warning" },
    { name: "no h2", part: { protocol: "http/1.1" }, want: "wrong" },
  ])("$name: $want", ({ part, want }) => {
    const certificate = { host: "picker", port: 9002, answer: presented(part) };
    expect(worst(checkCertificate({ ...noFacts, picker: pickerWith({ certificate }) }))).toBe(want);
  });

  it.each([
    { host: "127.0.0.1", want: "ok" },
    { host: "10.0.0.1", want: "warning" },
  ])("plaintext at $host: $want", ({ host, want }) => {
    const certificate = { host, port: 9002, answer: { kind: "plaintext" } } as const;
    expect(worst(checkCertificate({ ...noFacts, picker: pickerWith({ certificate }) }))).toBe(want);
  });
});

describe("clock", () => {
  it.each([
    { drift: 0, skew: 2, want: "ok" },
    { drift: 0, skew: -2, want: "ok" },
    { drift: 0, skew: 2.1, want: "warning" },
    { drift: 1, skew: 0, want: "ok" },
    { drift: -1.1, skew: 0, want: "warning" },
    { drift: 0, skew: undefined, want: "nothing" },
  ])("drift $drift s, skew $skew s: $want", ({ drift, skew, want }) => {
    const answer = answered({ clockDriftSeconds: drift, clockSkewSeconds: skew });
    expect(worst(checkClock({ ...noFacts, picker: pickerWith({ answer }) }))).toBe(want);
  });
});

describe("gateway", () => {
  it.each<{ name: string; part: Partial<GatewayResponse>; want: string }>([
    { name: "full duplex", part: {}, want: "ok" },
    { name: "gRPC", part: { requestBodyMode: "GRPC", responseBodyMode: "GRPC" }, want: "ok" },
    { name: "STREAMED requests", part: { requestBodyMode: "STREAMED" }, want: "wrong" },
    { name: "BUFFERED_PARTIAL requests", part: { requestBodyMode: "BUFFERED_PARTIAL" }, want: "warning" },
    { name: "STREAMED responses", part: { responseBodyMode: "STREAMED" }, want: "warning" },
    { name: "BUFFERED responses", part: { responseBodyMode: "BUFFERED" }, want: "wrong" },
    { name: "one piece of several events", part: { pieces: 1, outputEvents: 2 }, want: "warning" },
    { name: "one piece of a fast response", part: { pieces: 1, decodeSeconds: 0.05 }, want: "ok" },
    { name: "one piece of one event", part: { pieces: 1, outputEvents: 1 }, want: "ok" },
    { name: "not seen by the picker", part: { outcome: undefined }, want: "wrong" },
    { name: "404", part: { status: 404, outcome: "invalid" }, want: "wrong" },
  ])("$name: $want", ({ part, want }) => {
    expect(worst(checkGateway({ ...noFacts, gateway: { url: "http://g", answer: passed(part) } }))).toBe(want);
  });
});

describe("Envoy's settings", () => {
  const text = JSON.stringify(goodBootstrap);

  it.each<{ name: string; from: string; to: string; check: string; status: string }>([
    {
      name: "a message timeout of 29 s",
      from: '"message_timeout":"1000s"',
      to: '"message_timeout":"29s"',
      check: "envoy-timeouts",
      status: "wrong",
    },
    {
      name: "no message timeout",
      from: '"message_timeout":"1000s",',
      to: "",
      check: "envoy-timeouts",
      status: "wrong",
    },
    {
      name: "a route timeout of 15 s",
      from: '"timeout":"86400s"',
      to: '"timeout":"15s"',
      check: "envoy-timeouts",
      status: "wrong",
    },
    {
      name: "an idle timeout",
      from: '"stream_idle_timeout":"0s"',
      to: '"stream_idle_timeout":"300s"',
      check: "envoy-timeouts",
      status: "warning",
    },
    {
      name: "breakers of 39999",
      from: '"max_requests":40000',
      to: '"max_requests":39999',
      check: "envoy-breakers",
      status: "wrong",
    },
    {
      name: "skipped trailers",
      from: '"request_trailer_mode":"SEND"',
      to: '"request_trailer_mode":"SKIP"',
      check: "envoy-modes",
      status: "wrong",
    },
    {
      name: "another header",
      from: '"http_header_name":"x-gateway-destination-endpoint"',
      to: '"http_header_name":"x-other"',
      check: "envoy-destination",
      status: "wrong",
    },
    {
      name: "no original destination",
      from: '"type":"ORIGINAL_DST"',
      to: '"type":"EDS"',
      check: "envoy-destination",
      status: "warning",
    },
    {
      name: "a cluster that is not there",
      from: '"cluster_name":"picker"}',
      to: '"cluster_name":"epp"}',
      check: "envoy-config",
      status: "wrong",
    },
    {
      name: "HTTP/1.1 to the picker",
      from: "http2_protocol_options",
      to: "http_protocol_options",
      check: "envoy-config",
      status: "wrong",
    },
    {
      name: "failure mode",
      from: '"failure_mode_allow":false',
      to: '"failure_mode_allow":true',
      check: "envoy-config",
      status: "warning",
    },
  ])("finds $name", ({ from, to, check, status }) => {
    expect(text).toContain(from);
    const findings = checkEnvoy({ ...noFacts, envoy: envoyFile(JSON.parse(text.replace(from, to))) });
    const bad = findings.filter((one) => one.status !== "ok");
    expect(bad.map((one) => [one.check, one.status])).toEqual([[check, status]]);
    expect(findings.every((one) => one.status === "ok")).toBe(false);
  });

  it("takes route and idle timeouts of 0 as none", () => {
    const none = text.replace('"timeout":"86400s"', '"timeout":"0s"');
    expect(worst(checkEnvoy({ ...noFacts, envoy: envoyFile(JSON.parse(none)) }))).toBe("ok");
  });
});

describe("labels", () => {
  it("counts the series of a picker's own page, a histogram's buckets as one", () => {
    const registry = new MetricRegistry();
    for (const verdict of ["met", "missed"] as const) {
      registry.counter(objectiveMetrics.requestsTotal, { pool: "p", objective: 'a"{}', verdict }).add(1);
    }
    for (const model of ["a", "b", "c"]) {
      registry.histogram(requestMetrics.ttftSeconds, { pool: "p", objective: "chat", model }).observe(0.1);
    }
    expect(seriesByFamily(renderText(registry))).toEqual(
      new Map([
        ["attain_objective_requests_total", 2],
        ["attain_request_ttft_seconds", 3],
      ]),
    );
  });

  it.each([
    { series: 7999, want: "ok" },
    { series: 8000, want: "wrong" },
  ])("$series series of a family: $want", ({ series, want }) => {
    const answer = answered({ seriesByFamily: new Map([["attain_x_total", series]]) });
    expect(worst(checkLabels({ ...noFacts, picker: pickerWith({ answer }) }))).toBe(want);
  });
});
