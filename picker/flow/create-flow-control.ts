import { FlowController, type FlowControllerOptions } from "./controller.ts";
import type { FlowControl } from "./flow-control.ts";
import { ImmediateAdmission } from "./immediate-admission.ts";
import { ObservingFlow } from "./observe/observing.ts";

/** Flow control as the settings say. */
export function createFlowControl(options: FlowControllerOptions): FlowControl {
  const { admission, enforcement } = options.settings;
  if (admission === "legacy") return new ImmediateAdmission(options, "sheds");
  return enforcement === "observe" ? new ObservingFlow(options) : new FlowController(options);
}
