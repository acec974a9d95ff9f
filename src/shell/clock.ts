import { setImmediate } from "node:timers/promises";
import type { Milliseconds } from "#units";

/** The time. Pure code gets `nowMs` as an argument; only shells hold a clock. */
export interface Clock {
  /** Monotonic: never goes back, has no relation to the date. For every duration and instant inside the process. */
  nowMs(): Milliseconds;
  /** Unix time. For log lines and what is shown to people; never for durations. */
  wallMs(): Milliseconds;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/** Runs something later. Injected, so that tests move time by hand. */
export interface Timers {
  /** @returns cancels it; does nothing once it ran */
  after(delayMs: Milliseconds, run: () => void): () => void;
}

/** The machine's timers. They do not keep the process alive. */
export const systemTimers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves once everything that is waiting in the event loop has had its turn. For long work that is done in pieces. */
export const nextTurn = (): Promise<void> => setImmediate();
