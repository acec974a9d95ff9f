/** Envoy's external processing protocol (envoy.service.ext_proc.v3): messages, decoder and encoder, both ends. */
export type {
  BodyMode,
  CommonReply,
  Direction,
  HeaderLines,
  HeaderMutation,
  HeaderValue,
  HeaderView,
  ImmediateReply,
  OutgoingRequest,
  ProcessingRequest,
  ProcessingResponse,
  ProtocolConfig,
  ReceivedResponse,
} from "./message.ts";
export type { JsonObject, JsonValue } from "./struct.ts";
export { CodecError } from "./codec-error.ts";
export { copyHeaders, headersOf } from "./header-view.ts";
export { continueReply, destinationKey, destinationNamespace, routeReplyTemplate, streamedBodyReply } from "./reply.ts";
export { fullDuplexProcessingMode } from "./processing-mode.ts";
export { decodeProcessingRequest } from "./request-decoder.ts";
export { encodeProcessingRequest, streamedBodyRequest } from "./request-encoder.ts";
export { decodeProcessingResponse } from "./response-decoder.ts";
export { encodeProcessingResponse } from "./response-encoder.ts";
