import type { CloseCause } from "../transport/contract.ts";

/** CONNECT_ERROR: a connection made on the peer's behalf was reset. Source: RFC 9113, section 7. */
const connectError = 0xa;

/**
 * True when the way a stream was closed says that the model server broke off its response, or that we gave up on it.
 * Envoy 1.40 resets every stream with INTERNAL_ERROR, older ones with NO_ERROR or CANCEL, whatever happened to the
 * exchange; so of the codes only CONNECT_ERROR, which Envoy never sends here and the embedded gateway sends for this, says it.
 */
export const saysBroken = (cause: CloseCause): boolean =>
  cause.kind === "aborted" || (cause.kind === "reset" && cause.http2Code === connectError);
