import {
  decodeProcessingResponse,
  encodeProcessingRequest,
  type Direction,
  type OutgoingRequest,
  type ReceivedResponse,
} from "#extproc";
import type { Milliseconds } from "#units";
import { Session, type SessionPorts } from "../../picker/extproc/session.ts";
import type { CloseCause, StreamPeer } from "../../picker/transport/contract.ts";

/** What happened on a stream, as the proxy sees it. */
export type ProxyEvent =
  | { readonly kind: "said"; readonly message: OutgoingRequest | Buffer }
  | { readonly kind: "reply"; readonly reply: ReceivedResponse; readonly bytes: number }
  | { readonly kind: "half-closed" }
  | { readonly kind: "ended"; readonly status: number; readonly message: string }
  | { readonly kind: "closed"; readonly cause: CloseCause }
  | { readonly kind: "time"; readonly nowMs: Milliseconds };

/**
 * The proxy's side of one stream, without a network. It behaves as the transport promises: nothing is delivered after
 * the end, the close comes last and once, and a received buffer is not what it was once the handler has returned.
 */
export class ScriptedProxy implements StreamPeer {
  readonly events: ProxyEvent[] = [];
  ended: { readonly status: number; readonly message: string } | undefined;
  /** Called for every reply before it is recorded, in the midst of the session's step. */
  onReply: ((reply: ReceivedResponse) => void) | undefined;
  readonly #session: Session;
  readonly #moveClock: (ms: Milliseconds) => void;
  #closed = false;

  constructor(ports: SessionPorts, moveClock: (ms: Milliseconds) => void) {
    this.#session = new Session(ports, this);
    this.#moveClock = moveClock;
  }

  send(payload: readonly Buffer[]): boolean {
    if (this.ended !== undefined || this.#closed) return false;
    const bytes = Buffer.concat(payload);
    const reply = decodeProcessingResponse(bytes);
    this.onReply?.(reply);
    this.events.push({ kind: "reply", reply, bytes: bytes.length });
    return true;
  }

  end(status: number, message = ""): void {
    if (this.ended !== undefined || this.#closed) return;
    this.ended = { status, message };
    this.events.push({ kind: "ended", status, message });
  }

  /** Moves the clock to an instant. */
  at(nowMs: Milliseconds): this {
    this.#moveClock(nowMs);
    this.events.push({ kind: "time", nowMs });
    return this;
  }

  /** Says one message: one of the protocol, or bytes as they are. */
  say(message: OutgoingRequest | Buffer): this {
    if (this.ended !== undefined || this.#closed) return this;
    this.events.push({ kind: "said", message });
    const bytes = Buffer.isBuffer(message) ? Buffer.from(message) : encodeProcessingRequest(message);
    this.#session.onMessage(bytes);
    bytes.fill(0xee);
    return this;
  }

  halfClose(): this {
    if (this.ended !== undefined || this.#closed) return this;
    this.events.push({ kind: "half-closed" });
    this.#session.onHalfClose();
    return this;
  }

  /** The stream goes: as given, or because the picker ended it. */
  close(cause: CloseCause = { kind: "cancelled" }): this {
    if (this.#closed) return this;
    this.#closed = true;
    const told: CloseCause = this.ended === undefined ? cause : { kind: "ended" };
    this.events.push({ kind: "closed", cause: told });
    this.#session.onClose(told);
    return this;
  }

  get replies(): readonly ReceivedResponse[] {
    return this.events.flatMap((event) => (event.kind === "reply" ? [event.reply] : []));
  }

  /** The streamed pieces of a body that were passed on. */
  pieces(direction: Direction): readonly { readonly body: Buffer; readonly endOfStream: boolean }[] {
    return this.replies.flatMap((reply) => {
      if (reply.kind !== "body" || reply.direction !== direction) return [];
      const { body } = reply.common;
      return body?.kind === "streamed" ? [body] : [];
    });
  }

  /** Value of the destination header; undefined before there is one. */
  get destination(): string | undefined {
    for (const reply of this.replies) {
      if (reply.kind !== "headers" && reply.kind !== "body") continue;
      const line = reply.common.headers?.set?.find(({ name }) => name === "x-gateway-destination-endpoint");
      if (line !== undefined) return line.value;
    }
    return undefined;
  }

  /** The answer that the client gets from the picker itself; undefined when there is none. */
  get refusal():
    | { readonly status: number; readonly body: string; readonly headers: Record<string, string> }
    | undefined {
    const found = this.replies.find((reply) => reply.kind === "immediate");
    if (found?.kind !== "immediate") return undefined;
    const { status, body, headers } = found.immediate;
    return {
      status,
      body: String(body ?? ""),
      headers: Object.fromEntries((headers?.set ?? []).map(({ name, value }) => [name, value])),
    };
  }
}
