import type { IncomingHttpHeaders } from "node:http";
import { performance } from "node:perf_hooks";
import type { Dispatcher } from "undici";
import type { Milliseconds } from "#units";
import { ResponseOracle } from "../oracle.ts";
import type { Ending, Exchange } from "../outcome.ts";
import type { LoadObjective } from "../objective.ts";

/** One request ready to go. */
export type Outgoing = {
  readonly requestId: string;
  readonly objective: LoadObjective;
  readonly intendedAtMs: Milliseconds;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const isTimeout = (error: Error): boolean => "code" in error && String(error.code).includes("TIMEOUT");

const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0];

/** A request in flight. Tells its end once, whatever comes first. */
export class InFlight implements Dispatcher.DispatchHandler {
  readonly #outgoing: Outgoing;
  readonly #onEnd: (exchange: Exchange) => void;
  readonly #timer: NodeJS.Timeout;
  #sentAtMs: Milliseconds = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #opening:
    | { readonly status: number; readonly droppedReason: string | undefined; readonly oracle: ResponseOracle }
    | undefined;
  #over = false;

  constructor(outgoing: Outgoing, timeoutMs: Milliseconds, onEnd: (exchange: Exchange) => void) {
    this.#outgoing = outgoing;
    this.#onEnd = onEnd;
    this.#timer = setTimeout(() => this.cut("timeout"), timeoutMs);
  }

  /** Sends it; the clock of the server can only start after this. */
  send(dispatcher: Dispatcher): void {
    const { path, headers, body } = this.#outgoing;
    this.#sentAtMs = performance.now();
    dispatcher.dispatch({ path, method: "POST", headers, body, headersTimeout: 0, bodyTimeout: 0 }, this);
  }

  /** Gives up on it now. */
  cut(ending: "timeout" | "unfinished"): void {
    this.#end(ending);
    this.#controller?.abort(new Error(ending));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error("given up"));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#opening = {
      status,
      droppedReason: single(headers["x-llm-d-request-dropped-reason"]),
      oracle: new ResponseOracle(headers["content-type"]),
    };
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#opening?.oracle.onChunk(chunk, performance.now());
  }

  onResponseEnd(): void {
    this.#end("ended");
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(isTimeout(error) ? "timeout" : "reset");
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    const { requestId, objective, intendedAtMs } = this.#outgoing;
    const opening = this.#opening;
    this.#onEnd({
      requestId,
      objective,
      intendedAtMs,
      sentAtMs: this.#sentAtMs,
      endedAtMs: performance.now(),
      ending,
      response: opening && {
        status: opening.status,
        droppedReason: opening.droppedReason,
        streamed: opening.oracle.streamed,
        observed: opening.oracle.finish(),
      },
    });
  }
}
