import { InvalidArgumentError, Option } from "commander";
import { logLevels, type LogLevel } from "#shell";
import { parseDuration, type Milliseconds } from "#units";

const whole = (text: string, lowest: number, highest: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < lowest || value > highest) {
    throw new InvalidArgumentError(`a whole number from ${lowest} to ${highest} is allowed.`);
  }
  return value;
};

/** A TCP port; 0 takes a free one. */
export const port = (text: string): number => whole(text, 0, 65_535);
/** A whole number of at least 1. */
export const positive = (text: string): number => whole(text, 1, 1_000_000_000);
/** A duration such as `500ms` or `30s`. */
export const duration = (text: string): Milliseconds => {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("a duration such as 500ms, 30s or 5m is allowed.");
  return ms;
};

const sizeUnits: Readonly<Record<string, number>> = {
  "": 1,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};
/** A size in bytes such as `4096`, `64Mi` or `64MiB`. */
export const bytes = (text: string): number => {
  const [, count, unit = ""] = /^(\d+)(Ki|Mi|Gi|k|M|G|)B?$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError("a size such as 4096, 64Mi or 1Gi is allowed.");
  return Number(count) * sizeUnits[unit]!;
};

const truth = (text: string): boolean => {
  if (text !== "true" && text !== "false") throw new InvalidArgumentError("true or false is allowed.");
  return text === "true";
};

/** A flag that may stand alone or carry `=true` or `=false`, as the field's flags do. */
export const toggle = (name: string, description: string, fallback: boolean): Option =>
  new Option(`${name} [true|false]`, description).preset("true").argParser(truth).default(fallback);

/** `--log-level` of every command. */
export const logLevelOption = (fallback: LogLevel): Option =>
  new Option("--log-level <level>", "least important line to write to stderr")
    .choices([...logLevels])
    .default(fallback);

const httpUrl = (text: string): string => {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new InvalidArgumentError("an http or https URL is allowed.");
  return text;
};

/** Metrics port of a picker on this machine. */
export const defaultPickerUrl = "http://127.0.0.1:9090";

/** `--picker` of the commands that read a picker's pages. */
export const pickerUrlOption = (): Option =>
  new Option("--picker <url>", "metrics port of the picker").argParser(httpUrl).default(defaultPickerUrl);

/** An option that takes an http or https URL. */
export const urlOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(httpUrl);
