import type { ProtocolConfig } from "#extproc";
import { toSeconds, type Milliseconds, type Seconds } from "#units";

/** What the proxy last said of its body modes: how it is configured is not to be seen anywhere else. */
export class BodyModesSeen {
  readonly #now: () => Milliseconds;
  #last: ProtocolConfig | undefined;
  #atMs: Milliseconds | undefined;

  constructor(now: () => Milliseconds) {
    this.#now = now;
  }

  /** A stream began. Undefined modes: the proxy does not say. */
  saw(modes: ProtocolConfig | undefined): void {
    this.#last = modes;
    this.#atMs = this.#now();
  }

  /** For /debug/state. No `lastStreamAgeSeconds`: there was no stream yet. */
  state(): Partial<ProtocolConfig> & { readonly lastStreamAgeSeconds: Seconds | undefined } {
    const lastStreamAgeSeconds = this.#atMs === undefined ? undefined : toSeconds(this.#now() - this.#atMs);
    if (this.#last === undefined) return { lastStreamAgeSeconds };
    const { requestBodyMode, responseBodyMode } = this.#last;
    return { requestBodyMode, responseBodyMode, lastStreamAgeSeconds };
  }
}
