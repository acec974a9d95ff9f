import { defaultConfiguration } from "../../../picker/configuration/load.ts";
import type { FlowSettings } from "../../../picker/flow/settings.ts";
import { presets } from "../../../simulator/presets.ts";
import type { EngineConfig } from "../../../simulator/engine/engine-request.ts";

/** Flow control as it is without any configuration. */
export const flowOn = (): FlowSettings => defaultConfiguration().flow;

/** More than any endpoint ever has. */
const noLimit = 1e6;

/** No flow control: every endpoint always has room, so that each request is scheduled as it comes. */
export function flowOff(): FlowSettings {
  const { detector, ...settings } = flowOn();
  if (detector.type !== "ledger-detector") throw new Error(`the default detector is ${detector.type}`);
  return { ...settings, detector: { ...detector, capacity: { kind: "static", maxRequests: noLimit } } };
}

/** The demo's model server. Its own queue has no limit, so that without flow control requests wait there. */
export const engine: EngineConfig = { ...presets.laptop, maxWaitingRequests: Number.MAX_SAFE_INTEGER };
