/** A stack in front of one model server that does what the test says. */
import { startScriptedUpstream, type ScriptedUpstream } from "../../contract/gateway/scripted-upstream.ts";
import { defaultConfiguration } from "../../../picker/configuration/load.ts";
import type { PickerOptions } from "../../../picker/shell/picker.ts";
import { listed, startStack, type GatewayKind, type Stack } from "./stack.ts";
import type { Started } from "./started.ts";

export type ScriptedStack = { readonly stack: Stack; readonly upstream: ScriptedUpstream };

export const portOf = ({ hostPort }: Pick<ScriptedUpstream, "hostPort">): number => Number(hostPort.split(":").at(-1));

/** A configuration that scrapes nothing, so that a model server sees only what clients send. */
export const withoutScraping = () => ({ ...defaultConfiguration(), metrics: undefined });

/** Starts both; they are stopped after the tests. */
export async function startScriptedStack(
  started: Started,
  kind: GatewayKind,
  options: Partial<PickerOptions> = {},
): Promise<ScriptedStack> {
  const upstream = await startScriptedUpstream();
  started.keep({ stop: () => upstream.close() });
  const endpoints = listed([portOf(upstream)]);
  const stack = await startStack(kind, { endpoints, configuration: withoutScraping(), ...options });
  return { stack: started.keep(stack), upstream };
}
