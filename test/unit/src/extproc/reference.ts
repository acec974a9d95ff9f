import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import type {
  CommonReply,
  HeaderLines,
  HeaderMutation,
  JsonObject,
  JsonValue,
  OutgoingRequest,
  ProcessingResponse,
} from "#extproc";

/** The codec's own .proto file, read by protobufjs: the second opinion that the tests compare with. */
export const schema = protobuf
  .loadSync(fileURLToPath(new URL("../../../../src/extproc/ext_proc.proto", import.meta.url)))
  .resolveAll();
export const requestType = schema.lookupType("attain.extproc.ProcessingRequest");
export const responseType = schema.lookupType("attain.extproc.ProcessingResponse");

type Plain = { readonly [key: string]: unknown };

const toBuffer = (type: protobuf.Type, object: Plain): Buffer => {
  const refusal = type.verify(object);
  if (refusal !== null) throw new Error(refusal);
  return Buffer.from(type.encode(type.create(object)).finish());
};

export const referenceRequest = (request: OutgoingRequest): Buffer => toBuffer(requestType, requestObject(request));
export const referenceResponse = (response: ProcessingResponse): Buffer =>
  toBuffer(responseType, responseObject(response));

/** What protobufjs reads, defaults left out, bytes as base64. */
export const readBack = (type: protobuf.Type, bytes: Buffer): Plain =>
  type.toObject(type.decode(bytes), { bytes: String, defaults: true, arrays: true, objects: true });

const headerMap = (lines: HeaderLines): Plain => ({
  headers: lines.map(([key, value]) => ({ key, rawValue: Buffer.from(value) })),
});

const mapOf = <T>(object: { readonly [key: string]: T }, of: (value: T) => unknown): Plain =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, of(value)]));

const struct = (object: JsonObject): Plain => ({ fields: mapOf(object, valueObject) });

function valueObject(value: JsonValue): Plain {
  if (value === null) return { nullValue: 0 };
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(valueObject) } };
  return { structValue: struct(value as JsonObject) };
}

const bodyModeNumbers = { NONE: 0, STREAMED: 1, BUFFERED: 2, BUFFERED_PARTIAL: 3, FULL_DUPLEX_STREAMED: 4, GRPC: 5 };

function requestObject(request: OutgoingRequest): Plain {
  const { protocolConfig, filterMetadata, observabilityMode, direction } = request;
  const envelope = {
    ...(filterMetadata !== undefined && { metadataContext: { filterMetadata: mapOf(filterMetadata, struct) } }),
    ...(observabilityMode !== undefined && { observabilityMode }),
    ...(protocolConfig !== undefined && {
      protocolConfig: {
        requestBodyMode: bodyModeNumbers[protocolConfig.requestBodyMode],
        responseBodyMode: bodyModeNumbers[protocolConfig.responseBodyMode],
      },
    }),
  };
  const { kind } = request;
  const part = kind === "headers" ? "Headers" : kind === "body" ? "Body" : "Trailers";
  const content =
    kind === "headers"
      ? { headers: headerMap(request.headers), endOfStream: request.endOfStream }
      : kind === "body"
        ? { body: request.body, endOfStream: request.endOfStream }
        : { trailers: headerMap(request.trailers) };
  return { [`${direction}${part}`]: content, ...envelope };
}

const mutation = ({ set = [], remove = [] }: HeaderMutation): Plain => ({
  setHeaders: set.map(({ name, value, append }) => ({
    header: { key: name, rawValue: Buffer.from(value) },
    ...(append === true ? { append: { value: true } } : { appendAction: 2 }),
    ...(value === "" && { keepEmptyValue: true }),
  })),
  removeHeaders: remove,
});

const common = ({ headers, clearRouteCache, body }: CommonReply): Plain => ({
  response: {
    ...(headers !== undefined && { headerMutation: mutation(headers) }),
    ...(clearRouteCache !== undefined && { clearRouteCache }),
    ...(body !== undefined && {
      bodyMutation:
        body.kind === "replace"
          ? { body: body.body }
          : { streamedResponse: { body: body.body, endOfStream: body.endOfStream } },
    }),
  },
});

function responseObject(response: ProcessingResponse): Plain {
  const { dynamicMetadata } = response;
  const envelope = dynamicMetadata === undefined ? {} : { dynamicMetadata: struct(dynamicMetadata) };
  if (response.kind === "immediate") {
    const { status, headers, body, grpcStatus, details } = response.immediate;
    const immediateResponse = {
      status: { code: status },
      ...(headers !== undefined && { headers: mutation(headers) }),
      ...(body !== undefined && { body }),
      ...(grpcStatus !== undefined && { grpcStatus: { status: grpcStatus } }),
      ...(details !== undefined && { details }),
    };
    return { immediateResponse, ...envelope };
  }
  if (response.kind === "trailers") {
    const content = response.headers === undefined ? {} : { headerMutation: mutation(response.headers) };
    return { [`${response.direction}Trailers`]: content, ...envelope };
  }
  const part = response.kind === "headers" ? "Headers" : "Body";
  return { [`${response.direction}${part}`]: common(response.common), ...envelope };
}
