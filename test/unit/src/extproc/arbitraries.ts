import * as fc from "fast-check";
import { unreachable } from "#errors";
import type {
  BodyMode,
  CommonReply,
  HeaderMutation,
  JsonObject,
  JsonValue,
  OutgoingRequest,
  ProcessingRequest,
  ProcessingResponse,
} from "#extproc";

const direction = fc.constantFrom("request" as const, "response" as const);
const text = fc.string({ unit: "binary", maxLength: 80 });
const nameUnit = fc.constantFrom(...Array.from("abcdefghijklmnopqrstuvwxyz0123456789-:"));
const name = fc.string({ unit: nameUnit, minLength: 1, maxLength: 40 });
const long = fc.record({ length: fc.integer({ min: 16_300, max: 70_000 }), fill: fc.nat({ max: 255 }) });
const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)) },
  { weight: 1, arbitrary: long.map(({ length, fill }) => Buffer.alloc(length, fill)) },
);
const smallBytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const key = text.filter((candidate) => candidate !== "__proto__");

const { value: jsonValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    text,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
export const jsonObject: fc.Arbitrary<JsonObject> = fc.dictionary(key, jsonValue, {
  maxKeys: 4,
  noNullPrototype: true,
});

const bodyMode: fc.Arbitrary<BodyMode> = fc.constantFrom(
  "NONE",
  "STREAMED",
  "BUFFERED",
  "BUFFERED_PARTIAL",
  "FULL_DUPLEX_STREAMED",
  "GRPC",
);
const lines = fc.array(fc.tuple(name, text), { maxLength: 20 });
const envelope = fc.record(
  {
    protocolConfig: fc.record({ requestBodyMode: bodyMode, responseBodyMode: bodyMode }),
    filterMetadata: fc.dictionary(key, jsonObject, { maxKeys: 3, noNullPrototype: true }),
    observabilityMode: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const requestPart = (body: fc.Arbitrary<Buffer>) =>
  fc.oneof(
    fc.record({ kind: fc.constant("headers" as const), direction, headers: lines, endOfStream: fc.boolean() }),
    fc.record({ kind: fc.constant("body" as const), direction, body, endOfStream: fc.boolean() }),
    fc.record({ kind: fc.constant("trailers" as const), direction, trailers: lines }),
  );
const requestWith = (body: fc.Arbitrary<Buffer>): fc.Arbitrary<OutgoingRequest> =>
  fc.tuple(envelope, requestPart(body)).map(([around, part]) => Object.assign({}, around, part));

export const request = requestWith(bytes);
/** Small enough to try every truncation of it. */
export const smallRequest = requestWith(smallBytes);

const headerValue = fc.oneof(
  fc.record({ name, value: text }),
  fc.record({ name, value: text, append: fc.constant(true) }),
);
const mutation: fc.Arbitrary<HeaderMutation> = fc.record(
  {
    set: fc.array(headerValue, { minLength: 1, maxLength: 5 }),
    remove: fc.array(name, { minLength: 1, maxLength: 5 }),
  },
  { requiredKeys: [] },
);
const common = (body: fc.Arbitrary<Buffer>): fc.Arbitrary<CommonReply> =>
  fc.record(
    {
      headers: mutation,
      clearRouteCache: fc.constant(true),
      body: fc.oneof(
        fc.record({ kind: fc.constant("streamed" as const), body, endOfStream: fc.boolean() }),
        fc.record({ kind: fc.constant("replace" as const), body }),
      ),
    },
    { requiredKeys: [] },
  );
const responsePart = (body: fc.Arbitrary<Buffer>) =>
  fc.oneof(
    fc.record({ kind: fc.constantFrom("headers" as const, "body" as const), direction, common: common(body) }),
    fc.record({ kind: fc.constant("trailers" as const), direction }),
    fc.record({ kind: fc.constant("trailers" as const), direction, headers: mutation }),
    fc.record({
      kind: fc.constant("immediate" as const),
      immediate: fc.record(
        {
          status: fc.integer({ min: 200, max: 599 }),
          headers: mutation,
          body: body.filter(({ length }) => length > 0),
          grpcStatus: fc.nat({ max: 16 }),
          details: text.filter((details) => details !== ""),
        },
        { requiredKeys: ["status"] },
      ),
    }),
  );
const responseWith = (body: fc.Arbitrary<Buffer>): fc.Arbitrary<ProcessingResponse> =>
  fc
    .tuple(fc.record({ dynamicMetadata: jsonObject }, { requiredKeys: [] }), responsePart(body))
    .map(([around, part]) => Object.assign({}, around, part));

export const response = responseWith(bytes);
export const smallResponse = responseWith(smallBytes);

/** The same data with bytes as base64, which compares faster. */
export const plain = (value: unknown): unknown =>
  Buffer.isBuffer(value)
    ? value.toString("base64")
    : Array.isArray(value)
      ? value.map(plain)
      : value !== null && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]))
        : value;

/** Reads everything that a decoded request offers, as plain data; `namespaces` are asked of its metadata. */
export function forced(decoded: ProcessingRequest, namespaces: readonly string[]): object {
  const { kind, protocolConfig, observabilityMode } = decoded;
  const around = {
    protocolConfig,
    observabilityMode,
    metadata: namespaces.map((namespace) => decoded.filterMetadata(namespace)),
  };
  switch (kind) {
    case "headers": {
      const { direction, endOfStream } = decoded;
      return { kind, direction, headers: decoded.headers.entries(), endOfStream, ...around };
    }
    case "body":
      return { kind, direction: decoded.direction, body: decoded.body, endOfStream: decoded.endOfStream, ...around };
    case "trailers":
      return { kind, direction: decoded.direction, trailers: decoded.trailers.entries(), ...around };
    case "unknown":
      return { kind, ...around };
    default:
      return unreachable(kind);
  }
}

export const namespacesOf = ({ filterMetadata }: OutgoingRequest): readonly string[] =>
  Object.keys(filterMetadata ?? {});

/** What decoding an encoded request and reading all of it must give. */
export function expected(sent: OutgoingRequest) {
  const { protocolConfig, filterMetadata, observabilityMode, ...part } = sent;
  return {
    ...part,
    protocolConfig,
    observabilityMode: observabilityMode ?? false,
    metadata: Object.values(filterMetadata ?? {}),
  };
}
