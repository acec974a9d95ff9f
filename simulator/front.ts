import { messageOf } from "#errors";
import { problemBody } from "./api/problem.ts";
import type { ApiProblem } from "./api/problem.ts";
import { isInferencePath } from "./api/routes.ts";
import { modelList } from "./api/served-models.ts";
import { schemaProblem } from "./api/sampling.ts";
import { faultsChangeSchema } from "./faults.ts";
import type { FaultsChange } from "./faults.ts";
import type { AnswerSink } from "./live-response.ts";
import type { Abandon, Replica } from "./replica.ts";

/** One HTTP request with its whole body. */
export type Call = { readonly method: string; readonly path: string; readonly body: string };

const done: Abandon = () => undefined;
const json = "application/json";

/** Prometheus text format 0.0.4. */
const metricsType = "text/plain; version=0.0.4; charset=utf-8";

function faultsChange(body: string): FaultsChange | ApiProblem {
  try {
    const parsed = faultsChangeSchema.safeParse(JSON.parse(body));
    return parsed.success ? (parsed.data as FaultsChange) : schemaProblem(parsed.error);
  } catch (caught) {
    if (!(caught instanceof SyntaxError)) throw caught;
    return { status: 400, message: `The body is not JSON: ${messageOf(caught)}` };
  }
}

function answerFaults(replica: Replica, call: Call, sink: AnswerSink): void {
  const change = call.method === "POST" ? faultsChange(call.body) : {};
  if ("status" in change) {
    sink.answer(change.status, json, JSON.stringify(problemBody(call.path, change)));
    return;
  }
  replica.changeFaults(change);
  const { latencyDurationMs = null, ...rest } = replica.faults;
  sink.answer(200, json, JSON.stringify({ ...rest, latencyDurationMs }));
}

/** What each path other than inference answers, and the methods that it takes. */
const pages: Readonly<
  Record<
    string,
    {
      readonly methods: readonly string[];
      readonly answer: (replica: Replica, call: Call, sink: AnswerSink) => void;
    }
  >
> = {
  "/health": { methods: ["GET", "HEAD"], answer: (_replica, _call, sink) => sink.answer(200, "text/plain", "") },
  "/metrics": {
    methods: ["GET"],
    answer: (replica, _call, sink) => sink.answer(200, metricsType, replica.metricsText()),
  },
  "/v1/models": {
    methods: ["GET"],
    answer: (replica, _call, sink) => sink.answer(200, json, JSON.stringify(modelList(replica.served))),
  },
  "/admin/faults": { methods: ["GET", "POST"], answer: answerFaults },
};

/** Answers any request to a model server. */
export function answerCall(replica: Replica, call: Call, sink: AnswerSink): Abandon {
  const { method, path, body } = call;
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const methods = page?.methods ?? (isInferencePath(path) ? ["POST"] : undefined);
  if (methods !== undefined && methods.includes(method)) {
    if (page === undefined) return replica.handle(path, body, sink);
    page.answer(replica, call, sink);
    return done;
  }
  const problem: ApiProblem =
    methods === undefined
      ? { status: 404, message: `no such path: ${path}` }
      : { status: 405, message: `${path} takes ${methods.join(" or ")}, not ${method}` };
  sink.answer(problem.status, json, JSON.stringify(problemBody(path, problem)));
  return done;
}
