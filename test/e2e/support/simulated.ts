/** A stack in front of simulated model servers that answer at once. */
import { startSimulator, type RunningSimulator } from "../../../simulator/shell/server.ts";
import { model } from "./calls.ts";
import { listed, startStack, type GatewayKind, type Stack } from "./stack.ts";
import type { Started } from "./started.ts";

export type SimulatedStack = { readonly stack: Stack; readonly simulator: RunningSimulator };

/** Starts both; they are stopped after the tests. */
export async function startSimulatedStack(started: Started, kind: GatewayKind, replicas = 1): Promise<SimulatedStack> {
  const simulator = await startSimulator({ basePort: 0, replicas, preset: "instant", model });
  started.keep({ stop: () => simulator.close() });
  const endpoints = listed(simulator.endpoints.map(({ port }) => port));
  return { stack: started.keep(await startStack(kind, { endpoints })), simulator };
}
