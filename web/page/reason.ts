/** Why a request missed, in words. */
import { duration } from "./format.ts";
import type { Decision } from "./snapshot.ts";

const reasons: Readonly<Partial<Record<string, string>>> = {
  ttft: "TTFT",
  tpot: "TPOT",
  e2e: "E2E",
  shed: "shed",
  queue_full: "queue full",
  ttl_expired: "waited too long",
  evicted: "evicted",
  no_endpoints: "no endpoint",
  upstream_error: "model server failed",
  client_gone: "client left",
  shutting_down: "shutting down",
};

const waits: Readonly<Partial<Record<string, string>>> = {
  receive: "receiving the request",
  parse: "parsing",
  queue: "the queue",
  schedule: "scheduling",
  firstByte: "waiting for the first byte",
  decode: "decoding",
};

/** A miss reason of the metrics as people say it. */
export const reasonName = (reason: string): string => reasons[reason] ?? reason;

/** Reasons for which we refused the request ourselves. */
export const refusalReasons = [
  "shed",
  "queue_full",
  "ttl_expired",
  "evicted",
  "no_endpoints",
  "shutting_down",
] as const satisfies readonly string[];

/** One line; empty for a request about which nothing needs to be explained. */
export function explanation({ verdict, reason, overSeconds, longestWait, refusal, responseStatus }: Decision): string {
  if (verdict === "missed" && reason !== undefined) {
    const over = overSeconds === undefined ? "" : ` by ${duration(overSeconds)}`;
    const wait = longestWait === undefined ? "" : `, mostly ${waits[longestWait] ?? longestWait}`;
    const status = reason === "upstream_error" && responseStatus !== undefined ? ` (${responseStatus})` : "";
    return reasonName(reason) + over + wait + status;
  }
  if (refusal !== undefined) return `refused: ${reasonName(refusal)}`;
  if (verdict === "excluded") return responseStatus === undefined ? "not judged" : `not judged (${responseStatus})`;
  return "";
}
