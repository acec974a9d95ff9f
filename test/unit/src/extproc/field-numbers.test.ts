import { expect, it } from "@jest/globals";
import { schema } from "./reference.ts";

/**
 * The numbers of Envoy's published files, written down from those, so that our .proto cannot drift from the wire.
 * Source: envoyproxy/envoy api/envoy/service/ext_proc/v3/external_processor.proto and the files that it imports.
 */
it.each([
  [
    "ProcessingRequest",
    "2 request_headers, 3 response_headers, 4 request_body, 5 response_body, 6 request_trailers, 7 response_trailers, " +
      "8 metadata_context, 10 observability_mode, 11 protocol_config",
  ],
  ["ProtocolConfiguration", "1 request_body_mode, 2 response_body_mode"],
  ["HttpHeaders", "1 headers, 3 end_of_stream"],
  ["HttpBody", "1 body, 2 end_of_stream"],
  ["HttpTrailers", "1 trailers"],
  [
    "ProcessingResponse",
    "1 request_headers, 2 response_headers, 3 request_body, 4 response_body, 5 request_trailers, 6 response_trailers, " +
      "7 immediate_response, 8 dynamic_metadata",
  ],
  ["HeadersResponse", "1 response"],
  ["BodyResponse", "1 response"],
  ["TrailersResponse", "1 header_mutation"],
  ["CommonResponse", "1 status, 2 header_mutation, 3 body_mutation, 5 clear_route_cache"],
  ["BodyMutation", "1 body, 2 clear_body, 3 streamed_response"],
  ["StreamedBodyResponse", "1 body, 2 end_of_stream"],
  ["ImmediateResponse", "1 status, 2 headers, 3 body, 4 grpc_status, 5 details"],
  ["GrpcStatus", "1 status"],
  ["HttpStatus", "1 code"],
  ["HeaderMutation", "1 set_headers, 2 remove_headers"],
  ["HeaderValueOption", "1 header, 2 append, 3 append_action, 4 keep_empty_value"],
  ["HeaderMap", "1 headers"],
  ["HeaderValue", "1 key, 2 value, 3 raw_value"],
  ["Metadata", "1 filter_metadata"],
  ["BoolValue", "1 value"],
  ["Struct", "1 fields"],
  ["Value", "1 null_value, 2 number_value, 3 string_value, 4 bool_value, 5 struct_value, 6 list_value"],
  ["ListValue", "1 values"],
])("%s has Envoy's field numbers", (name, want) => {
  const fields = schema.lookupType(`attain.extproc.${name}`).fieldsArray.toSorted((a, b) => a.id - b.id);
  const snake = (camel: string): string => camel.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  expect(fields.map((field) => `${field.id} ${snake(field.name)}`).join(", ")).toBe(want);
});

it.each([
  ["BodySendMode", { NONE: 0, STREAMED: 1, BUFFERED: 2, BUFFERED_PARTIAL: 3, FULL_DUPLEX_STREAMED: 4, GRPC: 5 }],
  ["CommonResponse.ResponseStatus", { CONTINUE: 0, CONTINUE_AND_REPLACE: 1 }],
  [
    "HeaderValueOption.HeaderAppendAction",
    { APPEND_IF_EXISTS_OR_ADD: 0, ADD_IF_ABSENT: 1, OVERWRITE_IF_EXISTS_OR_ADD: 2, OVERWRITE_IF_EXISTS: 3 },
  ],
])("%s has Envoy's values", (name, want) => {
  expect(schema.lookupEnum(`attain.extproc.${name}`).values).toEqual(want);
});
