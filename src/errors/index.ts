/** Errors with a code, and the check that a switch covers its union. */
export { CodedError, messageOf, toError, unreachable } from "./errors.ts";
