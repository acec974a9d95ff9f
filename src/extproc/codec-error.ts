import { CodedError } from "#errors";

/**
 * Bytes that are not the message they should be. `path` is the field being read, outermost first, such as
 * `request_headers.headers.key`; `offset` counts bytes from the start of the message.
 */
export class CodecError extends CodedError<{
  readonly code: "EXTPROC_MALFORMED";
  readonly path: string;
  readonly offset: number;
}> {
  constructor(path: string, offset: number, reason: string) {
    super({ code: "EXTPROC_MALFORMED", path, offset }, `ext-proc message, ${path} at byte ${offset}: ${reason}`);
  }
}
