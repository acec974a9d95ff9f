/** Units of measure, the conversions between them, and duration text. Durations are milliseconds inside, seconds on the wire. */
export type { Bytes, Milliseconds, NonEmpty, Ratio, Seconds, Tokens } from "./units.ts";
export { isNonEmpty, toMilliseconds, toSeconds } from "./units.ts";
export { formatDuration, parseDuration } from "./duration.ts";
