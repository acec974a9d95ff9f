/** /debug/requests: the records that were asked for, in full. */
import { verdicts, type Verdict } from "#objective";
import { jsonReply, nextTurn, type AdminReply, type Clock } from "#shell";
import { parseDuration, type Milliseconds } from "#units";
import type { DecisionLog, DecisionQuery } from "../decision/decision-log.ts";

const defaultRequests = 100;
const mostRequests = 5000;
/** Records between two looks at the event loop. */
const sliceLength = 20;

type PageQuery = DecisionQuery & { readonly limit: number };

const isVerdict = (text: string): text is Verdict => verdicts.some((verdict) => verdict === text);

/** The query, or what is wrong with it. */
function pageQuery(query: URLSearchParams, nowMs: Milliseconds): PageQuery | string {
  const verdict = query.get("verdict") ?? undefined;
  if (verdict !== undefined && !isVerdict(verdict)) {
    return `verdict: found "${verdict}"; allowed: ${verdicts.join(", ")}`;
  }
  const since = query.get("since") ?? undefined;
  const sinceAgoMs = since === undefined ? undefined : parseDuration(since);
  if (since !== undefined && sinceAgoMs === undefined) return `since: a duration such as 90s or 10m is allowed`;
  const limit = Number(query.get("limit") ?? defaultRequests);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostRequests) {
    return `limit: a whole number from 1 to ${mostRequests} is allowed`;
  }
  return {
    verdict,
    id: query.get("id") ?? undefined,
    objective: query.get("objective") ?? undefined,
    sinceMs: sinceAgoMs === undefined ? undefined : nowMs - sinceAgoMs,
    limit,
  };
}

/** `nowMs` is of the clock of `endedAtMs`; `now` is the same instant as people write it. */
export async function requestsPage(
  decisions: DecisionLog,
  parameters: URLSearchParams,
  clock: Clock,
): Promise<AdminReply> {
  const nowMs = clock.nowMs();
  const query = pageQuery(parameters, nowMs);
  if (typeof query === "string") return jsonReply(400, { error: query });
  const now = new Date(clock.wallMs()).toISOString();
  const found = decisions.find(query, query.limit);
  const texts: string[] = [];
  for (let from = 0; from < found.length; from += sliceLength) {
    if (from > 0) await nextTurn();
    for (const kept of found.slice(from, from + sliceLength)) texts.push(JSON.stringify(decisions.explain(kept)));
  }
  const head = JSON.stringify({ now, nowMs, kept: decisions.state() }).slice(0, -1);
  return { status: 200, contentType: "application/json", body: `${head},"requests":[${texts.join(",")}]}\n` };
}
