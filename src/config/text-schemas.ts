import { parseDuration, type Milliseconds, type Ratio } from "#units";
import { z } from "zod";
import { allowing } from "./allowed.ts";

/**
 * A schema for text that is read into something else.
 * @param allowed the words a problem uses for what may stand there
 * @param read undefined for text that is not of the form
 */
export function parsedText<T>(allowed: string, read: (text: string) => T | undefined): z.ZodType<T> {
  return allowing(
    allowed,
    z.string().transform((text, context): T => {
      const value = read(text);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: "wrong form" });
      return z.NEVER;
    }),
  );
}

/** A duration with its unit, above 0, such as `250ms` or `28d` → milliseconds. */
export const durationText: z.ZodType<Milliseconds> = parsedText(
  'a duration above 0 with its unit, such as "250ms", "1.5s" or "28d"',
  (text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms > 0 ? ms : undefined;
  },
);

const decimal = /^(0?\.\d+|0\.\d*)$/;

/** A share strictly between 0 and 1 written as text, such as `"0.99"`: text, since that is what the custom resource holds. */
export const ratioText: z.ZodType<Ratio> = parsedText(
  'a decimal above 0 and below 1 in quotes, such as "0.99"',
  (text) => {
    const ratio = decimal.test(text) ? Number(text) : Number.NaN;
    return ratio > 0 && ratio < 1 ? ratio : undefined;
  },
);

/** A TCP port: whole number from 1 to 65535. */
export const portNumber: z.ZodType<number> = allowing("a port from 1 to 65535", z.int().min(1).max(65_535));
