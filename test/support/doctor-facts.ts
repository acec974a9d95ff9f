/** What the doctor sees where everything is as it should be. */
import { envoyBootstrap } from "../../deploy/envoy/envoy.ts";
import type { Finding } from "../../doctor/finding.ts";
import type { CertificateFacts, Facts, GatewayFacts, PickerFacts } from "../../doctor/facts.ts";

export const nowMs = Date.parse("2026-06-01T00:00:00Z");
export const dayMs = 86_400_000;

export type AnsweredPicker = Extract<PickerFacts["answer"], { readonly ok: true }>;
export type PresentedCertificate = Extract<CertificateFacts["answer"], { readonly kind: "certificate" }>;
export type GatewayResponse = Extract<GatewayFacts["answer"], { readonly kind: "response" }>;

export const answered = (part: Partial<AnsweredPicker> = {}): AnsweredPicker => ({
  ok: true,
  version: "0.1.0",
  pool: "llama",
  endpoints: [
    { id: "default/m0", hostPort: "10.0.0.1:8000", state: "fresh", ageSeconds: 0.1 },
    { id: "default/m1", hostPort: "10.0.0.2:8000", state: "fresh", ageSeconds: 0.2 },
  ],
  objectives: [
    { name: "chat", target: 0.99, untargeted: 0 },
    { name: "none", target: undefined, untargeted: 3 },
  ],
  flow: { admission: "queue", enforcement: "enforce", mode: "normal" },
  unknownObjectiveRequests: 0,
  unknownModelRequests: 0,
  clockDriftSeconds: 0.01,
  clockSkewSeconds: 0.3,
  seriesByFamily: new Map([["attain_objective_missed_total", 33]]),
  ...part,
});

export const presented = (part: Partial<PresentedCertificate> = {}): PresentedCertificate => ({
  kind: "certificate",
  names: ["picker.default.svc", "10.0.0.9"],
  nameProblem: undefined,
  notBeforeMs: nowMs - 30 * dayMs,
  notAfterMs: nowMs + 60 * dayMs,
  selfSigned: false,
  protocol: "h2",
  ...part,
});

export const passed = (part: Partial<GatewayResponse> = {}): GatewayResponse => ({
  kind: "response",
  model: "llama",
  status: 200,
  pieces: 4,
  outputEvents: 5,
  decodeSeconds: 0.12,
  outcome: "completed",
  requestBodyMode: "FULL_DUPLEX_STREAMED",
  responseBodyMode: "FULL_DUPLEX_STREAMED",
  clockSkewSeconds: 0.4,
  ...part,
});

export const pickerWith = (part: Partial<PickerFacts> = {}): PickerFacts => ({
  url: "http://10.0.0.9:9090",
  answer: answered(),
  health: { port: 9003, status: "SERVING" },
  certificate: { host: "picker.default.svc", port: 9002, answer: presented() },
  ...part,
});

/** What `attain render envoy` prints. */
export const goodBootstrap: object = envoyBootstrap({
  listenAddress: "0.0.0.0",
  listenPort: 8080,
  adminPort: undefined,
  pickerHost: "picker.default.svc",
  pickerPort: 9002,
  pickerTls: true,
  caFile: "/etc/ca.crt",
});

export const envoyFile = (document: unknown): NonNullable<Facts["envoy"]> => ({
  path: "envoy.yaml",
  document,
  unreadable: undefined,
});

const goodFile = { problems: [], unreadable: undefined, warnings: [] } as const;

/** Nothing was asked for. */
export const noFacts: Facts = {
  nowMs,
  picker: undefined,
  objectivesFile: undefined,
  configFile: undefined,
  endpointsFile: undefined,
  scrapes: [],
  gateway: undefined,
  longestWaitMs: undefined,
  envoy: undefined,
};

export const goodFacts: Facts = {
  nowMs,
  picker: pickerWith(),
  objectivesFile: {
    ...goodFile,
    path: "objectives.yaml",
    content: [{ namespace: "default", name: "chat", poolName: "llama", hasTargets: true }],
  },
  configFile: { ...goodFile, path: "epp.yaml", content: undefined },
  endpointsFile: { ...goodFile, path: "endpoints.yaml", content: ["default/m0"] },
  scrapes: [
    {
      id: "default/m0",
      url: "http://10.0.0.1:8000/metrics",
      answer: {
        kind: "page",
        engine: "vllm",
        engineLabel: "llm-d.ai/engine-type",
        missing: [],
        recognised: true,
        looksLike: [],
      },
    },
  ],
  gateway: { url: "http://10.0.0.8:8080", answer: passed() },
  longestWaitMs: 660_000,
  envoy: envoyFile(goodBootstrap),
};

/** What a check comes to. */
export const worst = (findings: readonly Finding[]): string =>
  (["wrong", "warning", "ok"] as const).find((status) => findings.some((one) => one.status === status)) ?? "nothing";
