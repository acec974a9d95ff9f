import { afterAll } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Something that runs until it is stopped. */
export type Stoppable = { stop(): Promise<void> | void };

/** What the tests of one `describe` started. */
export type Started = {
  /** Hands the thing back, and stops it after the tests. */
  keep<T extends Stoppable>(thing: T): T;
  /** A new folder, deleted after the tests. */
  folder(): Promise<string>;
};

/** Stops everything in reverse after the tests of this `describe`, also when a later start failed or a stop fails. */
export function stopAfterTests(): Started {
  const things: Stoppable[] = [];
  const keep = <T extends Stoppable>(thing: T): T => {
    things.push(thing);
    return thing;
  };
  afterAll(async () => {
    const failures: unknown[] = [];
    for (const thing of things.splice(0).toReversed()) {
      try {
        await thing.stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "not everything stopped");
  });
  return {
    keep,
    folder: async () => {
      const path = await mkdtemp(join(tmpdir(), "attain-e2e-"));
      keep({ stop: () => rm(path, { recursive: true, force: true }) });
      return path;
    },
  };
}
