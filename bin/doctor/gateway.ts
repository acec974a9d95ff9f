/** One request through the gateway, and what the picker recorded of it. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { GatewayFacts } from "../../doctor/facts.ts";
import { firstModel, probeGateway } from "../../doctor/shell/gateway-probe.ts";
import type { ExplainedDecision } from "../../picker/decision/decision-log.ts";
import { readDecisions, readPickerState, type PickerState } from "../admin-client.ts";
import { skewOf } from "./picker.ts";

/** The record is there when the stream of the request has ended, which may be after the client has its answer. */
const looks = 20;
const pauseMs = 50;

async function recordOf(picker: string, id: string): Promise<ExplainedDecision | undefined> {
  for (let look = 0; look < looks; look++) {
    const { requests } = await readDecisions(picker, { id, limit: 1 });
    const [record] = requests;
    if (record !== undefined) return record;
    await pause(pauseMs);
  }
  return undefined;
}

export async function gatewayFacts(
  picker: string,
  { gateway: url, model: wanted }: { readonly gateway?: string; readonly model?: string },
  state: PickerState | undefined,
): Promise<GatewayFacts | undefined> {
  if (url === undefined || state === undefined) return undefined;
  const model = wanted ?? state.pool.endpoints.flatMap(({ models }) => models)[0] ?? (await firstModel(url));
  if (model === undefined) return { url, answer: { kind: "no-model" } };
  const requestId = `attain-doctor-${randomUUID()}`;
  const probed = await probeGateway(url, model, requestId);
  if (!probed.ok) return { url, answer: { kind: "failed", error: probed.error } };
  const record = await recordOf(picker, requestId);
  const { extProc } = await readPickerState(picker);
  return {
    url,
    answer: {
      kind: "response",
      model,
      status: probed.status,
      pieces: probed.pieces,
      outputEvents: probed.outputEvents,
      decodeSeconds: record?.waits.decodeSeconds,
      outcome: record?.outcome,
      requestBodyMode: extProc.requestBodyMode,
      responseBodyMode: extProc.responseBodyMode,
      clockSkewSeconds: skewOf(probed.date),
    },
  };
}
