/**
 * The body, header and trailer modes in which a picker sees all of an exchange and holds nothing up, as Envoy's
 * configuration names them. Source: envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.
 */
export const fullDuplexProcessingMode = {
  request_header_mode: "SEND",
  request_body_mode: "FULL_DUPLEX_STREAMED",
  request_trailer_mode: "SEND",
  response_header_mode: "SEND",
  response_body_mode: "FULL_DUPLEX_STREAMED",
  response_trailer_mode: "SEND",
} as const;
