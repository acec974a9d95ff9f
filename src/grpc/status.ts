/** A gRPC status code, 0 to 16. Source: grpc/doc/statuscodes.md. */
export type GrpcStatus = number;

/** The status codes by the name that the gRPC documentation gives them. Source: grpc/doc/statuscodes.md. */
export const grpcStatus = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const satisfies Readonly<Record<string, GrpcStatus>>;

const names = Object.keys(grpcStatus);

/** The name of a status code; `UNKNOWN` for a number that is none. */
export const grpcStatusName = (status: GrpcStatus): string => names[status] ?? "UNKNOWN";

/** Reads the `grpc-status` entry of trailers; undefined when it is absent or no number (the call then broke off). */
export function parseGrpcStatus(text: string | undefined): GrpcStatus | undefined {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}
