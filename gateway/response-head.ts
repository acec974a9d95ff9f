import type { HeaderLines } from "#extproc";
import { endToEnd, valueOf, without } from "./headers.ts";

/** A status and headers for the client; connection-level headers are gone. */
export type ClientResponseHead = { readonly status: number; readonly lines: HeaderLines };

const framing: ReadonlySet<string> = new Set(["transfer-encoding"]);

/** The response headers as an external processor sees them: the status as a pseudo header first. */
export const processorHead = (status: number, lines: HeaderLines): HeaderLines => [
  [":status", String(status)],
  ...endToEnd(lines),
];

/** What goes to the client, after the picker's mutation. */
export function clientHead(lines: HeaderLines): ClientResponseHead {
  const status = Number(valueOf(lines, ":status"));
  return {
    status: Number.isInteger(status) && status >= 200 && status <= 599 ? status : 500,
    lines: without(lines, framing).filter(([name]) => !name.startsWith(":")),
  };
}

/** True when no body can follow these headers. */
export const isBodyless = (method: string, status: number, lines: HeaderLines): boolean =>
  method === "HEAD" || status === 204 || status === 304 || valueOf(lines, "content-length") === "0";

/** An answer of the gateway itself, in the form in which OpenAI-compatible servers report errors. */
export function localReply(
  status: number,
  code: string,
  message: string,
): { readonly head: ClientResponseHead; readonly body: Buffer } {
  const body = Buffer.from(`${JSON.stringify({ error: { message, type: "gateway_error", code } })}\n`);
  return {
    head: {
      status,
      lines: [
        ["content-type", "application/json"],
        ["content-length", String(body.length)],
      ],
    },
    body,
  };
}
