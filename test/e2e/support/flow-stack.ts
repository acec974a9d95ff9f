/** A stack whose one model server has room for so many requests, and holds each until the test lets it answer. */
import type { ServerResponse } from "node:http";
import { ObjectiveTable, type LatencyThresholds } from "#objective";
import { startScriptedUpstream } from "../../contract/gateway/scripted-upstream.ts";
import { loadConfiguration } from "../../../picker/configuration/load.ts";
import type { ResolvedConfiguration } from "../../../picker/configuration/resolved.ts";
import type { PickerOptions } from "../../../picker/shell/picker.ts";
import { call, chatBody, chatChunk, chatDone, newRequestId, paths, type Call } from "./calls.ts";
import { becomes } from "./poll.ts";
import { portOf } from "./scripted.ts";
import { generous, listed, objective, startStack, type GatewayKind, type Stack } from "./stack.ts";
import type { Started } from "./started.ts";
import type { Got } from "../../contract/gateway/http-client.ts";

/** One request at a time to each endpoint, unless the test says otherwise. */
export const oneAtATime = "{type: ledger-detector, parameters: {maxConcurrency: 1}}";

export type FlowText = {
  /** Keys of `flowControl`, in flow style, without braces. */
  readonly flow?: string;
  readonly plugins?: string;
  readonly gates?: string;
  readonly profiles?: string;
};

/** A configuration that scrapes nothing. */
export function flowConfiguration({
  flow = "",
  plugins = `[${oneAtATime}]`,
  gates = "[flowControl]",
  profiles = "[]",
}: FlowText = {}): ResolvedConfiguration {
  const text = `{apiVersion: llm-d.ai/v1alpha1, kind: EndpointPickerConfig, featureGates: ${gates}, plugins: ${plugins}, schedulingProfiles: ${profiles}, flowControl: {saturationDetector: {pluginRef: ledger-detector}, ${flow}}}`;
  const loaded = loadConfiguration(text, { file: "test", allowExperimental: true, refreshIntervalMs: 50 });
  return { ...loaded, metrics: undefined };
}

/** A pool without endpoints refuses after 50 ms instead of a minute. */
export const holdingBriefly = (): ResolvedConfiguration => flowConfiguration({ flow: "noEndpointRequestTTL: 50ms" });

const tight: LatencyThresholds = { ttftMs: 150 };

/** `chat` before `batch`, which is sheddable, as is `hurried` with a first token due in 150 ms; `other` in a band of its own. */
export const flowObjectives = new ObjectiveTable([
  objective("chat", generous, 1),
  objective("batch", generous, -1),
  objective("hurried", tight, -1),
  objective("other", generous, 7),
]);

export interface FlowStack {
  readonly stack: Stack;
  /** Requests at the model server that have no answer yet, oldest first. */
  readonly held: ServerResponse[];
  readonly ask: (objective: string, more?: Call) => Promise<Got>;
  /** Answers the oldest request at the model server. */
  readonly answerOne: () => void;
  /** Resolves once so many requests have come to the model server, one of them is there, and so many wait in the picker. */
  readonly stands: (come: number, waiting: number) => Promise<true>;
}

/** Starts it; it is stopped after the tests. */
export async function startFlowStack(
  started: Started,
  kind: GatewayKind,
  configuration: ResolvedConfiguration,
  options: Partial<PickerOptions> & { readonly isEmpty?: boolean } = {},
): Promise<FlowStack> {
  const upstream = await startScriptedUpstream();
  const held: ServerResponse[] = [];
  upstream.answer = (_, response) => {
    held.push(response);
    response.on("close", () => {
      const at = held.indexOf(response);
      if (at !== -1) held.splice(at, 1);
    });
  };
  started.keep({ stop: () => upstream.close() });
  const { isEmpty = false, ...picker } = options;
  const stack = started.keep(
    await startStack(kind, {
      endpoints: listed(isEmpty ? [] : [portOf(upstream)]),
      objectives: { kind: "table", table: flowObjectives },
      configuration,
      ...picker,
    }),
  );
  return {
    stack,
    held,
    ask: (name, more = {}) =>
      call(stack.baseUrl, {
        requestId: newRequestId(),
        path: paths.chat,
        body: chatBody({ stream: true }),
        ...more,
        headers: { "x-llm-d-inference-objective": name, ...more.headers },
      }),
    answerOne: () => {
      const response = held.shift();
      if (response === undefined) throw new Error("nothing is at the model server");
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(chatChunk("hello") + chatDone);
    },
    stands: (come, waiting) =>
      becomes(`${come} have come to the server and ${waiting} wait`, () => {
        const { queue } = stack.picker.flow();
        return upstream.received.length === come && held.length === Math.min(1, come) && queue.requests === waiting;
      }),
  };
}
