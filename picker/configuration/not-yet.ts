import { durationText } from "#config";
import { formatDuration, type Milliseconds } from "#units";
import { z } from "zod";

/** What a problem says of something that exists in the field and not here. */
export const notProvided = "not provided by Attain yet";

/** A key of the field that has to be absent (or an empty list), since it would change what happens. */
export const notYet = (): z.ZodOptional<z.ZodUnknown> =>
  z
    .unknown()
    .optional()
    .superRefine((value, context) => {
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return;
      context.addIssue({ code: "custom", message: notProvided, params: { allowed: "nothing" } });
    });

/** A key of the field of which only the default is provided. */
export const onlyDefault = <T extends number | boolean>(value: T): z.ZodDefault<z.ZodType<T>> =>
  z
    .custom<T>()
    .superRefine((found, context) => {
      if (found === value) return;
      context.addIssue({ code: "custom", message: `another value is ${notProvided}`, params: { allowed: `${value}` } });
    })
    .default(value as z.core.util.NoUndefined<T>);

/** As {@link onlyDefault}, for a duration. */
export const onlyDefaultDuration = (value: Milliseconds): z.ZodOptional<z.ZodType<Milliseconds>> =>
  durationText
    .superRefine((found, context) => {
      if (found === value) return;
      const allowed = JSON.stringify(formatDuration(value));
      context.addIssue({ code: "custom", message: `another value is ${notProvided}`, params: { allowed } });
    })
    .optional();
