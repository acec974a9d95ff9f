import { bodyModes } from "./body-mode.ts";
import { emptyHeaders, readHeaderMap } from "./header-view.ts";
import type { BodyMode, Direction, HeaderView, ProcessingRequest, ProtocolConfig } from "./message.ts";
import { readStruct } from "./struct-codec.ts";
import type { JsonObject } from "./struct.ts";
import { WireReader } from "./wire-reader.ts";

/** Names of the oneof's cases by field number, for error messages. */
const partPaths = [
  "",
  "",
  "request_headers",
  "response_headers",
  "request_body",
  "response_body",
  "request_trailers",
  "response_trailers",
] as const;
const metadataPath = "metadata_context.filter_metadata";
const configPath = "protocol_config";

const emptyBody: Buffer = Buffer.alloc(0);
const noMetadata = (): undefined => undefined;

type FilterMetadata = ProcessingRequest["filterMetadata"];

/**
 * Decodes one ProcessingRequest. Bodies and headers are views of `buffer`: they are valid as long as its content is.
 * Unknown fields are skipped; where a field that is not repeated comes twice, the last one counts.
 * @throws CodecError on bytes that are not a ProcessingRequest
 * Source: src/extproc/ext_proc.proto.
 */
export function decodeProcessingRequest(buffer: Buffer): ProcessingRequest {
  const reader = new WireReader(buffer);
  let part = 0;
  let partStart = 0;
  let partEnd = 0;
  let filterMetadata: FilterMetadata = noMetadata;
  let observabilityMode = false;
  let protocolConfig: ProtocolConfig | undefined;
  while (reader.position < reader.end) {
    const tag = reader.tag("request");
    const field = tag >>> 3;
    if (field >= 2 && field <= 7) {
      const length = reader.length(tag, partPaths[field]!);
      part = field;
      partStart = reader.position;
      partEnd = partStart + length;
      reader.position = partEnd;
    } else if (field === 8) {
      const length = reader.length(tag, metadataPath);
      if (length > 0) filterMetadata = metadataIn(buffer, reader.position, reader.position + length);
      reader.position += length;
    } else if (field === 10) observabilityMode = reader.bool(tag, "observability_mode");
    else if (field === 11) protocolConfig = readProtocolConfig(reader, tag);
    else reader.skip(tag, "request");
  }
  if (part === 0) return { kind: "unknown", protocolConfig, filterMetadata, observabilityMode };
  reader.position = partStart;
  reader.end = partEnd;
  const path = partPaths[part]!;
  const direction: Direction = (part & 1) === 0 ? "request" : "response";
  if (part === 4 || part === 5) {
    return readBody(reader, path, direction, protocolConfig, filterMetadata, observabilityMode);
  }
  if (part > 5) {
    const trailers = readTrailers(reader, path);
    return { kind: "trailers", direction, trailers, protocolConfig, filterMetadata, observabilityMode };
  }
  const { headers, endOfStream } = readHeaders(reader, path);
  return { kind: "headers", direction, headers, endOfStream, protocolConfig, filterMetadata, observabilityMode };
}

function readBody(
  reader: WireReader,
  path: string,
  direction: Direction,
  protocolConfig: ProtocolConfig | undefined,
  filterMetadata: FilterMetadata,
  observabilityMode: boolean,
): ProcessingRequest {
  let body = emptyBody;
  let endOfStream = false;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) body = reader.view(tag, path);
    else if (tag >>> 3 === 2) endOfStream = reader.bool(tag, path);
    else reader.skip(tag, path);
  }
  return { kind: "body", direction, body, endOfStream, protocolConfig, filterMetadata, observabilityMode };
}

function readHeaders(reader: WireReader, path: string): { headers: HeaderView; endOfStream: boolean } {
  let headers: HeaderView = emptyHeaders;
  let endOfStream = false;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) headers = readHeaderMap(reader, tag, path);
    else if (tag >>> 3 === 3) endOfStream = reader.bool(tag, path);
    else reader.skip(tag, path);
  }
  return { headers, endOfStream };
}

function readTrailers(reader: WireReader, path: string): HeaderView {
  let trailers: HeaderView = emptyHeaders;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) trailers = readHeaderMap(reader, tag, path);
    else reader.skip(tag, path);
  }
  return trailers;
}

function readProtocolConfig(reader: WireReader, tag: number): ProtocolConfig {
  const outerEnd = reader.enter(tag, configPath);
  let requestBodyMode: BodyMode = "NONE";
  let responseBodyMode: BodyMode = "NONE";
  while (reader.position < reader.end) {
    const field = reader.tag(configPath);
    if (field >>> 3 === 1) requestBodyMode = readBodyMode(reader, field);
    else if (field >>> 3 === 2) responseBodyMode = readBodyMode(reader, field);
    else reader.skip(field, configPath);
  }
  reader.leave(outerEnd);
  return { requestBodyMode, responseBodyMode };
}

/** An unknown mode is refused: a stream whose order of messages we do not know cannot be answered. */
function readBodyMode(reader: WireReader, tag: number): BodyMode {
  const value = reader.varint(tag, configPath);
  return bodyModes[value] ?? reader.fail(configPath, `unknown body send mode ${value}`);
}

const metadataIn =
  (buffer: Buffer, start: number, end: number): FilterMetadata =>
  (namespace) => {
    const reader = new WireReader(buffer, start, end);
    let found: JsonObject | undefined;
    while (reader.position < reader.end) {
      const tag = reader.tag(metadataPath);
      if (tag >>> 3 !== 1) {
        reader.skip(tag, metadataPath);
        continue;
      }
      const outerEnd = reader.enter(tag, metadataPath);
      found = readNamespace(reader, namespace) ?? found;
      reader.leave(outerEnd);
    }
    return found;
  };

/** One map entry: its struct where the key is `namespace`, which is not decoded otherwise. */
function readNamespace(reader: WireReader, namespace: string): JsonObject | undefined {
  let key = "";
  let structStart = reader.end;
  let structEnd = reader.end;
  const entryEnd = reader.end;
  while (reader.position < reader.end) {
    const tag = reader.tag(metadataPath);
    if (tag >>> 3 === 1) key = reader.text(tag, metadataPath);
    else if (tag >>> 3 === 2) {
      const length = reader.length(tag, metadataPath);
      structStart = reader.position;
      structEnd = structStart + length;
      reader.position = structEnd;
    } else reader.skip(tag, metadataPath);
  }
  if (key !== namespace) return undefined;
  reader.position = structStart;
  reader.end = structEnd;
  const struct = readStruct(reader, metadataPath);
  reader.position = entryEnd;
  return struct;
}
