import { pickerMetrics } from "#metrics";
import type { Facts, PickerFacts } from "../facts.ts";
import { findingsOf, type Finding } from "../finding.ts";

type Answered = Extract<PickerFacts["answer"], { readonly ok: true }>;

const answer = findingsOf("picker");
const health = findingsOf("picker-health");
const endpoints = findingsOf("pool-endpoints");
const unknowns = findingsOf("unknown-names");

function healthFindings({ health: asked }: PickerFacts): readonly Finding[] {
  if (asked === undefined) return [];
  const { port, status } = asked;
  if (status === "SERVING") return [health.ok(`health port ${port} says SERVING`)];
  if (status === undefined) {
    return [
      health.wrong(
        `nobody answers grpc.health.v1 on port ${port}`,
        "let the doctor and the kubelet reach --grpc-health-port; the gateway takes no picker that it cannot check",
      ),
    ];
  }
  return [
    health.wrong(
      `health port ${port} says ${status}`,
      "the picker is starting or draining: its log says which; the gateway sends it no requests meanwhile",
    ),
  ];
}

const holds = ({ flow: { admission, enforcement } }: Answered): boolean =>
  admission === "queue" && enforcement === "enforce";

function endpointFindings(said: Answered): readonly Finding[] {
  if (said.endpoints.length === 0) {
    return [
      endpoints.wrong(
        `pool ${said.pool} has no endpoints, so ${holds(said) ? "requests wait for the first one, and get 503 when none comes in time" : "every request gets 503"}`,
        "put model servers into the --endpoints-file, or correct the selector of the pool",
      ),
    ];
  }
  const troubled = said.endpoints.filter(({ state }) => state !== "fresh");
  if (troubled.length === 0) return [endpoints.ok(`${said.endpoints.length} endpoints with fresh metrics`)];
  return troubled.map(({ id, hostPort, state, ageSeconds }) =>
    endpoints.wrong(
      state === "unknown" || ageSeconds === undefined
        ? `${id} (${hostPort}) was never scraped, so it is rated by the mean of the others`
        : `the metrics of ${id} (${hostPort}) are ${ageSeconds.toFixed(0)} s old`,
      `curl http://${hostPort}/metrics from the picker's host; ${pickerMetrics.scrapeFailuresTotal.name}{endpoint="${id}"} has the reason`,
    ),
  );
}

function unknownFindings(said: Answered): readonly Finding[] {
  const found: Finding[] = [];
  if (said.unknownObjectiveRequests > 0) {
    found.push(
      unknowns.warning(
        `${said.unknownObjectiveRequests} requests named an objective that nobody configured; they count as "unknown" and have no targets`,
        "add an InferenceObjective of that name (the picker's log says \"request names an unknown objective\"), or correct the clients' x-llm-d-inference-objective",
      ),
    );
  }
  if (said.unknownModelRequests > 0) {
    found.push(
      unknowns.warning(
        `${said.unknownModelRequests} requests named a model that no model server says it serves; they count as model "other"`,
        "correct the model in the clients' requests, or --served-model-name of the model servers",
      ),
    );
  }
  return found;
}

export function checkPicker({ picker }: Facts): readonly Finding[] {
  if (picker === undefined) return [];
  const said = picker.answer;
  if (!said.ok) {
    return [
      answer.wrong(
        `no picker answers: ${said.error}`,
        "give --picker the URL of its metrics port (--metrics-port, 9090 unless set), or start it",
      ),
      ...healthFindings(picker),
    ];
  }
  return [
    answer.ok(`picker ${said.version} of pool ${said.pool} answers at ${picker.url}`),
    ...healthFindings(picker),
    ...endpointFindings(said),
    ...unknownFindings(said),
  ];
}
