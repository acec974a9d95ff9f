/** The pure parts of gRPC over HTTP/2: status codes, message framing, timeouts, error text. */
export { type GrpcStatus, grpcStatus, grpcStatusName, parseGrpcStatus } from "./status.ts";
export { type FrameFault, frameHeader, frameHeaderBytes, GrpcFrameReader, writeFrameHeader } from "./frame.ts";
export { parseTimeout } from "./timeout.ts";
export { decodeGrpcMessage, encodeGrpcMessage } from "./message-text.ts";
