/** Exchanges broken off at every point and in every way: nothing may stay behind, nothing may be counted twice. */
import type { ClientHttp2Session } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "@jest/globals";
import { endpointMetrics, objectiveMetrics, pickerMetrics, requestMetrics } from "#metrics";
import { seededRandom } from "#random";
import { defaultConfiguration } from "../../picker/configuration/load.ts";
import { startPicker, type RunningPicker } from "../../picker/shell/picker.ts";
import type { Ratio } from "#units";
import { exampleTable } from "../support/attainment.ts";
import { openConnection } from "../support/extproc-raw-client.ts";
import { breakOff, points, type Exchange } from "./support/cancelled-stream.ts";
import { becomes } from "./support/poll.ts";
import { listed, pickerDefaults } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const seed = Number(process.env["ATTAIN_SEED"] ?? 20_261);
const waveSize = 200;
const wavesOfRound = 10;
const warmUpRounds = 2;
const measuredRounds = 5;
const streams = waveSize * wavesOfRound * measuredRounds;
const connections = 4;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Heap that lives through collections, once sockets and streams that are over, and code that is not used, have gone. */
async function livingHeapBytes(): Promise<number> {
  for (let round = 0; round < 25; round++) {
    await sleep(20);
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** Connections that are made again when one was destroyed. */
class Connections {
  readonly #port: number;
  readonly #open: (ClientHttp2Session | undefined)[] = Array.from({ length: connections });
  destroyed = 0;

  constructor(port: number) {
    this.#port = port;
  }

  take(i: number): ClientHttp2Session {
    const at = i % connections;
    const known = this.#open[at];
    if (known !== undefined && !known.destroyed && !known.closed) return known;
    if (known !== undefined) this.destroyed++;
    return (this.#open[at] = openConnection(this.#port));
  }

  stop(): void {
    for (const session of this.#open) session?.destroy();
  }
}

const idle = ({ openStreams, ledger, registry }: RunningPicker): boolean =>
  openStreams === 0 && ledger.total === 0 && registry.values(requestMetrics.inFlight).every(({ value }) => value === 0);

/** The requests of all waves, and their verdicts. */
class Tally {
  readonly byPoint = new Map<string, number>();
  readonly byOutcome = new Map<string, number>();
  readonly #judged = new Set<string>();
  #listedUntilMs = performance.now();

  get judged(): number {
    return [...this.byOutcome.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Takes over what the picker judged since the last time: each request once. */
  takeVerdicts({ decisions }: RunningPicker): void {
    for (const { id, outcome } of decisions.list(({ endedAtMs }) => endedAtMs > this.#listedUntilMs, 10 * waveSize)) {
      expect(this.#judged).not.toContain(id);
      this.#judged.add(id);
      this.byOutcome.set(outcome, (this.byOutcome.get(outcome) ?? 0) + 1);
    }
    this.#listedUntilMs = performance.now();
  }

  /** A request that had an answer was judged, one whose headers were never sent was not. */
  check(exchanges: readonly Exchange[]): void {
    for (const { id, isKnown, point } of exchanges) {
      if (isKnown) expect(this.#judged).toContain(id);
      if (point === "before headers") expect(this.#judged).not.toContain(id);
      this.byPoint.set(point, (this.byPoint.get(point) ?? 0) + 1);
    }
  }

  forgetIds(): void {
    this.#judged.clear();
  }
}

/** Plays exchanges in waves, each at once, and waits after each wave until the picker is idle. */
async function play(picker: RunningPicker, clients: Connections, name: string, tally: Tally, random: () => Ratio) {
  for (let wave = 0; wave < wavesOfRound; wave++) {
    const exchanges = await Promise.all(
      Array.from({ length: waveSize }, (_, i) => breakOff(clients.take(i), `${name}-${wave}-${i}`, random)),
    );
    await becomes(`idle after wave ${wave} of ${name}`, () => idle(picker));
    tally.takeVerdicts(picker);
    tally.check(exchanges);
  }
  tally.forgetIds();
}

const shown = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
const inMiB = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const started = stopAfterTests();

it("10,000 broken exchanges leave nothing behind", async () => {
  const picker = await startPicker({
    ...pickerDefaults(),
    secureServing: false,
    configuration: { ...defaultConfiguration(), metrics: undefined },
    objectives: { kind: "table", table: exampleTable },
    // Ports on which nobody listens: the picker never talks to model servers without scraping.
    endpoints: listed([1, 2, 3]),
    // Misses may fill seven eighths of it; the rest must hold a wave.
    keptDecisions: 10 * waveSize,
  });
  started.keep({ stop: () => picker.close() });
  const clients = started.keep(new Connections(picker.grpcPort));
  const random = seededRandom(seed);
  const judgedSoFar = (): number => picker.registry.value(objectiveMetrics.requestsTotal) ?? 0;

  for (let i = 0; i < warmUpRounds; i++) await play(picker, clients, `warm-up-${i}`, new Tally(), random);
  const heaps = [await livingHeapBytes()];
  const judgedBefore = judgedSoFar();
  const tally = new Tally();
  for (let i = 0; i < measuredRounds; i++) {
    await play(picker, clients, `round-${i}`, tally, random);
    heaps.push(await livingHeapBytes());
  }
  tally.takeVerdicts(picker);

  // The lowest, since what only starting needed, sources above all, goes at some collection or other.
  const growth = heaps.at(-1)! / Math.min(...heaps.slice(0, -1)) - 1;
  const ended = picker.registry
    .values(pickerMetrics.streamsTotal)
    .map(({ labels, value }) => `${labels.result} ${value}`);
  process.stdout.write(
    `seed ${seed}: ${streams} streams, ${tally.judged} requests, ${clients.destroyed} connections destroyed\n` +
      `points: ${shown(tally.byPoint)}\n` +
      `outcomes: ${shown(tally.byOutcome)}\n` +
      `streams, warm-up included: ${ended.join(", ")}\n` +
      `heap in MiB, after the warm-up and each ${waveSize * wavesOfRound} streams: ${heaps.map(inMiB).join(", ")}; ` +
      `growth ${(100 * growth).toFixed(2)} %; rss ${inMiB(process.memoryUsage.rss())} MiB\n`,
  );

  expect([...tally.byPoint.keys()].toSorted()).toEqual([...points].toSorted());
  expect(judgedSoFar() - judgedBefore).toBe(tally.judged);
  expect(tally.judged).toBeGreaterThan(streams / 2);
  expect(picker.ledger.total).toBe(0);
  for (const { slot, id } of picker.snapshot().endpoints) {
    expect(picker.ledger.requests(slot) + picker.ledger.promptTokens(slot)).toBe(0);
    expect(picker.ledger.uncachedPromptTokens(slot)).toBe(0);
    expect(picker.registry.value(endpointMetrics.picksTotal, { endpoint: id })).toBeGreaterThan(0);
  }
  for (const { name } of picker.objectives().entries) expect(picker.ledger.requestsOf(name)).toBe(0);
  expect(picker.openStreams).toBe(0);
  expect(picker.registry.values(requestMetrics.inFlight).filter(({ value }) => value !== 0)).toEqual([]);
  expect(growth).toBeLessThan(0.05);
});
