import { unreachable } from "#errors";
import type { LoadApi } from "./objective.ts";
import type { PlannedRequest } from "./plan.ts";
import { promptOf, type Prompt } from "./prompt.ts";

const pathOf: Readonly<Record<LoadApi, string>> = {
  chat: "/v1/chat/completions",
  completions: "/v1/completions",
  messages: "/v1/messages",
  responses: "/v1/responses",
};

/** Path of an API, from the root. */
export const apiPath = (api: LoadApi): string => pathOf[api];

const withUsage = (stream: boolean): object => (stream ? { stream_options: { include_usage: true } } : {});

const chatMessages = ({ prefix, own }: Prompt): readonly object[] =>
  prefix === undefined
    ? [{ role: "user", content: own }]
    : [
        { role: "system", content: prefix },
        { role: "user", content: own },
      ];

/**
 * The JSON body of a planned request. `ignore_eos` makes vLLM (and what answers like it) generate exactly the planned
 * length where its API knows that key.
 */
export function requestBody(request: PlannedRequest, model: string, seed: number): string {
  const { stream, outputTokens } = request;
  const prompt = promptOf(request, seed);
  const { prefix, own } = prompt;
  const { api } = request.objective;
  switch (api) {
    case "chat":
      return JSON.stringify({
        model,
        messages: chatMessages(prompt),
        max_tokens: outputTokens,
        ignore_eos: true,
        stream,
        ...withUsage(stream),
      });
    case "completions":
      return JSON.stringify({
        model,
        prompt: prefix === undefined ? own : `${prefix} ${own}`,
        max_tokens: outputTokens,
        ignore_eos: true,
        stream,
        ...withUsage(stream),
      });
    case "messages":
      return JSON.stringify({
        model,
        ...(prefix === undefined ? {} : { system: prefix }),
        messages: [{ role: "user", content: own }],
        max_tokens: outputTokens,
        stream,
      });
    case "responses":
      return JSON.stringify({
        model,
        ...(prefix === undefined ? {} : { instructions: prefix }),
        input: own,
        max_output_tokens: outputTokens,
        stream,
      });
    default:
      return unreachable(api);
  }
}
