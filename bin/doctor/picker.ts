/** A picker as seen from outside: its pages, its health port, the certificate of its ext-proc port. */
import { messageOf } from "#errors";
import { systemClock } from "#shell";
import { toSeconds, type Seconds } from "#units";
import { seriesByFamily } from "../../doctor/checks/labels.ts";
import type { CertificateFacts, PickerFacts } from "../../doctor/facts.ts";
import { probeCertificate } from "../../doctor/shell/certificate-probe.ts";
import { askHealth } from "../../doctor/shell/grpc-health.ts";
import { readPage, type PickerState } from "../admin-client.ts";

/** The Date header of an answer against this machine's clock, half a second added for what it cuts off. */
export function skewOf(date: string | undefined): Seconds | undefined {
  const saidMs = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(saidMs) ? undefined : toSeconds(saidMs + 500 - systemClock.wallMs());
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, "");

async function answered(picker: string, state: PickerState): Promise<PickerFacts["answer"]> {
  try {
    const metrics = await readPage(new URL("/metrics", picker).href);
    return {
      ok: true,
      version: state.version,
      pool: state.pool.name,
      endpoints: state.pool.endpoints.map(({ id, hostPort, state: freshness, ageSeconds }) => ({
        id,
        hostPort,
        state: freshness,
        ageSeconds,
      })),
      objectives: state.objectives.map(({ name, target, untargeted }) => ({ name, target, untargeted })),
      flow: {
        admission: state.flow.admission,
        enforcement: state.flow.enforcement,
        mode: state.flow.saturation.mode,
      },
      unknownObjectiveRequests: state.unknown.objectiveRequests,
      unknownModelRequests: state.unknown.modelRequests,
      clockDriftSeconds: state.clock.driftSeconds,
      clockSkewSeconds: skewOf(metrics.date),
      seriesByFamily: seriesByFamily(metrics.text),
    };
  } catch (error) {
    return { ok: false, error: messageOf(error) };
  }
}

async function certificateOf(
  host: string,
  { port, tls }: PickerState["extProc"],
): Promise<CertificateFacts | undefined> {
  if (port === undefined) return undefined;
  return tls ? probeCertificate(host, port) : { host, port, answer: { kind: "plaintext" } };
}

/** @param extProcHost host that is dialled; that of the picker's URL unless given */
export async function pickerFacts(
  url: string,
  extProcHost: string | undefined,
  state: PickerState | Error,
): Promise<PickerFacts> {
  if (state instanceof Error) {
    const answer = { ok: false, error: state.message } as const;
    return { url, answer, health: undefined, certificate: undefined };
  }
  const host = extProcHost ?? hostOf(url);
  const { healthPort: port } = state.extProc;
  return {
    url,
    answer: await answered(url, state),
    health: port === undefined ? undefined : { port, status: await askHealth(host, port) },
    certificate: await certificateOf(host, state.extProc),
  };
}
