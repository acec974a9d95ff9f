import type { ServerResponse } from "node:http";
import type { Bytes } from "#units";

/** Somebody who listens to events over one connection. */
export interface EventClient {
  /**
   * Sends one event; the first one sends the headers as well.
   * @param data without line breaks
   * @returns false when the client is gone, or reads so slowly that it was cut off
   */
  send(data: string): boolean;
  /** Calls once when the client is gone, however it went. */
  onGone(run: () => void): void;
}

/** What waits for a client that does not read. Beyond this it is cut off: its next connection begins afresh. */
const mostBufferedBytes: Bytes = 1 << 20;

/** An answer as an event stream. Nothing is written before the first event. Source: HTML, Server-sent events. */
export const openEventStream = (response: ServerResponse): EventClient => ({
  send: (data) => {
    if (response.destroyed || response.writableEnded) return false;
    if (response.writableLength > mostBufferedBytes) {
      response.destroy();
      return false;
    }
    if (!response.headersSent) {
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        connection: "close",
        "x-content-type-options": "nosniff",
      });
    }
    response.write(`data: ${data}\n\n`);
    return true;
  },
  onGone: (run) => void response.once("close", run),
});
