import type { FlowSettings } from "../../picker/flow/settings.ts";
import type { FlowRig } from "../support/flow-rig.ts";
import { broken } from "./checks.ts";

/** Whatever flow control would do, these alone are answered while it is only observed. */
const whileObserved = new Set(["dispatched", "no-endpoints", "filtered-out", "shutting-down"]);

/** What holds once everything has ended: each request had one answer, and nothing is left of it. */
export function checkEnd(rig: FlowRig, settings: FlowSettings): void {
  const { ledger, requests, events } = rig;
  if (ledger.total !== 0) broken(`the ledger holds ${ledger.total} at the end`);
  for (let slot = 0; slot < 8; slot++) {
    const held = [ledger.requests(slot), ledger.promptTokens(slot), ledger.uncachedPromptTokens(slot)];
    if (held.some((one) => one !== 0)) broken(`slot ${slot} holds ${held.join(", ")} at the end`);
  }
  const { queue, saturation } = rig.flow.status();
  if (queue.requests !== 0 || queue.bytes !== 0 || queue.tokens !== 0) broken(`${queue.requests} wait at the end`);
  for (const { id, inFlight } of saturation.endpoints) if (inFlight !== 0) broken(`${id} has ${inFlight} at the end`);
  const left = new Map<string, string>();
  const would = new Map<string, string>();
  for (const event of events) {
    if (event.kind !== "left" && event.kind !== "would") continue;
    if (event.kind === "would" && event.outcome === "evicted") continue;
    const outcomes = event.kind === "left" ? left : would;
    if (outcomes.has(event.id)) broken(`${event.id} left as ${outcomes.get(event.id)} and as ${event.outcome}`);
    outcomes.set(event.id, event.outcome);
    if (event.waitedMs < 0) broken(`${event.id} waited ${event.waitedMs} ms`);
  }
  const isObserved = settings.admission === "queue" && settings.enforcement === "observe";
  for (const { id, answer, isCancelled, isInFlight } of requests) {
    if (isInFlight) broken(`${id} is in flight at the end`);
    if ((answer === undefined) !== isCancelled) broken(`${id} had the answer ${answer}, cancelled ${isCancelled}`);
    const outcome = isCancelled ? "client-gone" : answer;
    if (left.get(id) !== outcome) broken(`${id} left as ${left.get(id)}, and was told ${outcome}`);
    if (isObserved && outcome !== undefined && !whileObserved.has(outcome)) broken(`${id} is answered ${outcome}`);
    if (would.has(id) !== (isObserved && answer === "dispatched")) broken(`${id} would have left as ${would.get(id)}`);
  }
}
