import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { ConfigProblem } from "#config";
import { parse } from "yaml";
import { renderFindings } from "../../../console/findings.ts";
import { diagnose } from "../../../doctor/diagnose.ts";
import type { Facts, FileFacts, ScrapeFacts } from "../../../doctor/facts.ts";
import {
  answered,
  envoyFile,
  goodFacts,
  noFacts,
  passed,
  pickerWith,
  presented,
  dayMs,
  nowMs,
} from "../../support/doctor-facts.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const here = new URL("./", import.meta.url);

const problem = (part: Partial<ConfigProblem>): ConfigProblem => ({
  file: "objectives.yaml",
  document: 1,
  path: "spec.objectiveRef.name",
  line: 7,
  column: 9,
  found: '"chta"',
  allowed: undefined,
  message: "",
  ...part,
});

const broken = <T>(path: string, problems: readonly ConfigProblem[], unreadable?: string): FileFacts<T> => ({
  path,
  problems,
  unreadable,
  warnings: [],
  content: undefined,
});

const page = (part: Partial<Extract<ScrapeFacts["answer"], { kind: "page" }>>): ScrapeFacts["answer"] => ({
  kind: "page",
  engine: "vllm",
  engineLabel: "llm-d.ai/engine-type",
  missing: [],
  recognised: false,
  looksLike: [],
  ...part,
});

const scrape = (id: string, answer: ScrapeFacts["answer"]): ScrapeFacts => ({
  id,
  url: `http://10.0.0.1:8000/metrics`,
  answer,
});

/** What people start from: a filter that is there, and nothing else set. */
const careless = parse(`
static_resources:
  listeners:
    - filter_chains:
        - filters:
            - typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                route_config:
                  virtual_hosts:
                    - routes: [{match: {prefix: /}, route: {cluster: models}}]
                http_filters:
                  - typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor
                      failure_mode_allow: true
                      grpc_service: {envoy_grpc: {cluster_name: epp}}
                      processing_mode: {request_header_mode: SEND, response_header_mode: SKIP, request_body_mode: BUFFERED}
  clusters:
    - {name: models, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, circuit_breakers: {thresholds: [{max_requests: 5000}]}}
    - {name: epp, type: STRICT_DNS, load_assignment: {}}
    - {name: unrelated, load_assignment: {}}
`) as unknown;

const cases: Readonly<Record<string, Facts>> = {
  "all-in-order": goodFacts,
  "nothing-answers": {
    ...noFacts,
    picker: pickerWith({
      answer: { ok: false, error: "http://10.0.0.9:9090/debug/state: connect ECONNREFUSED 10.0.0.9:9090" },
      health: { port: 9003, status: undefined },
      certificate: { host: "picker.default.svc", port: 9002, answer: { kind: "failed", error: "connect ETIMEDOUT" } },
    }),
    gateway: { url: "http://10.0.0.8:8080", answer: { kind: "failed", error: "connect ECONNREFUSED 10.0.0.8:8080" } },
    scrapes: [scrape("default/m0", { kind: "failed", error: "status 404" })],
    envoy: { path: "envoy.yaml", document: undefined, unreadable: "envoy.yaml: ENOENT: no such file" },
    objectivesFile: broken("objectives.yaml", [], "cannot read objectives.yaml: no such file"),
  },
  "files-that-are-refused": {
    ...noFacts,
    objectivesFile: broken("objectives.yaml", [
      problem({ message: 'no InferenceObjective of this name in namespace "default"; add one or correct the name', allowed: '"chat"' }),
      problem({ message: "a second InferenceSLO for this objective", allowed: "one for each", found: '"chat"' }),
    ]),
    configFile: broken("epp.yaml", [
      problem({ file: "epp.yaml", document: undefined, path: "plugins[0].typo", message: 'unknown key, did you mean "type"?', found: undefined }),
    ]),
    endpointsFile: broken("endpoints.yaml", [
      problem({ file: "endpoints.yaml", document: undefined, path: "endpoints[0].port", found: '"80000"', message: "not a port", allowed: "a port from 1 to 65535" }),
    ]),
  },
  "warnings-of-the-picker": {
    ...noFacts,
    picker: pickerWith({
      answer: answered({
        endpoints: [
          { id: "default/m0", hostPort: "10.0.0.1:8000", state: "unknown", ageSeconds: undefined },
          { id: "default/m1", hostPort: "10.0.0.2:8000", state: "stale", ageSeconds: 31.4 },
        ],
        unknownObjectiveRequests: 12,
        unknownModelRequests: 7,
        clockDriftSeconds: -61.2,
        clockSkewSeconds: 3605,
        seriesByFamily: new Map([
          ["attain_request_ttft_seconds", 8400],
          ["attain_objective_missed_total", 33],
        ]),
      }),
      health: { port: 9003, status: "NOT_SERVING" },
      certificate: {
        host: "10.0.0.9",
        port: 9002,
        answer: presented({
          names: ["localhost"],
          nameProblem: "no such name",
          selfSigned: true,
          notAfterMs: nowMs + 3 * dayMs,
          protocol: undefined,
        }),
      },
    }),
    objectivesFile: {
      path: "objectives.yaml",
      problems: [],
      unreadable: undefined,
      warnings: [problem({ path: "metadata.annotations", found: undefined, message: 'annotations overridden by InferenceSLO "chat"; remove one of the two' })],
      content: [
        { namespace: "default", name: "chat", poolName: "mistral", hasTargets: true },
        { namespace: "team", name: "forgotten", poolName: undefined, hasTargets: false },
      ],
    },
  },
  "an-empty-picker": {
    ...noFacts,
    picker: pickerWith({
      answer: answered({ endpoints: [], flow: { admission: "queue", enforcement: "enforce", mode: "no-endpoints" }, objectives: [{ name: "none", target: undefined, untargeted: 0 }] }),
      certificate: { host: "10.0.0.9", port: 9002, answer: { kind: "plaintext" } },
    }),
  },
  "a-certificate-that-cannot-be-used": {
    ...noFacts,
    picker: pickerWith({
      certificate: {
        host: "picker.default.svc",
        port: 9002,
        answer: presented({ names: [], nameProblem: "no such name", notAfterMs: nowMs - dayMs }),
      },
    }),
  },
  "model-servers-that-say-too-little": {
    ...noFacts,
    scrapes: [
      scrape("default/m0", page({ looksLike: ["sglang"] })),
      scrape("default/m1", page({})),
      scrape("default/m2", page({ recognised: true, missing: ["KV cache usage"] })),
    ],
  },
  "a-gateway-that-buffers": {
    ...noFacts,
    gateway: {
      url: "http://10.0.0.8:8080",
      answer: passed({ pieces: 1, requestBodyMode: "BUFFERED", responseBodyMode: "BUFFERED", clockSkewSeconds: -9 }),
    },
  },
  "a-gateway-that-shows-nothing": {
    ...noFacts,
    gateway: {
      url: "http://10.0.0.8:8080",
      answer: passed({ outcome: "unobserved", requestBodyMode: "NONE", responseBodyMode: "NONE" }),
    },
  },
  "a-gateway-that-asks-somebody-else": {
    ...noFacts,
    gateway: { url: "http://10.0.0.8:8080", answer: passed({ outcome: undefined, requestBodyMode: undefined }) },
  },
  "a-gateway-that-fails": {
    ...noFacts,
    gateway: {
      url: "http://10.0.0.8:8080",
      answer: passed({ status: 503, outcome: "upstream-error", responseBodyMode: "STREAMED", requestBodyMode: undefined }),
    },
  },
  "no-model": { ...noFacts, gateway: { url: "http://10.0.0.8:8080", answer: { kind: "no-model" } } },
  "a-careless-envoy": { ...noFacts, envoy: envoyFile(careless) },
  "waits-that-the-gateway-cuts-off": {
    ...noFacts,
    picker: pickerWith({
      answer: answered({ flow: { admission: "queue", enforcement: "enforce", mode: "concurrency-only" } }),
    }),
    longestWaitMs: 660_000,
    envoy: envoyFile(careless),
  },
  "an-envoy-without-a-picker": { ...noFacts, envoy: envoyFile({ static_resources: { clusters: [] } }) },
};

describe("attain doctor", () => {
  it.each(Object.entries(cases))("%s", (name, facts) => {
    const text = `${renderFindings(diagnose(facts), { colour: false })}\n`;
    const golden = new URL(`${name}.txt`, here);
    if (approving) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, "utf8"));
  });

  it("has a text for every case and no other", () => {
    const recorded = readdirSync(here).filter((file) => file.endsWith(".txt"));
    expect(recorded.toSorted()).toEqual(
      Object.keys(cases)
        .map((name) => `${name}.txt`)
        .toSorted(),
    );
  });

  it("says what to do about everything that is not in order, and nothing about the rest", () => {
    for (const facts of Object.values(cases)) {
      for (const { status, fix } of diagnose(facts)) expect(fix === undefined).toBe(status === "ok");
    }
  });

  it("finds nothing where nothing was asked for", () => expect(diagnose(noFacts)).toEqual([]));
});
