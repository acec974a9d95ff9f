import { type GrpcStatus, grpcStatus, parseTimeout } from "#grpc";
import type { Milliseconds } from "#units";
import type { Method } from "./methods.ts";

/** What becomes of a new stream: a call of a method, or the answer that refuses it. */
export type Admission =
  | { readonly kind: "call"; readonly method: Method; readonly timeoutMs: Milliseconds | undefined }
  /** It is no gRPC: a plain HTTP status. */
  | { readonly kind: "http"; readonly status: 405 | 415 }
  | { readonly kind: "refused"; readonly status: GrpcStatus; readonly message: string };

/** The request headers that decide. Values as received, undefined where absent. */
export type RequestHead = {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly contentType: string | undefined;
  readonly encoding: string | undefined;
  readonly timeout: string | undefined;
};

const grpcContentType = /^application\/grpc(?:$|[+;\s])/i;

/** Source: grpc/doc/PROTOCOL-HTTP2.md, Requests (415 for a foreign content type); 405 as grpc-go answers. */
export function admit(head: RequestHead, methods: ReadonlyMap<string, Method>): Admission {
  if (head.method !== "POST") return { kind: "http", status: 405 };
  if (head.contentType === undefined || !grpcContentType.test(head.contentType)) return { kind: "http", status: 415 };
  const method = head.path === undefined ? undefined : methods.get(head.path);
  if (method === undefined) {
    return { kind: "refused", status: grpcStatus.UNIMPLEMENTED, message: `unknown method ${head.path}` };
  }
  if (head.encoding !== undefined && head.encoding !== "identity") {
    const message = `message encoding ${head.encoding} is not supported`;
    return { kind: "refused", status: grpcStatus.UNIMPLEMENTED, message };
  }
  const timeoutMs = head.timeout === undefined ? undefined : parseTimeout(head.timeout);
  if (head.timeout !== undefined && timeoutMs === undefined) {
    return { kind: "refused", status: grpcStatus.INTERNAL, message: `malformed grpc-timeout ${head.timeout}` };
  }
  return { kind: "call", method, timeoutMs };
}
