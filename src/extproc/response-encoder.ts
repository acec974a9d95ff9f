import { unreachable } from "#errors";
import type { CommonReply, HeaderMutation, HeaderValue, ImmediateReply, ProcessingResponse } from "./message.ts";
import { writeStruct } from "./struct-codec.ts";
import { WireWriter } from "./wire-writer.ts";

/** HeaderValueOption.HeaderAppendAction. Appending is 0, the default. */
const overwriteIfExistsOrAdd = 2;

const writer = new WireWriter();

/**
 * Encodes one ProcessingResponse. Header values go into `raw_value`, the only field that Envoy's filter reads; appending
 * is said by `append` as well as by `append_action`, since the filter reads only the former.
 * @returns the message; it holds copies of its parts and may be kept and sent any number of times
 * Source: src/extproc/ext_proc.proto; Envoy source/extensions/filters/http/ext_proc/mutation_utils.cc.
 */
export function encodeProcessingResponse(response: ProcessingResponse): Buffer {
  writer.clear();
  if (response.dynamicMetadata !== undefined) {
    const mark = writer.mark;
    writeStruct(writer, response.dynamicMetadata);
    writer.message(8, mark);
  }
  const mark = writer.mark;
  switch (response.kind) {
    case "headers":
      writeCommon(response.common);
      writer.message(response.direction === "request" ? 1 : 2, mark);
      break;
    case "body":
      writeCommon(response.common);
      writer.message(response.direction === "request" ? 3 : 4, mark);
      break;
    case "trailers":
      if (response.headers !== undefined) writeMutation(1, response.headers);
      writer.message(response.direction === "request" ? 5 : 6, mark);
      break;
    case "immediate":
      writeImmediate(response.immediate);
      writer.message(7, mark);
      break;
    default:
      return unreachable(response);
  }
  return writer.finish();
}

function writeCommon({ headers, clearRouteCache, body }: CommonReply): void {
  const common = writer.mark;
  if (clearRouteCache === true) writer.bool(5, true);
  if (body !== undefined) {
    const mutation = writer.mark;
    if (body.kind === "replace") writer.blob(1, body.body);
    else {
      const mark = writer.mark;
      if (body.endOfStream) writer.bool(2, true);
      if (body.body.length > 0) writer.blob(1, body.body);
      writer.message(3, mark);
    }
    writer.message(3, mutation);
  }
  if (headers !== undefined) writeMutation(2, headers);
  writer.message(1, common);
}

function writeImmediate({ status, headers, body, grpcStatus, details }: ImmediateReply): void {
  if (details !== undefined && details !== "") writer.text(5, details);
  if (grpcStatus !== undefined) {
    const mark = writer.mark;
    writer.number(1, grpcStatus);
    writer.message(4, mark);
  }
  if (body !== undefined && body.length > 0) writer.blob(3, body);
  if (headers !== undefined) writeMutation(2, headers);
  const mark = writer.mark;
  writer.number(1, status);
  writer.message(1, mark);
}

function writeMutation(field: number, { set, remove }: HeaderMutation): void {
  const mutation = writer.mark;
  if (remove !== undefined) {
    for (let i = remove.length - 1; i >= 0; i--) writer.text(2, remove[i]!);
  }
  if (set !== undefined) {
    for (let i = set.length - 1; i >= 0; i--) writeSetHeader(set[i]!);
  }
  writer.message(field, mutation);
}

function writeSetHeader({ name, value, append }: HeaderValue): void {
  const option = writer.mark;
  if (value === "") writer.bool(4, true);
  if (append === true) {
    const mark = writer.mark;
    writer.bool(1, true);
    writer.message(2, mark);
  } else writer.number(3, overwriteIfExistsOrAdd);
  const header = writer.mark;
  if (value !== "") writer.text(3, value);
  writer.text(1, name);
  writer.message(1, header);
  writer.message(1, option);
}
