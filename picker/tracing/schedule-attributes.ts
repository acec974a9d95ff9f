/** Attributes of `epp.schedule`: whom it was decided between, and by which scores. */
import type { Route } from "../director/arrival.ts";
import type { CandidateScores } from "../scheduling/candidate-scores.ts";
import { put, type Writable } from "./attributes.ts";
import type { Attributes } from "./span.ts";

function putRoute(into: Writable, { endpoint, promptTokens }: Route): void {
  into["attain.endpoint.id"] = endpoint.id;
  into["server.address"] = endpoint.address;
  into["server.port"] = endpoint.port;
  into["attain.prompt_tokens.estimated"] = promptTokens;
}

const number = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

/** One candidate's total and its score by scorer; names of scorers come from the configuration. */
function putScores(into: Writable, considered: CandidateScores, row: number, prefix: string): void {
  put(into, `${prefix}.score`, number(considered.field(row, "total")));
  for (const [scorer, { name }] of considered.scorers.entries()) {
    put(into, `${prefix}.scores.${name}`, number(considered.score(row, scorer)));
  }
}

/** @param considered undefined where scores are not recorded */
export function scheduleAttributes(route: Route | undefined, considered: CandidateScores | undefined): Attributes {
  const into: Writable = {};
  if (route !== undefined) putRoute(into, route);
  if (considered === undefined) return into;
  into["attain.endpoints.in_pool"] = considered.inPool;
  into["attain.endpoints.eligible"] = considered.eligible;
  into["attain.endpoints.considered"] = considered.considered;
  if (considered.rows > 0) putScores(into, considered, 0, "attain.endpoint");
  if (considered.rows > 1) {
    into["attain.runner_up.id"] = considered.id(1);
    putScores(into, considered, 1, "attain.runner_up");
  }
  return into;
}
