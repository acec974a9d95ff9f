import { destinationKey, type HeaderLines } from "#extproc";
import { endToEnd, valueOf, without } from "./headers.ts";

/** A request line and headers as the client sent them. */
export type ClientHead = {
  readonly method: string;
  readonly path: string;
  /** `host` or `:authority`. */
  readonly authority: string;
  readonly scheme: "http" | "https";
  /** Without pseudo headers; lower-case names. */
  readonly lines: HeaderLines;
  readonly remoteAddress: string;
};

/** Only the picker says where a request goes; a client's own destination would be a way into the network. */
const notFromClients: ReadonlySet<string> = new Set([destinationKey, "host", "x-forwarded-proto", "expect"]);
const rewritten: ReadonlySet<string> = new Set(["x-forwarded-for"]);

/**
 * The request headers as Envoy shows them to an external processor: pseudo headers first, the client's address at the end
 * of `x-forwarded-for`, a request id always.
 * @param newRequestId is used where the client sent none
 */
export function requestHead(client: ClientHead, newRequestId: string): HeaderLines {
  const lines = without(endToEnd(client.lines), notFromClients);
  const forwarded = lines.filter(([name]) => name === "x-forwarded-for").map(([, value]) => value);
  return [
    [":authority", client.authority],
    [":path", client.path],
    [":method", client.method],
    [":scheme", client.scheme],
    ...without(lines, rewritten),
    ["x-forwarded-for", [...forwarded, client.remoteAddress].join(", ")],
    ["x-forwarded-proto", client.scheme],
    ...(valueOf(lines, "x-request-id") === undefined ? [["x-request-id", newRequestId] as const] : []),
  ];
}

/** A request line and headers for a model server. */
export type UpstreamHead = {
  readonly method: string;
  readonly path: string;
  /** Without connection-level headers; `host` included. */
  readonly lines: HeaderLines;
};

const framing: ReadonlySet<string> = new Set(["transfer-encoding"]);

/** What goes to the model server, after the picker's mutation. */
export const upstreamHead = (lines: HeaderLines): UpstreamHead => ({
  method: valueOf(lines, ":method") ?? "GET",
  path: valueOf(lines, ":path") ?? "/",
  lines: [
    ["host", valueOf(lines, ":authority") ?? ""],
    ...without(endToEnd(lines), framing).filter(([name]) => !name.startsWith(":")),
  ],
});

/** Where the picker sends the request: `host:port` in order of preference; what is not of that form is left out. */
export const destinationsOf = (lines: HeaderLines): readonly string[] =>
  (valueOf(lines, destinationKey) ?? "")
    .split(",")
    .map((destination) => destination.trim())
    .filter((destination) => /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(destination));
