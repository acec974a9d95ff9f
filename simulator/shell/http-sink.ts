import type { ServerResponse } from "node:http";
import type { Bytes } from "#units";
import type { AnswerSink } from "../live-response.ts";

/** An answer on an HTTP response. A client that leaves more than `maxUnreadBytes` unread is cut off. */
export function httpSink(response: ServerResponse, maxUnreadBytes: Bytes): AnswerSink {
  return {
    answer: (status, contentType, body) => {
      const bytes = Buffer.from(body);
      response.writeHead(status, { "content-type": contentType, "content-length": bytes.length });
      response.end(bytes);
    },
    openStream: () => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
      response.flushHeaders();
    },
    write: (text) => {
      response.write(text);
      if (response.writableLength > maxUnreadBytes) response.destroy();
    },
    end: (text) => {
      response.end(text);
    },
    // What was written goes out first; then the connection ends in the middle of the response.
    reset: () => response.socket?.destroySoon(),
  };
}
