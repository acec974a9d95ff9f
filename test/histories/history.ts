/** A short random life of flow control, checked after each step and at its end. */
import { seededRandom, type Random } from "#random";
import type { FlowSettings } from "../../picker/flow/settings.ts";
import { FlowRig } from "../support/flow-rig.ts";
import type { RequestSketch, RigRequest } from "../support/rig-request.ts";
import { ChangingPool, endpointNames } from "./changing-pool.ts";
import { checkEnd } from "./check-end.ts";
import { Checks } from "./checks.ts";
import { between, chance, oneOf } from "./draw.ts";
import { drawSettings } from "./draw-settings.ts";

/** Longer than any wait there is, with all it may lead to. */
const longMs = 400_000;

export class History {
  readonly settings: FlowSettings;
  readonly rig: FlowRig;
  readonly #random: Random;
  readonly #pool: ChangingPool;
  readonly #checks: Checks;
  /** By objective; changed as the history goes on. */
  readonly #priorities = new Map([
    ["chat", 0],
    ["batch", -1],
    ["free", -2],
    ["gold", 5],
  ]);
  readonly #log: (line: string) => void;
  #isDraining = false;

  /** @param log told of each step that was taken */
  constructor(seed: number, log: (line: string) => void = () => {}) {
    const random = seededRandom(seed);
    this.#random = random;
    this.#log = log;
    this.settings = drawSettings(random);
    this.rig = new FlowRig({ settings: this.settings, endpoints: [], random });
    const isScraped = chance(random, 0.3);
    this.#pool = new ChangingPool(this.rig, random, isScraped);
    this.#checks = new Checks(this.rig, this.settings, isScraped);
    for (let i = between(random, 0, 2); i > 0; i--) this.#pool.add();
  }

  /** @throws an Error that says which rule is broken */
  play(): void {
    for (let i = between(this.#random, 5, 60); i > 0; i--) {
      this.#log(this.#step());
      this.rig.run(0);
      this.#checks.afterStep(this.#isDraining);
    }
    this.#finish();
  }

  #step(): string {
    const kind = this.#random();
    if (kind < 0.45) return this.#arrive();
    if (kind < 0.61) return this.#end();
    if (kind < 0.66) return this.#firstToken();
    if (kind < 0.73) return this.#cancel();
    if (kind < 0.86) return this.#pass();
    if (kind < 0.96) return this.#pool.step();
    if (kind < 0.995) return this.#reload();
    return this.#drain();
  }

  #sketch(): RequestSketch {
    const random = this.#random;
    const objective = oneOf(random, [...this.#priorities.keys()]);
    const named = oneOf(random, endpointNames);
    const fate = random();
    return {
      objective,
      priority: this.#priorities.get(objective)!,
      fairnessId: oneOf(random, ["a", "b", "c", undefined]),
      bytes: between(random, 0, 60),
      promptTokens: between(random, 0, 100),
      maxOutputTokens: oneOf(random, [undefined, 0, 50]),
      ttftTargetMs: oneOf(random, [undefined, undefined, 40, 500]),
      tpotTargetMs: oneOf(random, [undefined, 10]),
      ttlHeader: oneOf(random, [undefined, undefined, undefined, "30", "200"]),
      endsWhenEvicted: chance(random, 0.5),
      ...(chance(random, 0.15) ? { subset: ({ name }) => name === named } : {}),
      ...(chance(random, 0.1) ? { filter: ({ name }) => name !== named } : {}),
      ...(fate < 0.08 ? { onDispatched: (request: RigRequest) => request.end() } : {}),
      ...(fate > 0.9 && fate < 0.94 ? { onDispatched: () => void this.#end() } : {}),
      ...(fate > 0.96 ? { onDispatched: () => void this.rig.submit() } : {}),
      ...(fate > 0.98 ? { onRefused: () => void this.rig.submit({ priority: -1 }) } : {}),
    };
  }

  #arrive(): string {
    const random = this.#random;
    const sketch = this.#sketch();
    const { id, answer } = this.rig.submit({
      ...sketch,
      arrivedAtMs: this.rig.clock.now() - oneOf(random, [0, 0, 0, 60]),
    });
    const { objective, priority, fairnessId, ttftTargetMs, ttlHeader, subset, filter } = sketch;
    const limits = `ttft ${ttftTargetMs} ttl ${ttlHeader}${subset ? " subset" : ""}${filter ? " filter" : ""}`;
    return `${id} ${objective} ${priority} of ${fairnessId} ${limits}: ${answer ?? "waits"}`;
  }

  #pick(among: (request: RigRequest) => boolean): RigRequest | undefined {
    const candidates = this.rig.requests.filter(among);
    return candidates.length === 0 ? undefined : oneOf(this.#random, candidates);
  }

  #end(): string {
    const request = this.#pick(({ isInFlight }) => isInFlight);
    if (request === undefined) return "nothing to end";
    const outputTokens = oneOf(this.#random, [undefined, 0, 30, 500]);
    request.end({ outputTokens, tpotMs: oneOf(this.#random, [undefined, 5, 50]) });
    return `${request.id} ends`;
  }

  #firstToken(): string {
    const request = this.#pick(({ isInFlight }) => isInFlight);
    request?.firstToken();
    return `${request?.id} first token`;
  }

  #cancel(): string {
    const request = this.#pick(({ answer, isCancelled }) => answer === undefined && !isCancelled);
    request?.cancel();
    return `${request?.id} cancels`;
  }

  #pass(): string {
    const ms = chance(this.#random, 0.03) ? 70_000 : between(this.#random, 0, oneOf(this.#random, [10, 60, 400]));
    this.rig.run(ms);
    return `${ms} ms pass, until ${this.rig.clock.now()}`;
  }

  /** Objectives have other priorities from now on. */
  #reload(): string {
    const objective = oneOf(this.#random, [...this.#priorities.keys()]);
    const priority = between(this.#random, -4, 6);
    this.#priorities.set(objective, priority);
    return `${objective} has priority ${priority}`;
  }

  #drain(): string {
    this.#isDraining = true;
    this.rig.flow.drain();
    return "drain";
  }

  /** Half of them are shut down with requests waiting; the others have their endpoints and their time first. */
  #finish(): void {
    const { rig } = this;
    if (chance(this.#random, 0.5)) {
      this.#pool.add();
      rig.serveAll();
      rig.run(longMs);
      rig.serveAll();
      this.#checks.afterStep(this.#isDraining);
    }
    this.#log(this.#drain());
    this.#checks.afterStep(true);
    while (rig.requests.some(({ isInFlight }) => isInFlight)) rig.requests.find(({ isInFlight }) => isInFlight)!.end();
    if (this.settings.enforcement === "observe") {
      this.#pool.add();
      rig.run(longMs);
    }
    checkEnd(rig, this.settings);
  }
}
