/** A request from the moment it asks for an endpoint until it has one or is refused. */
import type { Milliseconds } from "#units";
import { expiryOf, timeLimits, type Regime, type TimeLimits } from "./deadline/time-limits.ts";
import type { ExpectedOutput } from "./expected-output.ts";
import type { FlowAsk, FlowNote, FlowPort } from "./flow-control.ts";
import type { FlowRequest } from "./flow-request.ts";
import type { LatencyTargets } from "./in-flight.ts";
import type { Ahead } from "./room-forecast.ts";
import type { FlowSettings } from "./settings.ts";

/** Tenant of requests that name none. Source: llm-d-router, flow control, default fairness id. */
const defaultFairnessId = "default-flow";

export type Asking = {
  /** Replaced by another when it is demoted. */
  request: FlowRequest;
  limits: TimeLimits;
  /** Whether it leaves at its expiry because it can no longer be in time. */
  isLateAtExpiry: boolean;
  readonly port: FlowPort;
  readonly targets: LatencyTargets;
  /** When it was whole. */
  readonly askedAtMs: Milliseconds;
  readonly ahead: Ahead;
};

export type AskingParts = {
  readonly settings: FlowSettings;
  readonly regime: Regime;
  /** Dispatch to first token. */
  readonly serviceMs: Milliseconds;
  readonly outputs: ExpectedOutput;
  readonly nowMs: Milliseconds;
  readonly aheadOf: (priority: number) => Ahead;
};

/** Binds a request to its limits. */
export function openAsking(ask: FlowAsk, port: FlowPort, parts: AskingParts): Asking {
  const { settings, regime, serviceMs, outputs, nowMs, aheadOf } = parts;
  const { priority, objective, arrivedAtMs } = ask;
  const limits = withDemotion(timeLimits(settings, ask), priority, settings);
  const expiry = expiryOf(limits, regime, serviceMs);
  const { deadlineAtMs } = limits;
  const request: FlowRequest = {
    id: ask.id,
    objective,
    priority,
    fairnessId: ask.fairnessId === undefined || ask.fairnessId === "" ? defaultFairnessId : ask.fairnessId,
    bytes: ask.bytes,
    promptTokens: ask.promptTokens,
    expectedOutputTokens: outputs.of(objective, ask.maxOutputTokens),
    arrivedAtMs,
    expiresAtMs: expiry.atMs,
    ttftDeadlineAtMs: deadlineAtMs,
  };
  const ttftMs = deadlineAtMs === undefined ? undefined : deadlineAtMs - arrivedAtMs;
  const targets = { ttftMs, tpotMs: ask.tpotTargetMs };
  return {
    request,
    limits,
    isLateAtExpiry: expiry.isLate,
    port,
    targets,
    askedAtMs: nowMs,
    ahead: aheadOf(priority),
  };
}

/** A request with no lower priority to go to is served as if it had no target. */
const withDemotion = (limits: TimeLimits, priority: number, { late }: FlowSettings): TimeLimits =>
  limits.late === "demote" && priority <= late.demoteTo ? { ...limits, late: "serve" } : limits;

/** What it was decided from. */
export const noteOf = (
  { askedAtMs, ahead, request }: Asking,
  outcome: FlowNote["outcome"],
  saturation: number,
  nowMs: Milliseconds,
): FlowNote => ({
  outcome,
  waitedMs: nowMs - askedAtMs,
  saturation,
  aheadRequests: ahead.requests,
  priority: request.priority,
});
