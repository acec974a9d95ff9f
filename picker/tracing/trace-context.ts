/** The W3C trace context of a request: reading `traceparent`, writing ours. Source: W3C Trace Context, level 1 and 2. */
import type { Ratio } from "#units";

/** Where a request comes from. */
export type TraceParent = {
  /** 32 lower-case hex digits, not all 0. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all 0: the caller's span. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** The caller says that the trace id is random; it is passed on with the id. */
  readonly random: boolean;
};

/** Ids of a span of ours. */
export type SpanIds = { readonly traceId: string; readonly spanId: string };

/** A later version may go on behind another dash; what comes first keeps its meaning. */
const laterVersion = /^(?!ff|00)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;
const length00 = 55;
const flagSampled = 1;
const flagRandom = 2;

const notHex = 255;
const digits = new Uint8Array(128).fill(notHex);
for (let value = 0; value < 16; value++) digits[value.toString(16).charCodeAt(0)] = value;

/** True for lower-case hex digits that are not all 0. A regular expression takes three times as long. */
function isId(header: string, start: number, end: number): boolean {
  let any = 0;
  for (let i = start; i < end; i++) any |= digits[header.charCodeAt(i)] ?? notHex;
  return any > 0 && any < 16;
}

const isDash = (header: string, at: number): boolean => header.charCodeAt(at) === 0x2d;

function isTraceparent(header: string): boolean {
  if (!isId(header, 3, 35) || !isId(header, 36, 52)) return false;
  if (!header.startsWith("00-")) return laterVersion.test(header);
  if (header.length !== length00 || !isDash(header, 35) || !isDash(header, 52)) return false;
  return (digits[header.charCodeAt(53)] ?? notHex) < 16 && (digits[header.charCodeAt(54)] ?? notHex) < 16;
}

/** @returns undefined where there is no usable context, so that a trace begins here */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  if (header === undefined || !isTraceparent(header)) return undefined;
  const flags = digits[header.charCodeAt(54)] ?? 0;
  return {
    traceId: header.slice(3, 35),
    spanId: header.slice(36, 52),
    sampled: (flags & flagSampled) !== 0,
    random: (flags & flagRandom) !== 0,
  };
}

/** The `traceparent` that makes the span of these ids the parent of what follows. */
export const traceparentOf = ({ traceId, spanId }: SpanIds, flags: { sampled: boolean; random: boolean }): string =>
  `00-${traceId}-${spanId}-0${(flags.sampled ? flagSampled : 0) | (flags.random ? flagRandom : 0)}`;

/** Filled and read in one go. */
const scratch = Buffer.alloc(16);

function randomHex(random: () => Ratio, bytes: 8 | 16): string {
  for (let at = 0; at < bytes; at += 4) {
    const value = Math.floor(random() * 2 ** 32);
    scratch[at] = value >>> 24;
    scratch[at + 1] = value >>> 16;
    scratch[at + 2] = value >>> 8;
    scratch[at + 3] = value;
  }
  return scratch.toString("hex", 0, bytes);
}

/** A random trace id, never the invalid one. */
export function newTraceId(random: () => Ratio): string {
  const id = randomHex(random, 16);
  return isId(id, 0, 32) ? id : `${id.slice(0, 31)}1`;
}

/** A random span id, never the invalid one. */
export function newSpanId(random: () => Ratio): string {
  const id = randomHex(random, 8);
  return isId(id, 0, 16) ? id : `${id.slice(0, 15)}1`;
}
