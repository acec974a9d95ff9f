import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds } from "#units";

const pollMs: Milliseconds = 20;
const patienceMs: Milliseconds = 15_000;

/**
 * Looks again and again until `look` finds something.
 * @param what named in the error
 * @throws when nothing was found in time
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  withinMs = patienceMs,
): Promise<T> {
  const giveUpAtMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > giveUpAtMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(pollMs);
  }
}

/** {@link eventually} for a fact that is true or not yet. */
export const becomes = (what: string, isSo: () => boolean | Promise<boolean>): Promise<true> =>
  eventually(what, async () => ((await isSo()) ? true : undefined));
