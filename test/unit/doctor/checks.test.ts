import { describe, expect, it } from "@jest/globals";
import { MetricRegistry, objectiveMetrics, renderText, requestMetrics } from "#metrics";
import { checkCertificate } from "../../../doctor/checks/certificate.ts";
import { checkClock } from "../../../doctor/checks/clock.ts";
import { checkFlow } from "../../../doctor/checks/flow.ts";
import { checkGateway } from "../../../doctor/checks/gateway.ts";
import { checkLabels, seriesByFamily } from "../../../doctor/checks/labels.ts";
import { checkPicker } from "../../../doctor/checks/picker.ts";
import type { FlowFacts } from "../../../doctor/facts.ts";
import {
  answered,
  dayMs,
  noFacts,
  nowMs,
  passed,
  pickerWith,
  presented,
  worst,
  type GatewayResponse,
  type PresentedCertificate,
} from "../../support/doctor-facts.ts";

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

describe("flow control", () => {
  it.each<{ name: string; part: Partial<FlowFacts>; want: string }>([
    { name: "metrics and count", part: {}, want: "ok" },
    { name: "count alone", part: { mode: "concurrency-only" }, want: "warning" },
    { name: "an empty pool", part: { mode: "no-endpoints" }, want: "ok" },
    { name: "legacy admission", part: { admission: "legacy" }, want: "ok" },
    { name: "observing", part: { enforcement: "observe" }, want: "ok" },
  ])("$name: $want", ({ part, want }) => {
    const answer = answered({ flow: { ...answered().flow, ...part } });
    expect(worst(checkFlow({ ...noFacts, picker: pickerWith({ answer }) }))).toBe(want);
  });

  it.each<{ name: string; part: Partial<FlowFacts>; want: RegExp }>([
    { name: "holds", part: {}, want: /wait for the first one/ },
    { name: "refuses in legacy admission", part: { admission: "legacy" }, want: /every request gets 503/ },
    { name: "refuses where it observes", part: { enforcement: "observe" }, want: /every request gets 503/ },
  ])("$name what comes to an empty pool", ({ part, want }) => {
    const flow: FlowFacts = { ...answered().flow, mode: "no-endpoints", ...part };
    const findings = checkPicker({ ...noFacts, picker: pickerWith({ answer: answered({ endpoints: [], flow }) }) });
    expect(findings.find(({ check }) => check === "pool-endpoints")?.message).toMatch(want);
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
