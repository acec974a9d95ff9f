/** A JSON value, as google.protobuf.Value can carry it. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
/** A JSON object, as google.protobuf.Struct can carry it. */
export type JsonObject = { readonly [key: string]: JsonValue };
