/** Requests as clients write them, and what is in the answers. */
import { randomUUID } from "node:crypto";
import { open, send, type Got, type Opened, type Sent } from "../../contract/gateway/http-client.ts";

export const model = "attain-demo";
export const paths = {
  chat: "/v1/chat/completions",
  completions: "/v1/completions",
  embeddings: "/v1/embeddings",
  responses: "/v1/responses",
  messages: "/v1/messages",
  countTokens: "/v1/messages/count_tokens",
  models: "/v1/models",
} as const;

export const chatBody = (more: object = {}): object => ({
  model,
  messages: [{ role: "user", content: "How long is a piece of string?" }],
  ...more,
});

/** A request of the objective `chat` with an id of its own. */
export type Call = Omit<Sent, "body" | "headers"> & {
  readonly requestId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
};

export const newRequestId = (): string => randomUUID();

/** The request in full: a JSON body unless the body is text already. */
export function sentOf({ requestId = newRequestId(), headers, body, ...rest }: Call): Sent {
  const method = body === undefined ? "GET" : "POST";
  return {
    method,
    ...rest,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      "x-llm-d-inference-objective": "chat",
      "x-request-id": requestId,
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
}

/** Sends it and reads the whole response. */
export const call = (baseUrl: string, request: Call): Promise<Got> => send(baseUrl, sentOf(request));

/** Sends it and leaves the response's body to be read. */
export const openCall = (baseUrl: string, request: Call): Promise<Opened> => open(baseUrl, sentOf(request));

/** A JSON body, to be looked into by the matchers of a test. */
export const jsonOf = (got: Pick<Got, "body">): unknown => JSON.parse(got.body.toString());

/** One chunk of a streamed chat completion, as a model server writes it. */
export const chatChunk = (content: string): string =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content } }] })}\n\n`;
export const chatDone = "data: [DONE]\n\n";

/** An event of a stream: its name, and its data as JSON or, where it is none, as text. */
export type StreamedEvent = { readonly event: string | undefined; readonly data: unknown };

const dataOf = (text: string): unknown => (text.startsWith("{") ? JSON.parse(text) : text);

/** Reads a whole event stream whose events have one line of data each. */
export function eventsOf(body: Buffer): readonly StreamedEvent[] {
  return body
    .toString()
    .split("\n\n")
    .filter((text) => text !== "")
    .map((text) => ({
      event: /^event: (.*)$/m.exec(text)?.[1],
      data: dataOf(/^data: (.*)$/m.exec(text)?.[1] ?? ""),
    }));
}

/** Whatever is at a path of keys; undefined where there is nothing. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  let inner = value;
  for (const key of keys) inner = (inner as Record<string | number, unknown> | null | undefined)?.[key];
  return inner;
}
