import type {
  CommonReply,
  Direction,
  HeaderMutation,
  HeaderValue,
  ImmediateReply,
  ReceivedResponse,
} from "./message.ts";
import { readStruct } from "./struct-codec.ts";
import type { JsonObject } from "./struct.ts";
import { WireReader } from "./wire-reader.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Names of the oneof's cases by field number, for error messages. */
const partPaths = [
  "",
  "request_headers",
  "response_headers",
  "request_body",
  "response_body",
  "request_trailers",
  "response_trailers",
  "immediate_response",
] as const;

const emptyBody: Buffer = Buffer.alloc(0);

/**
 * Decodes one ProcessingResponse. Bodies are views of `buffer`. Unknown fields are skipped; where a field that is not
 * repeated comes twice, the last one counts. `clear_body` reads as a replacement by nothing.
 * @throws CodecError on bytes that are not a ProcessingResponse, and on what this version cannot carry out:
 * CONTINUE_AND_REPLACE, ADD_IF_ABSENT, OVERWRITE_IF_EXISTS
 * Source: src/extproc/ext_proc.proto.
 */
export function decodeProcessingResponse(buffer: Buffer): ReceivedResponse {
  const reader = new WireReader(buffer);
  let part = 0;
  let partStart = 0;
  let partEnd = 0;
  let dynamicMetadata: JsonObject | undefined;
  while (reader.position < reader.end) {
    const tag = reader.tag("response");
    const field = tag >>> 3;
    if (field >= 1 && field <= 7) {
      const length = reader.length(tag, partPaths[field]!);
      part = field;
      partStart = reader.position;
      partEnd = partStart + length;
      reader.position = partEnd;
    } else if (field === 8) {
      const outerEnd = reader.enter(tag, "dynamic_metadata");
      dynamicMetadata = readStruct(reader, "dynamic_metadata");
      reader.leave(outerEnd);
    } else reader.skip(tag, "response");
  }
  const envelope = dynamicMetadata === undefined ? {} : { dynamicMetadata };
  if (part === 0) return { kind: "unknown", ...envelope };
  reader.position = partStart;
  reader.end = partEnd;
  return { ...readPart(reader, part), ...envelope };
}

function readPart(reader: WireReader, part: number): ReceivedResponse {
  const path = partPaths[part]!;
  const direction: Direction = (part & 1) === 1 ? "request" : "response";
  if (part === 7) return { kind: "immediate", immediate: readImmediate(reader, path) };
  if (part > 4) {
    const headers = readTrailers(reader, path);
    return headers === undefined ? { kind: "trailers", direction } : { kind: "trailers", direction, headers };
  }
  let common: CommonReply = {};
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) common = readCommon(reader, tag, path);
    else reader.skip(tag, path);
  }
  return { kind: part > 2 ? "body" : "headers", direction, common };
}

function readTrailers(reader: WireReader, path: string): HeaderMutation | undefined {
  let headers: HeaderMutation | undefined;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) headers = readMutation(reader, tag, path);
    else reader.skip(tag, path);
  }
  return headers;
}

function readCommon(reader: WireReader, commonTag: number, path: string): CommonReply {
  const outerEnd = reader.enter(commonTag, path);
  const common: Mutable<CommonReply> = {};
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    const field = tag >>> 3;
    if (field === 1) {
      const status = reader.varint(tag, path);
      if (status !== 0) reader.fail(path, `response status ${status} is not supported`);
    } else if (field === 2) common.headers = readMutation(reader, tag, path);
    else if (field === 3) readBodyMutation(reader, tag, path, common);
    else if (field === 5) common.clearRouteCache = reader.bool(tag, path);
    else reader.skip(tag, path);
  }
  reader.leave(outerEnd);
  return common;
}

function readBodyMutation(reader: WireReader, mutationTag: number, path: string, common: Mutable<CommonReply>): void {
  const outerEnd = reader.enter(mutationTag, path);
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    const field = tag >>> 3;
    if (field === 1) common.body = { kind: "replace", body: reader.view(tag, path) };
    else if (field === 2) {
      if (reader.bool(tag, path)) common.body = { kind: "replace", body: emptyBody };
    } else if (field === 3) common.body = readStreamed(reader, tag, path);
    else reader.skip(tag, path);
  }
  reader.leave(outerEnd);
}

function readStreamed(reader: WireReader, streamedTag: number, path: string): NonNullable<CommonReply["body"]> {
  const outerEnd = reader.enter(streamedTag, path);
  let body = emptyBody;
  let endOfStream = false;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) body = reader.view(tag, path);
    else if (tag >>> 3 === 2) endOfStream = reader.bool(tag, path);
    else reader.skip(tag, path);
  }
  reader.leave(outerEnd);
  return { kind: "streamed", body, endOfStream };
}

function readImmediate(reader: WireReader, path: string): ImmediateReply {
  const immediate: Mutable<ImmediateReply> = { status: 0 };
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    const field = tag >>> 3;
    if (field === 1) immediate.status = readFirstNumber(reader, tag, path);
    else if (field === 2) immediate.headers = readMutation(reader, tag, path);
    else if (field === 3) immediate.body = reader.view(tag, path);
    else if (field === 4) immediate.grpcStatus = readFirstNumber(reader, tag, path);
    else if (field === 5) immediate.details = reader.text(tag, path);
    else reader.skip(tag, path);
  }
  return immediate;
}

/** Field 1 of a message that has only that: HttpStatus, GrpcStatus, BoolValue. */
function readFirstNumber(reader: WireReader, messageTag: number, path: string): number {
  const outerEnd = reader.enter(messageTag, path);
  let value = 0;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) value = reader.varint(tag, path);
    else reader.skip(tag, path);
  }
  reader.leave(outerEnd);
  return value;
}

function readMutation(reader: WireReader, mutationTag: number, path: string): HeaderMutation {
  const outerEnd = reader.enter(mutationTag, path);
  const set: HeaderValue[] = [];
  const remove: string[] = [];
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    if (tag >>> 3 === 1) {
      const header = readSetHeader(reader, tag, path);
      if (header !== undefined) set.push(header);
    } else if (tag >>> 3 === 2) remove.push(reader.text(tag, path));
    else reader.skip(tag, path);
  }
  reader.leave(outerEnd);
  return { ...(set.length > 0 && { set }), ...(remove.length > 0 && { remove }) };
}

/**
 * Undefined for an option without a header. `append` decides alone; `append_action` 0 is its default and says nothing,
 * as in Envoy's filter, where an option with neither overwrites.
 */
function readSetHeader(reader: WireReader, optionTag: number, path: string): HeaderValue | undefined {
  const outerEnd = reader.enter(optionTag, path);
  let header: HeaderValue | undefined;
  let append = false;
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    const field = tag >>> 3;
    if (field === 1) header = readHeaderValue(reader, tag, path);
    else if (field === 2) append = readFirstNumber(reader, tag, path) !== 0;
    else if (field === 3) {
      const action = reader.varint(tag, path);
      if (action !== 0 && action !== 2) reader.fail(path, `append action ${action} is not supported`);
    } else if (field === 4) reader.bool(tag, path);
    else reader.skip(tag, path);
  }
  reader.leave(outerEnd);
  return header !== undefined && append ? { ...header, append } : header;
}

function readHeaderValue(reader: WireReader, headerTag: number, path: string): HeaderValue {
  const outerEnd = reader.enter(headerTag, path);
  let name = "";
  let value = "";
  let raw = "";
  while (reader.position < reader.end) {
    const tag = reader.tag(path);
    const field = tag >>> 3;
    if (field === 1) name = reader.text(tag, path);
    else if (field === 2) value = reader.text(tag, path);
    else if (field === 3) raw = reader.text(tag, path);
    else reader.skip(tag, path);
  }
  reader.leave(outerEnd);
  return { name, value: raw === "" ? value : raw };
}
