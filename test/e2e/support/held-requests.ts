/** A pool without endpoints, whose first one answers one request at a time, in the open. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Milliseconds } from "#units";
import { startScriptedUpstream } from "../../contract/gateway/scripted-upstream.ts";
import { chatBody, chatChunk, chatDone, newRequestId, paths, sentOf } from "./calls.ts";
import { flowConfiguration, flowObjectives } from "./flow-stack.ts";
import { endpointsText, replaceFile } from "./pool-files.ts";
import { portOf } from "./scripted.ts";
import { startStack, type GatewayKind, type Stack } from "./stack.ts";
import type { Started } from "./started.ts";

const answersAfterMs: Milliseconds = 10;

export type EmptyPool = {
  readonly stack: Stack;
  /** Ids of the requests that came to the model server, in the order in which they came. */
  readonly came: readonly string[];
  /** The most that the server had at once. */
  readonly mostAtOnce: () => number;
  /** The server joins the pool. */
  readonly join: () => Promise<void>;
};

/** Starts it; it is stopped after the tests. */
export async function startEmptyPool(started: Started, kind: GatewayKind): Promise<EmptyPool> {
  const upstream = await startScriptedUpstream();
  started.keep({ stop: () => upstream.close() });
  const came: string[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  upstream.answer = ({ headers }, response) => {
    came.push(String(headers["x-request-id"]));
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    setTimeout(() => {
      atOnce--;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(chatChunk("hello") + chatDone);
    }, answersAfterMs);
  };
  const path = join(await started.folder(), "endpoints.yaml");
  await writeFile(path, endpointsText([]));
  const stack = started.keep(
    await startStack(kind, {
      endpoints: { kind: "file", path, watch: true },
      objectives: { kind: "table", table: flowObjectives },
      configuration: flowConfiguration(),
    }),
  );
  return {
    stack,
    came,
    mostAtOnce: () => mostAtOnce,
    join: () => replaceFile(path, endpointsText([portOf(upstream)])),
  };
}

/** A client that can leave before there is an answer. */
export type Waiter = {
  readonly requestId: string;
  /** Undefined once it has left. */
  readonly status: Promise<number | undefined>;
  readonly leave: () => void;
};

export function waitFor(stack: Stack): Waiter {
  const requestId = newRequestId();
  const { method, headers, body } = sentOf({ requestId, body: chatBody({ stream: true }) });
  const leaving = new AbortController();
  const asked = fetch(new URL(paths.chat, stack.baseUrl), {
    method: method!,
    headers: headers as Record<string, string>,
    body: body!,
    signal: leaving.signal,
  });
  const status = asked.then(
    async (response) => {
      await response.text();
      return response.status;
    },
    (error: unknown) => {
      if (leaving.signal.aborted) return undefined;
      throw error;
    },
  );
  return { requestId, status, leave: () => leaving.abort() };
}
