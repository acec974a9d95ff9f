import { hostPortOf, type Endpoint } from "#pool";

/** Says whether an endpoint may be chosen. */
export type EndpointMatcher = (endpoint: Endpoint) => boolean;

const bracketed = /^\[([^\]]+)\](?::(\d+))?$/;

/** `[v6]` and `[v6]:port` in the forms of an endpoint's address and hostPort; everything else has them already. */
function normalise(entry: string): string {
  const [, address, port] = bracketed.exec(entry) ?? [];
  if (address === undefined) return entry;
  return port === undefined ? address : hostPortOf(address, Number(port));
}

/** The entries of one text with commas, without blank ones. */
export const subsetEntries = (text: string): readonly string[] =>
  text
    .split(",")
    .map((entry) => normalise(entry.trim()))
    .filter((entry) => entry !== "");

/**
 * The restriction that the proxy asks for in `x-gateway-destination-endpoint-subset`.
 * @param hint a list of texts, or one text with commas; entries are `ip` (all its ports) or `ip:port` (that one), IPv6
 * with a port in brackets. Anything else, also undefined, is no hint
 * @returns undefined: no restriction. A hint without entries matches nothing
 * Source: Gateway API Inference Extension, endpoint picker protocol.
 */
export function parseSubset(hint: unknown): EndpointMatcher | undefined {
  if (typeof hint !== "string" && !Array.isArray(hint)) return undefined;
  const texts = typeof hint === "string" ? [hint] : hint.filter((entry) => typeof entry === "string");
  const wanted = new Set(texts.flatMap(subsetEntries));
  return ({ address, hostPort }) => wanted.has(hostPort) || wanted.has(address);
}
