/** The demo from start to summary. */
import { createServer } from "node:net";
import { once } from "node:events";
import { createLogUpdate } from "log-update";
import type { Milliseconds } from "#units";
import { renderStatus, type StatusView } from "../../console/status-table.ts";
import { loadDefaults, type LoadOptions } from "../../load/options.ts";
import type { LoadReport } from "../../load/report.ts";
import { runLoad, type LoadProgress } from "../../load/shell/run.ts";
import { readPickerState, type PickerState } from "../admin-client.ts";
import { startEnvoy, startPart, type RunningPart } from "./parts.ts";
import { demoReport, type DemoReport } from "./report.ts";
import { demoLoad, demoModel, demoReplicas } from "./scene.ts";

export type DemoOptions = {
  readonly envoy: boolean;
  /** Undefined: until interrupted. */
  readonly forMs: Milliseconds | undefined;
  readonly json: boolean;
  readonly port: number;
  /** Of the live page, /metrics and /debug. */
  readonly pagePort: number;
  readonly seed: number;
};

const forever: Milliseconds = 7 * 86_400_000;
const refreshMs: Milliseconds = 500;

/** The port, or a free one where it is taken or 0. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  server.listen(wanted, "127.0.0.1");
  const port = await once(server, "listening").then(
    () => (server.address() as { readonly port: number }).port,
    () => undefined,
  );
  if (port === undefined) return freePort(0);
  server.close();
  await once(server, "close");
  return port;
}

type Scene = { readonly gatewayPort: number; readonly metricsPort: number; stop(): Promise<void> };

/** Model servers first, the gateway last; what was started is stopped again when a later one fails. */
async function setTheScene({ envoy, port, pagePort, seed }: DemoOptions): Promise<Scene> {
  const parts: RunningPart<unknown>[] = [];
  const stop = async (): Promise<void> => {
    for (const part of parts.toReversed()) await part.stop();
  };
  try {
    const simulator = await startPart({ kind: "simulator", replicas: demoReplicas, seed });
    parts.push(simulator);
    const picker = await startPart({
      kind: "picker",
      endpoints: simulator.ready.endpoints,
      metricsPort: await freePort(pagePort),
      seed,
    });
    parts.push(picker);
    const gatewayPort = await freePort(port);
    parts.push(
      envoy
        ? await startEnvoy({ port: gatewayPort, adminPort: await freePort(0), pickerPort: picker.ready.grpcPort })
        : await startPart({ kind: "gateway", port: gatewayPort, pickerPort: picker.ready.grpcPort }),
    );
    return { gatewayPort, metricsPort: picker.ready.metricsPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Told = Pick<LoadProgress, "elapsedMs" | "sent" | "ended">;

function view({ envoy }: DemoOptions, scene: Scene, state: PickerState, told: Told): StatusView {
  const gateway = envoy ? "Envoy" : "embedded gateway";
  const picker = `${state.process.cpuSeconds.toFixed(1)} s CPU, ${(state.process.rssBytes / 2 ** 20).toFixed(0)} MiB`;
  return {
    title: `attain demo · ${gateway} at http://127.0.0.1:${scene.gatewayPort} · ${Math.floor(told.elapsedMs / 1000)} s`,
    objectives: state.objectives,
    endpoints: state.pool.endpoints.map(({ id, inFlight, ...endpoint }) => ({
      ...endpoint,
      name: id,
      inFlight: inFlight.requests,
    })),
    notes: [`sent ${told.sent}, ended ${told.ended} · picker: ${picker}`],
  };
}

const whileItRuns = ({ forMs }: DemoOptions, { metricsPort }: Scene): readonly string[] => [
  `live page http://127.0.0.1:${metricsPort}/ · http://127.0.0.1:${metricsPort}/metrics`,
  ...(forMs === undefined ? ["Ctrl-C ends with a summary"] : []),
];

const loadOptions = ({ forMs, seed }: DemoOptions, scene: Scene): LoadOptions => ({
  ...loadDefaults,
  url: `http://127.0.0.1:${scene.gatewayPort}`,
  model: demoModel,
  objectives: demoLoad,
  durationMs: forMs ?? forever,
  seed,
});

/** Redraws the table in place while the load runs; on a pipe only the summary is printed. */
async function play(options: DemoOptions, scene: Scene, interrupted: AbortSignal): Promise<LoadReport> {
  const live = !options.json && process.stdout.isTTY;
  const draw = createLogUpdate(process.stdout);
  const draft = async (progress: LoadProgress): Promise<void> => {
    const state = await readPickerState(`http://127.0.0.1:${scene.metricsPort}`);
    const seen = view(options, scene, state, progress);
    draw(renderStatus({ ...seen, notes: [...seen.notes, ...whileItRuns(options, scene)] }, { colour: true }));
  };
  let drawing: Promise<void> | undefined;
  const onProgress = (progress: LoadProgress): void => {
    if (!live || drawing !== undefined) return;
    drawing = draft(progress)
      .catch(() => {})
      .finally(() => (drawing = undefined));
  };
  const report = await runLoad(loadOptions(options, scene), { onProgress, progressMs: refreshMs, signal: interrupted });
  await drawing;
  if (live) draw.clear();
  return report;
}

const settlePollMs = 50;
const settleWithinMs = 5000;

/** The last responses reach the picker a moment after the client: waits until nothing is in flight there. */
async function settledState(scene: Scene): Promise<PickerState> {
  const giveUpAt = Date.now() + settleWithinMs;
  for (;;) {
    const state = await readPickerState(`http://127.0.0.1:${scene.metricsPort}`);
    if (state.ledger.inFlight === 0 || Date.now() > giveUpAt) return state;
    await new Promise((resolve) => setTimeout(resolve, settlePollMs));
  }
}

/** Runs the demo and prints its summary. */
export async function runDemo(options: DemoOptions, interrupted: AbortSignal): Promise<DemoReport> {
  const scene = await setTheScene(options);
  try {
    const load = await play(options, scene, interrupted);
    const state = await settledState(scene);
    const report = demoReport(options.envoy ? "envoy" : "embedded", state, load);
    if (options.json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    else process.stdout.write(`${summary(options, scene, state, load)}\n${clientLines(report).join("\n")}\n`);
    return report;
  } finally {
    await scene.stop();
  }
}

function summary(
  options: DemoOptions,
  scene: Scene,
  state: PickerState,
  { total, elapsedSeconds }: LoadReport,
): string {
  const told = { elapsedMs: elapsedSeconds * 1000, sent: total.sent, ended: total.sent };
  return renderStatus(view(options, scene, state, told), { colour: process.stdout.isTTY });
}

const percent = (value: number | null): string => (value === null ? "–" : `${(value * 100).toFixed(2)} %`);

const clientLines = ({ objectives, requests, loadVoidBecause }: DemoReport): readonly string[] => [
  `clients: ${requests.completed} of ${requests.sent} completed · attainment as they saw it: ` +
    objectives.map(({ name, clientAttainment }) => `${name} ${percent(clientAttainment)}`).join(", "),
  ...loadVoidBecause.map((reason) => `the load generator fell behind, so its figures are void: ${reason}`),
];
