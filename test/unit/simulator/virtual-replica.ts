import type { AnswerSink } from "../../../simulator/live-response.ts";
import { answerCall } from "../../../simulator/front.ts";
import { resolveSettings } from "../../../simulator/options.ts";
import type { SimulatorSettings } from "../../../simulator/options.ts";
import { Replica } from "../../../simulator/replica.ts";
import { plainConfig } from "./engine/driving.ts";

/** What a client saw. */
export type Seen = {
  status: number | undefined;
  contentType: string | undefined;
  /** One entry a write: [instant, text]. */
  readonly writes: [number, string][];
  ended: "open" | "end" | "reset";
};

export const textOf = (seen: Seen): string => seen.writes.map(([, text]) => text).join("");

/** A model server under a virtual clock that starts at 0; wall time is 1 700 000 000 s later. */
export class VirtualReplica {
  readonly replica: Replica;
  nowMs = 0;

  constructor(settings: SimulatorSettings = {}) {
    const options = resolveSettings({ model: "base", ...settings, engine: { ...plainConfig, ...settings.engine } });
    this.replica = new Replica({
      engine: options.engine,
      lengths: options.lengths,
      faults: options.faults,
      seed: options.seed,
      speed: options.speed,
      served: {
        names: options.servedNames,
        loras: options.loras,
        maxModelLen: options.engine.maxModelLen,
        startedAtSeconds: 1_700_000_000,
      },
      nowMs: () => this.nowMs,
      unixSeconds: () => 1_700_000_000 + this.nowMs / 1000,
    });
  }

  send(path: string, body: unknown, method = "POST"): { readonly seen: Seen; readonly abandon: () => void } {
    const seen: Seen = { status: undefined, contentType: undefined, writes: [], ended: "open" };
    const sink: AnswerSink = {
      answer: (status, contentType, text) => {
        Object.assign(seen, { status, contentType, ended: "end" });
        seen.writes.push([this.nowMs, text]);
      },
      openStream: () => void Object.assign(seen, { status: 200, contentType: "text/event-stream" }),
      write: (text) => void seen.writes.push([this.nowMs, text]),
      end: (text) => {
        seen.writes.push([this.nowMs, text]);
        seen.ended = "end";
      },
      reset: () => {
        seen.ended = "reset";
      },
    };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return { seen, abandon: answerCall(this.replica, { method, path, body: text }, sink) };
  }

  /** Moves time on to `untilMs`, stopping at each event; to the last event without it. */
  run(untilMs = Infinity): void {
    for (let at = this.replica.nextEventAtMs(); at !== undefined && at <= untilMs; at = this.replica.nextEventAtMs()) {
      this.nowMs = Math.max(this.nowMs, at);
      this.replica.advance();
    }
    if (untilMs < Infinity) this.nowMs = untilMs;
  }

  /** Sends and runs to the end. */
  ask(path: string, body: unknown, method = "POST"): Seen {
    const { seen } = this.send(path, body, method);
    this.run();
    return seen;
  }

  /** Sends, runs to the end, and reads the JSON that came. */
  askJson(
    path: string,
    body: unknown,
    method = "POST",
  ): { readonly status: number | undefined; readonly body: unknown } {
    const seen = this.ask(path, body, method);
    return { status: seen.status, body: JSON.parse(textOf(seen)) };
  }
}
