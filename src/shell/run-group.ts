import { CodedError, messageOf, toError } from "#errors";
import type { Milliseconds } from "#units";
import { systemTimers, type Timers } from "./clock.ts";
import type { Logger } from "./log.ts";

/** Something that runs for as long as the process does. */
export type RunPart = {
  readonly name: string;
  /** Resolves once it runs. A part that breaks later calls `fail`, which stops the whole group with that error. */
  start(fail: (error: Error) => void): Promise<void> | void;
  /** Ends gracefully. Also called for a part whose start had not finished when the group was stopped. */
  stop(): Promise<void> | void;
};

/** What the group needs of the process. */
export interface ProcessHooks {
  /** Calls on SIGTERM and SIGINT until the returned function is called. */
  onSignal(run: (signal: "SIGTERM" | "SIGINT") => void): () => void;
  exit(code: number): void;
}

/** This process. */
export const systemProcess: ProcessHooks = {
  onSignal: (run) => {
    process.on("SIGTERM", run);
    process.on("SIGINT", run);
    return () => void process.off("SIGTERM", run).off("SIGINT", run);
  },
  exit: (code) => process.exit(code),
};

/** Not everything stopped in time. */
export class StopTimeoutError extends CodedError<{ readonly code: "STOP_TIMEOUT"; readonly part: string }> {
  constructor(part: string, graceMs: Milliseconds) {
    super({ code: "STOP_TIMEOUT", part }, `"${part}" did not stop within ${graceMs} ms`);
  }
}

export type RunGroupOptions = {
  readonly log: Logger;
  /** Time that all parts together have to stop. */
  readonly graceMs: Milliseconds;
  readonly timers?: Timers;
  readonly process?: ProcessHooks;
};

const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const;

/** Starts parts in the order they were added and stops them in reverse. */
export class RunGroup {
  readonly #options: RunGroupOptions;
  readonly #parts: RunPart[] = [];
  readonly #started: RunPart[] = [];
  readonly #stopRequested = Promise.withResolvers<void>();
  #isStopping = false;
  #failure: Error | undefined;

  constructor(options: RunGroupOptions) {
    this.#options = options;
  }

  add(part: RunPart): void {
    this.#parts.push(part);
  }

  /** Asks the group to stop, as a signal does. Only the first call counts. */
  stop(): void {
    this.#isStopping = true;
    this.#stopRequested.resolve();
  }

  /**
   * Starts every part, waits for a signal, {@link stop} or a failure, then stops what was started.
   * @throws the error of the part that failed, or StopTimeoutError
   */
  async run(): Promise<void> {
    const release = (this.#options.process ?? systemProcess).onSignal((signal) => this.#onSignal(signal));
    try {
      await this.#start();
      await this.#stopRequested.promise;
      await this.#stopAll();
    } finally {
      release();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #onSignal(signal: "SIGTERM" | "SIGINT"): void {
    if (this.#isStopping) {
      (this.#options.process ?? systemProcess).exit(exitCodes[signal]);
      return;
    }
    this.#options.log.info("stopping", { signal });
    this.stop();
  }

  #fail(part: RunPart, error: Error): void {
    this.#failure ??= error;
    this.#options.log.error("part failed", { part: part.name, error: error.message });
    this.stop();
  }

  async #start(): Promise<void> {
    for (const part of this.#parts) {
      if (this.#isStopping) return;
      this.#started.push(part);
      const starting = this.#startOne(part);
      await Promise.race([starting, this.#stopRequested.promise]);
    }
  }

  async #startOne(part: RunPart): Promise<void> {
    try {
      await part.start((error) => this.#fail(part, error));
    } catch (error) {
      this.#started.splice(this.#started.indexOf(part), 1);
      this.#fail(part, toError(error));
    }
  }

  async #stopAll(): Promise<void> {
    const { graceMs, timers = systemTimers, log } = this.#options;
    const late = Promise.withResolvers<"late">();
    const cancel = timers.after(graceMs, () => late.resolve("late"));
    for (const part of this.#started.toReversed()) {
      const outcome = await Promise.race([stopOne(part, log), late.promise]);
      if (outcome === "late") this.#failure ??= new StopTimeoutError(part.name, graceMs);
    }
    cancel();
  }
}

/** A part that fails to stop must not keep the others from stopping. */
async function stopOne(part: RunPart, log: Logger): Promise<"stopped"> {
  try {
    await part.stop();
  } catch (error) {
    log.error("part failed to stop", { part: part.name, error: messageOf(error) });
  }
  return "stopped";
}
