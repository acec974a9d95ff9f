import { ConfigError } from "#config";
import { CertificateError, FileUnreadableError } from "#shell";
import { EngineError } from "../picker/state/engine-config.ts";
import { CodedError, messageOf } from "#errors";

/** Bad arguments that commander cannot see. */
export class UsageError extends CodedError<{ readonly code: "USAGE"; readonly option: string }> {
  constructor(option: string, message: string) {
    super({ code: "USAGE", option }, `${option}: ${message}`);
  }
}

/** 2: bad arguments or configuration; 1: tried and failed. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  [ConfigError, UsageError, EngineError, FileUnreadableError, CertificateError].some((kind) => error instanceof kind)
    ? 2
    : 1;

/** What to tell the person at the terminal. */
export const describeFailure = (error: unknown): string => messageOf(error);
