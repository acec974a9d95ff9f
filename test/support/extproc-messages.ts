import type { BodyMode, HeaderLines, JsonValue, OutgoingRequest } from "#extproc";

export type RequestOptions = {
  readonly method?: string;
  readonly path?: string;
  readonly objective?: string;
  /** Beside the usual ones. */
  readonly headers?: HeaderLines;
  readonly endOfStream?: boolean;
  /** For both directions; undefined: the message has no protocol_config. */
  readonly mode?: BodyMode | undefined;
  readonly responseMode?: BodyMode;
  /** Value of the subset hint; absent: no hint. */
  readonly subset?: JsonValue;
};

const subsetNamespace = "envoy.lb.subset_hint";
const subsetKey = "x-gateway-destination-endpoint-subset";

/** Request headers as Envoy sends them first. Without more: a chat completion for objective `chat`, in full duplex. */
export function requestHeaders(options: RequestOptions = {}): OutgoingRequest {
  const { method = "POST", path = "/v1/chat/completions", objective = "chat", headers = [], subset } = options;
  const mode = "mode" in options ? options.mode : "FULL_DUPLEX_STREAMED";
  return {
    kind: "headers",
    direction: "request",
    endOfStream: options.endOfStream ?? false,
    headers: [
      [":method", method],
      [":path", path],
      [":authority", "models.example"],
      ["x-request-id", "request-1"],
      ...(objective === "" ? [] : [["x-llm-d-inference-objective", objective] as const]),
      ...headers,
    ],
    ...(mode !== undefined && {
      protocolConfig: { requestBodyMode: mode, responseBodyMode: options.responseMode ?? mode },
    }),
    ...(subset !== undefined && { filterMetadata: { [subsetNamespace]: { [subsetKey]: subset } } }),
  };
}

const bytesOf = (body: string | Buffer): Buffer => (typeof body === "string" ? Buffer.from(body) : body);

export const requestBody = (body: string | Buffer, endOfStream = false): OutgoingRequest => ({
  kind: "body",
  direction: "request",
  body: bytesOf(body),
  endOfStream,
});

export const requestTrailers: OutgoingRequest = { kind: "trailers", direction: "request", trailers: [["x-sum", "1"]] };

export const responseHeaders = (
  status = 200,
  contentType = "text/event-stream",
  endOfStream = false,
): OutgoingRequest => ({
  kind: "headers",
  direction: "response",
  headers: [
    [":status", String(status)],
    ["content-type", contentType],
  ],
  endOfStream,
});

export const responseBody = (body: string | Buffer, endOfStream = false): OutgoingRequest => ({
  kind: "body",
  direction: "response",
  body: bytesOf(body),
  endOfStream,
});

export const responseTrailers: OutgoingRequest = {
  kind: "trailers",
  direction: "response",
  trailers: [["grpc-status", "0"]],
};

export const chatRequest = '{"model":"llama","messages":[{"role":"user","content":"Say hello."}],"stream":true}';
export const anthropicRequest = '{"model":"llama","max_tokens":9,"messages":[{"role":"user","content":"Say hello."}]}';
export const jsonAnswer =
  '{"choices":[{"message":{"content":"Hello."}}],"usage":{"prompt_tokens":7,"completion_tokens":3}}';

/** Events of a streamed chat completion. */
export const sse = {
  role: 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n',
  token: (text: string): string => `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}}}]}\n\n`,
  finish: 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
  usage: 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\n',
  done: "data: [DONE]\n\n",
} as const;
