import { describe, expect, it } from "@jest/globals";
import { checkEnvoy } from "../../../doctor/checks/envoy.ts";
import { envoyFile, goodBootstrap, noFacts, worst } from "../../support/doctor-facts.ts";

describe("Envoy's settings", () => {
  const text = JSON.stringify(goodBootstrap);

  it.each<{ name: string; from: string; to: string; check: string; status: string }>([
    {
      name: "a route timeout of 15 s",
      from: '"timeout":"86400s"',
      to: '"timeout":"15s"',
      check: "envoy-timeouts",
      status: "wrong",
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

  describe("timeouts, for a picker that lets requests wait 11 minutes", () => {
    const minute = 60_000;
    const buffered = { from: '"request_body_mode":"FULL_DUPLEX_STREAMED"', to: '"request_body_mode":"BUFFERED"' };
    const messages = (to: string) => ({ from: '"message_timeout":"1000s",', to });
    const idle = (to: string) => ({ from: '"idle_timeout":"86400s"', to });
    const noIdle = { from: ',"idle_timeout":"86400s"', to: "" };
    const stream = (to: string) => ({ from: '"stream_idle_timeout":"0s",', to });

    it.each<{
      name: string;
      edits: readonly { readonly from: string; readonly to: string }[];
      waitMs?: number | undefined;
      want: string;
    }>([
      { name: "a message timeout, which nothing awaits in full duplex", edits: [messages("")], want: "ok" },
      { name: "no message timeout, buffered", edits: [buffered, messages("")], want: "wrong" },
      {
        name: "a message timeout of 660 s, buffered",
        edits: [buffered, messages('"message_timeout":"660s",')],
        want: "ok",
      },
      {
        name: "a message timeout of 659 s, buffered",
        edits: [buffered, messages('"message_timeout":"659s",')],
        want: "wrong",
      },
      {
        name: "a message timeout of 29 s, buffered, where nothing waits",
        edits: [buffered, messages('"message_timeout":"29s",')],
        waitMs: 0,
        want: "wrong",
      },
      {
        name: "a message timeout of 1000 s, buffered, without a limit",
        edits: [buffered],
        waitMs: Infinity,
        want: "ok",
      },
      { name: "an idle timeout of the route as long", edits: [idle('"idle_timeout":"660s"')], want: "ok" },
      { name: "a shorter one", edits: [idle('"idle_timeout":"659s"')], want: "wrong" },
      {
        name: "a shorter one, where nothing waits",
        edits: [idle('"idle_timeout":"599s"')],
        waitMs: 0,
        want: "warning",
      },
      {
        name: "a shorter one, where the wait is not known",
        edits: [idle('"idle_timeout":"300s"')],
        waitMs: undefined,
        want: "warning",
      },
      { name: "a day, without a limit", edits: [], waitMs: Infinity, want: "ok" },
      { name: "Envoy's idle timeout below that of the route", edits: [stream("")], want: "ok" },
      { name: "Envoy's idle timeout", edits: [noIdle, stream("")], want: "wrong" },
      {
        name: "Envoy's idle timeout, where 5 minutes are enough",
        edits: [noIdle, stream("")],
        waitMs: 5 * minute,
        want: "warning",
      },
      { name: "no idle timeout", edits: [noIdle], want: "ok" },
      {
        name: "a longest duration of the route",
        edits: [idle('"max_stream_duration":{"max_stream_duration":"3600s"},"idle_timeout":"0s"')],
        want: "wrong",
      },
      {
        name: "a longest duration of all streams",
        edits: [stream('"stream_idle_timeout":"0s","common_http_protocol_options":{"max_stream_duration":"3600s"},')],
        want: "wrong",
      },
    ])("$name: $want", ({ edits, want, ...given }) => {
      const edited = edits.reduce((all, { from, to }) => {
        expect(all).toContain(from);
        return all.replace(from, to);
      }, text);
      const longestWaitMs = "waitMs" in given ? given.waitMs : 11 * minute;
      const findings = checkEnvoy({ ...noFacts, longestWaitMs, envoy: envoyFile(JSON.parse(edited)) });
      expect(worst(findings.filter(({ check }) => check === "envoy-timeouts"))).toBe(want);
    });
  });

  it("takes route and idle timeouts of 0 as none", () => {
    const none = text.replace('"timeout":"86400s"', '"timeout":"0s"');
    expect(worst(checkEnvoy({ ...noFacts, envoy: envoyFile(JSON.parse(none)) }))).toBe("ok");
  });
});
