import type { Milliseconds, Ratio, Seconds } from "#units";
import type { Generation } from "./api/answer.ts";
import { problemBody } from "./api/problem.ts";
import type { ApiProblem } from "./api/problem.ts";
import { decodeInference } from "./api/routes.ts";
import type { ServedModels } from "./api/served-models.ts";
import { Engine } from "./engine/engine.ts";
import type { EngineConfig, EngineEvent, EngineState } from "./engine/engine-request.ts";
import { FaultState } from "./faults.ts";
import type { Faults, FaultsChange } from "./faults.ts";
import { LiveResponse, planChoices } from "./live-response.ts";
import type { AnswerSink, Choice } from "./live-response.ts";
import { MetricsRecorder } from "./metrics-recorder.ts";
import type { OutputLengths } from "./output-plan.ts";
import { seededRandom } from "#random";

/** One model server. */
export type ReplicaOptions = {
  readonly engine: EngineConfig;
  readonly served: ServedModels;
  readonly lengths: OutputLengths;
  readonly faults: Faults;
  /** Replicas with different seeds answer differently. */
  readonly seed: number;
  /** Steps take this many times less than the engine's model says. */
  readonly speed: number;
  readonly nowMs: () => Milliseconds;
  readonly unixSeconds: () => Seconds;
};

/** Gives up one request: the client is gone. */
export type Abandon = () => void;

const nothingToAbandon: Abandon = () => undefined;

type InFlight = { readonly choice: Choice; readonly resetAfterTokens: number | undefined };

/** A model server without a socket: requests in, answers out through sinks, time from a clock that is given. */
export class Replica {
  readonly served: ServedModels;
  readonly #options: ReplicaOptions;
  readonly #engine: Engine;
  readonly #faults: FaultState;
  readonly #metrics: MetricsRecorder;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #touched = new Set<LiveResponse>();
  readonly #answerRandom: () => Ratio;
  readonly #faultRandom: () => Ratio;
  #frozenMetrics: string | undefined;
  #requests = 0;

  constructor(options: ReplicaOptions) {
    this.served = options.served;
    this.#options = options;
    this.#answerRandom = seededRandom(options.seed);
    this.#faultRandom = seededRandom(options.seed + 1);
    this.#faults = new FaultState(options.faults, options.nowMs());
    this.#metrics = new MetricsRecorder(options.served.names[0], options.engine, options.served.loras.length > 0);
    this.#engine = new Engine({
      config: options.engine,
      random: seededRandom(options.seed + 2),
      slowdown: (nowMs) => this.#faults.latencyFactor(nowMs) / options.speed,
    });
    this.changeFaults({});
  }

  get faults(): Faults {
    return this.#faults.current;
  }

  get state(): EngineState {
    return this.#engine.state();
  }

  changeFaults(change: FaultsChange): void {
    const nowMs = this.#options.nowMs();
    this.advance();
    this.#faults.change(change, nowMs);
    if (this.#faults.current.hang) this.#engine.hold(nowMs);
    else this.#engine.release(nowMs);
    if (!this.#faults.current.freezeMetrics) this.#frozenMetrics = undefined;
    else this.#frozenMetrics ??= this.#renderMetrics();
  }

  /** Answers one inference request, now or over the steps to come. */
  handle(path: string, body: string, sink: AnswerSink): Abandon {
    const { errorRate, errorStatus } = this.#faults.current;
    if (this.#faultRandom() < errorRate) {
      return this.#refuse(path, { status: errorStatus, message: "The fault was asked for." }, sink);
    }
    const decoded = decodeInference(path, body, this.served);
    if (decoded.kind === "problem") return this.#refuse(path, decoded.problem, sink);
    if (decoded.kind === "generate") return this.#generate(path, decoded.generation, sink);
    sink.answer(200, "application/json", JSON.stringify(decoded.body));
    return nothingToAbandon;
  }

  /** Sends what has happened by now. */
  advance(): void {
    for (const event of this.#engine.advance(this.#options.nowMs())) this.#onEvent(event);
    for (const response of this.#touched) response.flush();
    this.#touched.clear();
  }

  /** When {@link advance} has something to do; undefined while idle. */
  nextEventAtMs(): Milliseconds | undefined {
    return this.#engine.nextEventAtMs();
  }

  /** Body of `GET /metrics`. */
  metricsText(): string {
    return this.#frozenMetrics ?? this.#renderMetrics();
  }

  #renderMetrics(): string {
    return this.#metrics.render(this.#engine.state(), this.#options.unixSeconds());
  }

  #refuse(path: string, problem: ApiProblem, sink: AnswerSink): Abandon {
    sink.answer(problem.status, "application/json", JSON.stringify(problemBody(path, problem)));
    return nothingToAbandon;
  }

  #generate(path: string, generation: Generation, sink: AnswerSink): Abandon {
    const { engine, lengths, seed, unixSeconds } = this.#options;
    this.advance();
    const nowMs = this.#options.nowMs();
    const id = `${seed.toString(36)}-${(++this.#requests).toString(36).padStart(6, "0")}`;
    const planned = planChoices(id, generation, engine.blockSize, lengths, this.#answerRandom);
    const response = new LiveResponse(
      generation,
      generation.answer({ id, createdAtSeconds: unixSeconds() }),
      planned.map(({ plan }) => plan),
      sink,
    );
    const { resetRate, resetAfterTokens } = this.#faults.current;
    const resets = this.#faultRandom() < resetRate ? resetAfterTokens : undefined;
    for (const [index, { request }] of planned.entries()) {
      const result = this.#engine.submit(request, nowMs);
      if (result.kind === "rejected") {
        this.#abandon(response);
        return this.#refuse(path, rejections[result.reason], sink);
      }
      this.#inFlight.set(request.id, { choice: response.choices[index]!, resetAfterTokens: resets });
    }
    response.start();
    if (resets === 0) this.#reset(response);
    return () => this.#abandon(response);
  }

  #onEvent(event: EngineEvent): void {
    this.#metrics.record(event);
    const inFlight = this.#inFlight.get(event.id);
    if (inFlight === undefined || event.kind === "preempted") return;
    const { choice, resetAfterTokens } = inFlight;
    const { response } = choice;
    this.#touched.add(response);
    if (event.kind === "token") {
      response.onToken(choice, event.index, event.cachedTokens);
      if (response.emittedTokens === resetAfterTokens) this.#reset(response);
    } else {
      this.#inFlight.delete(event.id);
      response.onFinished();
    }
  }

  #reset(response: LiveResponse): void {
    this.#abandon(response);
    response.reset();
  }

  #abandon(response: LiveResponse): void {
    for (const [id, { choice }] of this.#inFlight) {
      if (choice.response !== response) continue;
      this.#inFlight.delete(id);
      this.#engine.cancel(id, this.#options.nowMs());
    }
  }
}

const rejections: Readonly<Record<"queue-full" | "too-long", ApiProblem>> = {
  "queue-full": { status: 429, message: "The server's queue is full." },
  "too-long": { status: 400, message: "The request does not fit in the KV cache of this server." },
};
