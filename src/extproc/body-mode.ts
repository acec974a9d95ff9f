import type { BodyMode } from "./message.ts";

/** Body modes in the order of their numbers. Source: ProcessingMode.BodySendMode. */
export const bodyModes = [
  "NONE",
  "STREAMED",
  "BUFFERED",
  "BUFFERED_PARTIAL",
  "FULL_DUPLEX_STREAMED",
  "GRPC",
] as const satisfies readonly BodyMode[];
