import type { FlowRequest } from "../flow-request.ts";
import type { Band } from "./band.ts";

/** What stands in the way of one more request. Of these, only a global limit yields to displacement. */
export type QueueLimit = "global-requests" | "global-bytes" | "band-requests" | "band-bytes" | "dynamic-bands";

export type EnqueueOutcome = { readonly kind: "queued" } | { readonly kind: "rejected"; readonly limit: QueueLimit };

export const exceeds = (limit: number | undefined, value: number): boolean => limit !== undefined && value > limit;

export const bandLimit = ({ settings, requests, bytes }: Band, request: FlowRequest): QueueLimit | undefined => {
  if (exceeds(settings.maxBytes, bytes + request.bytes)) return "band-bytes";
  return exceeds(settings.maxRequests, requests + 1) ? "band-requests" : undefined;
};
