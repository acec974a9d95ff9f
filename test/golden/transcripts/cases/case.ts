import type { CoreOptions, PickerCore } from "../../../support/extproc-core.ts";
import type { ScriptedProxy } from "../../../support/extproc-proxy.ts";

/** One conversation, by the name of its file. `play` opens as many streams as it needs. */
export type TranscriptCase = {
  readonly name: string;
  readonly options?: CoreOptions;
  readonly play: (open: () => ScriptedProxy, core: PickerCore) => void;
};
