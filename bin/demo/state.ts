/** Reads a picker's /debug/state, as anybody on the outside can. */
import { z } from "zod";
import { CodedError } from "#errors";

const quantiles = z.object({ p50: z.number().optional(), p99: z.number().optional() });

const pickerState = z.object({
  pool: z.object({
    endpoints: z.array(
      z.object({
        id: z.string(),
        hostPort: z.string(),
        state: z.enum(["fresh", "stale", "unknown"]),
        picks: z.number(),
        waitingRequests: z.number().optional(),
        runningRequests: z.number().optional(),
        kvCacheUsageRatio: z.number().optional(),
        inFlight: z.object({ requests: z.number() }),
      }),
    ),
  }),
  objectives: z.array(
    z.object({
      name: z.string(),
      priority: z.number(),
      target: z.number().optional(),
      thresholds: z.object({ ttftMs: z.number(), tpotMs: z.number(), e2eMs: z.number() }).partial(),
      met: z.number(),
      missed: z.number(),
      excluded: z.number(),
      untargeted: z.number(),
      attainment: z.number().optional(),
      budgetRemaining: z.number().optional(),
      inFlight: z.number(),
      ttftSeconds: quantiles,
      tpotSeconds: quantiles,
      e2eSeconds: quantiles,
    }),
  ),
  ledger: z.object({ inFlight: z.number() }),
  process: z.object({ cpuSeconds: z.number(), rssBytes: z.number() }),
});

/** What a picker says of itself. */
export type PickerState = z.infer<typeof pickerState>;

/** The picker could not be asked. */
export class StateError extends CodedError<{ readonly code: "PICKER_STATE"; readonly url: string }> {}

/** @throws StateError */
export async function readPickerState(metricsPort: number): Promise<PickerState> {
  const url = `http://127.0.0.1:${metricsPort}/debug/state`;
  const response = await fetch(url);
  if (!response.ok) throw new StateError({ code: "PICKER_STATE", url }, `${url}: status ${response.status}`);
  return pickerState.parse(await response.json());
}
