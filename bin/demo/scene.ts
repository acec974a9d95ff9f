/** What the demo plays: a pool, two objectives, and load that rises and falls. */
import { defaultPeriodMs, type InferenceObjective, type ServiceLevel } from "#objective";
import type { Milliseconds, NonEmpty } from "#units";
import type { LoadObjective } from "../../load/objective.ts";

export const demoPool = "demo";
export const demoModel = "attain-demo";
export const demoReplicas = 3;
const wavePeriodMs: Milliseconds = 20_000;

const objective = (name: string, priority: number): InferenceObjective => ({
  namespace: "default",
  name,
  poolName: demoPool,
  priority,
});
const level = (target: number, thresholds: ServiceLevel["thresholds"]): ServiceLevel => ({
  thresholds,
  target,
  periodMs: defaultPeriodMs,
  sheddedAs: "missed",
});

const chat = { objective: objective("chat", 0), level: level(0.99, { ttftMs: 500, tpotMs: 50 }) };
const batch = { objective: objective("batch", -1), level: level(0.95, { e2eMs: 20_000 }) };

/** `chat`: TTFT 500 ms and TPOT 50 ms for 99 %. `batch`: sheddable, E2E 20 s for 95 %. */
export const demoObjectives = [chat, batch];

/** Conversations that share system prompts, and longer batch work beside them, both in waves. */
export const demoLoad: NonEmpty<LoadObjective> = [
  {
    name: "chat",
    rate: { kind: "wave", lowPerSecond: 3, highPerSecond: 14, periodMs: wavePeriodMs },
    prompt: { kind: "uniform", from: 150, to: 600 },
    output: { kind: "uniform", from: 20, to: 80 },
    sharedShare: 0.8,
    prefixTokens: 256,
    prefixCount: 6,
    streamShare: 1,
    api: "chat",
    priority: chat.objective.priority,
    level: chat.level,
  },
  {
    name: "batch",
    rate: { kind: "wave", lowPerSecond: 0.5, highPerSecond: 3, periodMs: wavePeriodMs },
    prompt: { kind: "uniform", from: 400, to: 1200 },
    output: { kind: "uniform", from: 50, to: 150 },
    sharedShare: 0.3,
    prefixTokens: 256,
    prefixCount: 2,
    streamShare: 0,
    api: "chat",
    priority: batch.objective.priority,
    level: batch.level,
  },
];
