import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import {
  decodeProcessingRequest,
  destinationKey,
  destinationNamespace,
  encodeProcessingRequest,
  encodeProcessingResponse,
  streamedBodyReply,
  type HeaderLines,
  type ProcessingResponse,
} from "#extproc";
import type { Bench, BenchCase } from "./compare.ts";

/** What a proxy shows of an ordinary chat request: 18 lines. */
const lines: HeaderLines = [
  [":authority", "inference.example.org"],
  [":path", "/v1/chat/completions"],
  [":method", "POST"],
  [":scheme", "https"],
  ["user-agent", "OpenAI/Python 2.8.1"],
  ["accept", "application/json"],
  ["accept-encoding", "gzip, deflate"],
  ["content-type", "application/json"],
  ["content-length", "4096"],
  ["authorization", "Bearer 0123456789abcdef0123456789abcdef"],
  ["x-stainless-lang", "python"],
  ["x-stainless-runtime", "CPython"],
  ["x-forwarded-for", "192.0.2.2"],
  ["x-forwarded-proto", "https"],
  ["x-envoy-external-address", "192.0.2.2"],
  ["x-request-id", "76867f1c-77f6-47dc-a4e3-421f6e9f6eda"],
  ["x-llm-d-inference-fairness-id", "tenant-7"],
  ["x-llm-d-inference-objective", "chat"],
];
const wanted = "x-llm-d-inference-objective";

type ReferenceHeader = { readonly key: string; readonly value: string; readonly rawValue: Uint8Array };
type ReferenceRequest = protobuf.Message & {
  readonly requestHeaders: { readonly headers: { readonly headers: readonly ReferenceHeader[] } };
  readonly responseBody: { readonly body: Uint8Array; readonly endOfStream: boolean };
};

const text = new TextDecoder();

function headersCase(requests: protobuf.Type): BenchCase {
  const message = encodeProcessingRequest({
    kind: "headers",
    direction: "request",
    headers: lines,
    endOfStream: false,
    filterMetadata: {},
    protocolConfig: { requestBodyMode: "FULL_DUPLEX_STREAMED", responseBodyMode: "FULL_DUPLEX_STREAMED" },
  });
  return {
    name: `decode headers=${lines.length}, look one up`,
    baselineName: "protobufjs",
    baseline: () => {
      const { headers } = (requests.decode(message) as ReferenceRequest).requestHeaders.headers;
      const found = headers.find(({ key }) => key === wanted);
      return found === undefined ? undefined : text.decode(found.rawValue);
    },
    candidate: () => {
      const decoded = decodeProcessingRequest(message);
      return decoded.kind === "headers" ? decoded.headers.get(wanted) : undefined;
    },
  };
}

function chunkCase(requests: protobuf.Type, responses: protobuf.Type, size: number): BenchCase {
  const message = encodeProcessingRequest({
    kind: "body",
    direction: "response",
    body: Buffer.alloc(size, "x"),
    endOfStream: false,
    filterMetadata: {},
  });
  return {
    name: `decode chunk and reply bytes=${size}`,
    baselineName: "protobufjs",
    note: "the candidate's reply is a head and the received body, the baseline's one copied message",
    baseline: () => {
      const { responseBody } = requests.decode(message) as ReferenceRequest;
      const streamedResponse = { body: responseBody.body, endOfStream: responseBody.endOfStream };
      return responses.encode({ responseBody: { response: { bodyMutation: { streamedResponse } } } }).finish();
    },
    candidate: () => {
      const decoded = decodeProcessingRequest(message);
      return decoded.kind === "body"
        ? streamedBodyReply(decoded.direction, decoded.body, decoded.endOfStream)
        : undefined;
    },
  };
}

function routeCase(responses: protobuf.Type): BenchCase {
  const destination = "10.24.17.105:8000";
  const route: ProcessingResponse = {
    kind: "headers",
    direction: "request",
    common: { headers: { set: [{ name: destinationKey, value: destination }] }, clearRouteCache: true },
    dynamicMetadata: { [destinationNamespace]: { [destinationKey]: destination } },
  };
  const setHeaders = [{ header: { key: destinationKey, rawValue: Buffer.from(destination) }, appendAction: 2 }];
  const endpoint = { structValue: { fields: { [destinationKey]: { stringValue: destination } } } };
  const reference = {
    requestHeaders: { response: { headerMutation: { setHeaders }, clearRouteCache: true } },
    dynamicMetadata: { fields: { [destinationNamespace]: endpoint } },
  };
  return {
    name: "encode route reply",
    baselineName: "protobufjs",
    baseline: () => responses.encode(reference).finish(),
    candidate: () => encodeProcessingResponse(route),
  };
}

/** protobufjs generates its code at the first call and needs this many more before it runs at its speed. */
const warmUps = 20_000;

function warmed(one: BenchCase): BenchCase {
  for (let i = 0; i < warmUps; i++) {
    one.baseline();
    one.candidate();
  }
  return one;
}

export const bench: Bench = {
  name: "codec",
  cases: () => {
    const schema = protobuf.loadSync(fileURLToPath(new URL("../../src/extproc/ext_proc.proto", import.meta.url)));
    const requests = schema.lookupType("attain.extproc.ProcessingRequest");
    const responses = schema.lookupType("attain.extproc.ProcessingResponse");
    return [
      headersCase(requests),
      ...[216, 4096, 32_768].map((size) => chunkCase(requests, responses, size)),
      routeCase(responses),
    ].map(warmed);
  },
};
