import { bodyModes } from "./body-mode.ts";
import type { Direction, HeaderLines, OutgoingRequest, ProtocolConfig } from "./message.ts";
import { writeStruct } from "./struct-codec.ts";
import { putVarint, varintSize, WireWriter } from "./wire-writer.ts";

const writer = new WireWriter();

/**
 * Encodes one ProcessingRequest. Header values go into `raw_value`, as Envoy sends them.
 * @returns the message; a body in it is a copy: {@link streamedBodyRequest} does without
 * Source: src/extproc/ext_proc.proto.
 */
export function encodeProcessingRequest(request: OutgoingRequest): Buffer {
  writer.clear();
  if (request.protocolConfig !== undefined) writeProtocolConfig(request.protocolConfig);
  if (request.observabilityMode === true) writer.bool(10, true);
  if (request.filterMetadata !== undefined) writeMetadata(request.filterMetadata);
  const offset = request.direction === "request" ? 0 : 1;
  const mark = writer.mark;
  switch (request.kind) {
    case "headers":
      if (request.endOfStream) writer.bool(3, true);
      writeHeaderMap(request.headers);
      writer.message(2 + offset, mark);
      break;
    case "body":
      if (request.endOfStream) writer.bool(2, true);
      if (request.body.length > 0) writer.blob(1, request.body);
      writer.message(4 + offset, mark);
      break;
    case "trailers":
      writeHeaderMap(request.trailers);
      writer.message(6 + offset, mark);
      break;
  }
  return writer.finish();
}

/** The same message as {@link encodeProcessingRequest} of a body without envelope, as a head and the body itself, uncopied. */
export function streamedBodyRequest(direction: Direction, body: Buffer, endOfStream: boolean): readonly Buffer[] {
  const inner = (endOfStream ? 2 : 0) + (body.length > 0 ? 1 + varintSize(body.length) + body.length : 0);
  const head = Buffer.allocUnsafe(1 + varintSize(inner) + inner - body.length);
  head[0] = direction === "request" ? 0x22 : 0x2a;
  let at = putVarint(head, 1, inner);
  if (endOfStream) {
    head[at++] = 0x10;
    head[at++] = 1;
  }
  if (body.length === 0) return [head];
  head[at++] = 0x0a;
  putVarint(head, at, body.length);
  return [head, body];
}

function writeProtocolConfig({ requestBodyMode, responseBodyMode }: ProtocolConfig): void {
  const mark = writer.mark;
  writer.number(2, bodyModes.indexOf(responseBodyMode));
  writer.number(1, bodyModes.indexOf(requestBodyMode));
  writer.message(11, mark);
}

function writeMetadata(metadata: NonNullable<OutgoingRequest["filterMetadata"]>): void {
  const mark = writer.mark;
  for (const namespace of Object.keys(metadata).toReversed()) {
    const entry = writer.mark;
    const struct = writer.mark;
    writeStruct(writer, metadata[namespace] ?? {});
    writer.message(2, struct);
    writer.text(1, namespace);
    writer.message(1, entry);
  }
  writer.message(8, mark);
}

function writeHeaderMap(lines: HeaderLines): void {
  const map = writer.mark;
  for (let i = lines.length - 1; i >= 0; i--) {
    const [name, value] = lines[i]!;
    const mark = writer.mark;
    if (value !== "") writer.text(3, value);
    writer.text(1, name);
    writer.message(1, mark);
  }
  writer.message(1, map);
}
