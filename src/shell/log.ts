import { destination as fileDestination, pino, stdTimeFunctions, type Logger as PinoLogger } from "pino";
import { textLine } from "./log-text.ts";

/** From the most to the least said. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";
/** Every level, in that order. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const satisfies readonly LogLevel[];

/** Header names whose values are credentials: never a field, and blanked if one slips through. */
const credentials = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key"] as const;

/**
 * The facts of a log line. Flat, so that no headers, body or object of a request can ride along, and without the names
 * that carry credentials.
 */
export type LogFields = {
  readonly [name: string]: string | number | boolean | undefined | readonly string[];
} & { readonly [name in (typeof credentials)[number]]?: never };

/** Writes lines with a constant message; what varies is a field. */
export interface Logger {
  /** May be changed while the process runs; counts for its children made later, too. */
  level: LogLevel;
  /** False: a line of this level would not be written, so its fields need not be computed. */
  isEnabled(level: Exclude<LogLevel, "silent">): boolean;
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose every line has these fields, too. */
  child(fields: LogFields): Logger;
}

/** Where lines go: one call a line, ending in a newline. */
export type LogDestination = { write(line: string): unknown };

export type LoggerOptions = {
  readonly level: LogLevel;
  /** Standard error unless given. */
  readonly destination?: LogDestination;
  /** Fields of every line, such as the command. */
  readonly base?: LogFields;
  /** json: one object a line, for machines; text: one short line for a terminal. */
  readonly format?: "json" | "text";
};

function wrap(logger: PinoLogger): Logger {
  return {
    get level() {
      return logger.level as LogLevel;
    },
    set level(level) {
      logger.level = level;
    },
    isEnabled: (level) => logger.isLevelEnabled(level),
    trace: (message, fields) => logger.trace(fields, message),
    debug: (message, fields) => logger.debug(fields, message),
    info: (message, fields) => logger.info(fields, message),
    warn: (message, fields) => logger.warn(fields, message),
    error: (message, fields) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

/** A logger over pino. JSON lines have `level`, `time` (ISO 8601), `msg` and the fields. */
export function createLogger(options: LoggerOptions): Logger {
  const sink = options.destination ?? fileDestination({ dest: 2, sync: true });
  const stream = options.format === "text" ? { write: (line: string) => sink.write(textLine(line)) } : sink;
  return wrap(
    pino(
      {
        level: options.level,
        base: options.base ?? {},
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (level) => ({ level }) },
        redact: credentials.map((name) => `["${name}"]`),
      },
      stream,
    ),
  );
}
