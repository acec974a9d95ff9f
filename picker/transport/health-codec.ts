/** HealthCheckResponse.ServingStatus. Source: grpc/health/v1/health.proto. */
export const servingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
export type ServingStatus = (typeof servingStatus)[keyof typeof servingStatus];

const wireType = { varint: 0, fixed64: 1, length: 2, fixed32: 5 } as const;
const field1Varint = 8;
const field1Length = 10;
const field2Length = 18;

/** A varint up to 32 bits as [value, offset behind it]; undefined where it does not end. */
function readVarint(bytes: Buffer, at: number): readonly [value: number, end: number] | undefined {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    if (i < 5) value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, at + i + 1];
  }
  return undefined;
}

/** The offset behind a field's value that starts at `at`; undefined when it is malformed or does not fit. */
function skip(bytes: Buffer, at: number, type: number): number | undefined {
  let end: number | undefined;
  if (type === wireType.fixed64) end = at + 8;
  else if (type === wireType.fixed32) end = at + 4;
  else if (type === wireType.varint) end = readVarint(bytes, at)?.[1];
  else if (type === wireType.length) {
    const length = readVarint(bytes, at);
    end = length && length[0] + length[1];
  }
  return end !== undefined && end <= bytes.length ? end : undefined;
}

/** The `service` of a HealthCheckRequest, empty where absent; undefined for bytes that are no message. */
export function decodeHealthRequest(bytes: Buffer): string | undefined {
  let service = "";
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    const end = tag && tag[0] >= 8 ? skip(bytes, tag[1], tag[0] & 7) : undefined;
    if (tag === undefined || end === undefined) return undefined;
    if (tag[0] === field1Length) service = bytes.toString("utf8", readVarint(bytes, tag[1])![1], end);
    at = end;
  }
  return service;
}

/** A HealthCheckResponse. */
export const encodeHealthReply = (status: ServingStatus): Buffer => Buffer.from([field1Varint, status]);

/** A HealthListResponse: a map of service names (of less than 120 bytes) to HealthCheckResponse. */
export function encodeHealthList(statuses: readonly (readonly [service: string, status: ServingStatus])[]): Buffer {
  const entries = statuses.map(([service, status]) => {
    const name = Buffer.from(service);
    const reply = encodeHealthReply(status);
    const entry = [field1Length, name.length, ...name, field2Length, reply.length, ...reply];
    return Buffer.from([field1Length, entry.length, ...entry]);
  });
  return Buffer.concat(entries);
}
