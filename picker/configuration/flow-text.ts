import { allowing, parsedText } from "#config";
import type { Bytes, Milliseconds } from "#units";
import { parseDuration } from "#units";
import { z } from "zod";

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE])|([KMGTPE])i|[eE]([+-]?\d{1,3}))?$/;
const powersOf1000: Readonly<Record<string, number>> = { n: -3, u: -2, m: -1, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };
const powersOf1024 = ["K", "M", "G", "T", "P", "E"];

const ceilDivide = (a: bigint, b: bigint): bigint => (a >= 0n ? (a + b - 1n) / b : a / b);

/**
 * Reads a Kubernetes quantity, such as `1G`, `512Mi`, `5k` or `1.5e3`.
 * @returns a whole number, rounded up as Kubernetes does; undefined for text that is none
 * Source: k8s.io/apimachinery, resource.Quantity.
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", decimal, binary, exponent] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  const power = (decimal === undefined ? 0 : powersOf1000[decimal]! * 3) + Number(exponent ?? 0) - fraction.length;
  const times = (binary === undefined ? 1n : 1024n ** BigInt(powersOf1024.indexOf(binary) + 1)) * digits;
  return power >= 0 ? times * 10n ** BigInt(power) : ceilDivide(times, 10n ** BigInt(-power));
}

const quantity = (allowed: string): z.ZodType<number> =>
  allowing(
    allowed,
    z.union([z.number(), z.string()]).transform((written, context) => {
      const value = parseQuantity(String(written));
      if (value !== undefined && value >= 0n && value <= Number.MAX_SAFE_INTEGER) return Number(value);
      context.addIssue({ code: "custom", message: value === undefined ? "wrong form" : "out of range" });
      return z.NEVER;
    }),
  );

/** A number of bytes; 0 stands for the default of the key. */
export const byteQuantity: z.ZodType<Bytes> = quantity("a quantity of at least 0, such as 1G, 512Mi or 1000000");

/** A number of requests; 0 stands for the default of the key. */
export const requestQuantity: z.ZodType<number> = quantity("a quantity of at least 0, such as 500 or 5k");

/** A duration; 0 stands for no limit. */
export const ttlText: z.ZodType<Milliseconds> = parsedText(
  'a duration with its unit, such as "60s" or "5m", or "0s" for no limit',
  parseDuration,
);

const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** The name of a request header, in lower case as ext-proc gives it. */
export const headerText: z.ZodType<string> = parsedText('the name of a header, such as "x-request-ttl-ms"', (text) => {
  const name = text.toLowerCase();
  return headerName.test(name) ? name : undefined;
});
