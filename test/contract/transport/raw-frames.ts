/** HTTP/2 frames by hand, for what a well-behaved client never sends. */

export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** A literal field without indexing; name and value of less than 127 bytes. */
const field = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);

export const settings = frame(4, 0, 0, Buffer.alloc(0));
export const data = (stream: number, payload: Buffer): Buffer => frame(0, 0, stream, payload);

/** The HEADERS of a gRPC call of `/test.Service/<method>`; its END_STREAM flag is not set. */
export const callHeaders = (stream: number, method: string): Buffer =>
  frame(
    1,
    4,
    stream,
    Buffer.concat([
      field(":method", "POST"),
      field(":scheme", "http"),
      field(":path", `/test.Service/${method}`),
      field(":authority", "x"),
      field("content-type", "application/grpc"),
      field("te", "trailers"),
    ]),
  );

export function reset(stream: number, code: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return frame(3, 0, stream, payload);
}
