/** Reads a picker's admin pages over HTTP, as anybody on the outside can. */
import { z } from "zod";
import { CodedError, messageOf } from "#errors";
import { dimensions, missReasons, verdicts, type Verdict } from "#objective";
import type { Milliseconds } from "#units";
import type { ExplainedDecision } from "../picker/decision/decision-log.ts";

const quantiles = z.object({ p50: z.number().optional(), p99: z.number().optional() });
const mode = z.string().optional();

const pickerState = z.object({
  version: z.string(),
  pool: z.object({
    name: z.string(),
    endpointCount: z.number(),
    endpoints: z.array(
      z.object({
        id: z.string(),
        hostPort: z.string(),
        state: z.enum(["fresh", "stale", "unknown"]),
        picks: z.number(),
        models: z.array(z.string()).default([]),
        ageSeconds: z.number().optional(),
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
  flow: z.object({
    admission: z.enum(["queue", "legacy"]),
    enforcement: z.enum(["enforce", "observe"]),
    saturation: z.object({ mode: z.enum(["normal", "concurrency-only", "no-endpoints"]) }),
    /** Null: as long as their clients do. */
    longestWaitSeconds: z.number().nullable(),
  }),
  streams: z.object({ open: z.number() }),
  extProc: z.object({
    port: z.number().optional(),
    healthPort: z.number().optional(),
    tls: z.boolean(),
    requestBodyMode: mode,
    responseBodyMode: mode,
    lastStreamAgeSeconds: z.number().optional(),
  }),
  unknown: z.object({ objectiveRequests: z.number(), modelRequests: z.number() }),
  clock: z.object({ nowMs: z.number(), wallMs: z.number(), driftSeconds: z.number() }),
  process: z.object({ cpuSeconds: z.number(), rssBytes: z.number(), uptimeSeconds: z.number() }),
});

/** What a picker says of itself. */
export type PickerState = z.infer<typeof pickerState>;

const span = z.number().optional();
const byDimension = <V extends z.ZodType>(value: V) => z.partialRecord(z.enum(dimensions), value);

const candidate = z.looseObject({
  endpoint: z.string(),
  total: z.number(),
  scores: z.record(z.string(), z.number()),
  unknownTo: z.array(z.string()),
  metrics: z.enum(["fresh", "stale", "unknown"]),
  inFlight: z.number(),
});

/** What is read of a record is checked; what a newer picker adds is passed over. */
const decision = z.looseObject({
  id: z.string(),
  objective: z.string(),
  priority: z.number(),
  verdict: z.enum(verdicts),
  reason: z.enum(missReasons).optional(),
  dimensions: byDimension(z.enum(["met", "missed"])),
  outcome: z.string(),
  endpoint: z.string().optional(),
  ttftSeconds: span,
  tpotSeconds: span,
  elapsedSeconds: z.number(),
  outputTokens: z.number(),
  endedAtMs: z.number(),
  thresholdSeconds: byDimension(z.number()),
  overSeconds: byDimension(z.number()),
  waits: z.object({
    receiveSeconds: span,
    parseSeconds: span,
    queueSeconds: span,
    scheduleSeconds: span,
    firstByteSeconds: span,
    decodeSeconds: span,
  }),
  choice: z
    .looseObject({
      inPool: z.number(),
      eligible: z.number(),
      considered: z.number(),
      scorers: z.array(z.object({ name: z.string(), weight: z.number() })),
      candidates: z.array(candidate),
      because: z.string(),
    })
    .optional(),
});

const decisionPage = z.object({
  now: z.string(),
  nowMs: z.number(),
  kept: z.object({ remarkable: z.number(), others: z.number(), remarkableDropped: z.number() }),
  requests: z.array(decision),
});

/** Records of a picker, newest first, and the instant of its clock at which it was asked. */
export type DecisionPage = Omit<z.infer<typeof decisionPage>, "requests"> & {
  readonly requests: readonly ExplainedDecision[];
};

/** The picker could not be asked, or did not answer as a picker does. */
export class PickerPageError extends CodedError<{ readonly code: "PICKER_PAGE"; readonly url: string }> {
  constructor(url: string, message: string) {
    super({ code: "PICKER_PAGE", url }, `${url}: ${message}`);
  }
}

/** Undefined: all. */
export type DecisionsWanted = {
  readonly id?: string;
  readonly verdict?: Verdict;
  readonly objective?: string;
  /** As text, such as `10m`. */
  readonly since?: string;
  readonly limit?: number;
};

/** An answer as it came, with the instant by the clock of this machine at which it was there. */
export type Page = { readonly text: string; readonly date: string | undefined };

const timeoutMs: Milliseconds = 5000;

/** @throws PickerPageError */
export async function readPage(url: string): Promise<Page> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    throw new PickerPageError(url, cause === undefined ? messageOf(error) : messageOf(cause));
  }
  const text = await response.text();
  if (!response.ok) throw new PickerPageError(url, `status ${response.status}: ${text.trim().slice(0, 300)}`);
  return { text, date: response.headers.get("date") ?? undefined };
}

function decoded<T>(schema: z.ZodType<T>, { text }: Page, url: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PickerPageError(url, "no JSON: is this the metrics port of an Attain picker?");
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new PickerPageError(url, `not a page of this version's picker: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** @param picker base URL of the metrics port. @throws PickerPageError */
export async function readPickerState(picker: string): Promise<PickerState> {
  const url = new URL("/debug/state", picker).href;
  return decoded(pickerState, await readPage(url), url);
}

/** @param picker base URL of the metrics port. @throws PickerPageError */
export async function readDecisions(picker: string, wanted: DecisionsWanted): Promise<DecisionPage> {
  const url = new URL("/debug/requests", picker);
  for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, String(value));
  const page = decoded(decisionPage, await readPage(url.href), url.href);
  return { ...page, requests: page.requests as unknown as readonly ExplainedDecision[] };
}
