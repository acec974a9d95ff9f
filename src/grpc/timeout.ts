import type { Milliseconds } from "#units";

const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const shape = /^(\d{1,8})([HMSmun])$/;

/**
 * Reads a `grpc-timeout` entry such as `100m` (milliseconds) or `5S` (seconds).
 * @returns milliseconds, at least 0; undefined when the text is none
 * Source: grpc/doc/PROTOCOL-HTTP2.md, Timeout: at most eight digits and one of H M S m u n.
 */
export function parseTimeout(text: string): Milliseconds | undefined {
  const match = shape.exec(text);
  return match === null ? undefined : Number(match[1]) * unitMs[match[2]!]!;
}
