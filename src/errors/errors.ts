/** The smallest shape of an error's data: a code that programs switch on, with the variant's own fields beside it. */
export type ErrorData = { readonly code: string };

/**
 * An error that programs can tell apart by `data.code` and people can read by `message`.
 * Expected answers are values, not errors: this is for bad configuration and for what a caller cannot continue from.
 */
export class CodedError<D extends ErrorData> extends Error {
  /** The code and the fields that belong to it. */
  readonly data: D;
  constructor(data: D, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.data = data;
  }
}

/** Ends a switch over a union: does not compile while a variant is missing. Throws, since reaching it is a bug. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** A caught value as an Error. */
export const toError = (caught: unknown): Error => (caught instanceof Error ? caught : new Error(String(caught)));

/** The message of a caught value. */
export const messageOf = (caught: unknown): string => toError(caught).message;
