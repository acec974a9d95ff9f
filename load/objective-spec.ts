import { CodedError } from "#errors";
import { defaultPeriodMs, type LatencyThresholds, type ServiceLevel } from "#objective";
import { isNonEmpty, parseDuration, type Milliseconds, type NonEmpty } from "#units";
import { maxLengthTokens, type LengthDistribution } from "./lengths.ts";
import { loadApis, type LoadObjective } from "./objective.ts";
import { parseRate, rateForm, type RateContext } from "./rate-spec.ts";

/** A wrong `--objective`: the whole spec, the key that is wrong, and what was found. */
export class LoadSpecError extends CodedError<{
  readonly code: "LOAD_SPEC";
  readonly spec: string;
  readonly key: string;
  readonly found: string;
}> {}

/** A value's reader; undefined when the text is not of its form. */
type Reader<T> = { readonly form: string; readonly read: (text: string) => T | undefined };

const between = (low: number, high: number): Reader<number> => ({
  form: `a number from ${low} to ${high}`,
  read: (text) => (/^\d*\.?\d+$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : undefined),
});

const tokenCount: Reader<number> = {
  form: `a whole number from 1 to ${maxLengthTokens}`,
  read: (text) => (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= maxLengthTokens ? Number(text) : undefined),
};

const integer: Reader<number> = {
  form: "a whole number",
  read: (text) => (/^-?\d{1,9}$/.test(text) ? Number(text) : undefined),
};

const duration: Reader<Milliseconds> = {
  form: "a duration above 0, such as 250ms or 1.5s",
  read: (text) => parseDuration(text) || undefined,
};

const target: Reader<number> = {
  form: "a share above 0 and below 1, such as 0.99",
  read: (text) => (/^0?\.\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined),
};

const name: Reader<string> = {
  form: "the name of an InferenceObjective (lower-case letters, digits, - and .)",
  read: (text) => (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(text) ? text : undefined),
};

const oneOf = <T extends string>(words: readonly T[]): Reader<T> => ({
  form: words.join(", "),
  read: (text) => words.find((word) => word === text),
});

const length: Reader<LengthDistribution> = {
  form: "tokens as 200, 200-400 (uniform), or ~300:0.5 (lognormal, median:sigma)",
  read: (text) => {
    const [, median, sigma = "0.5"] = /^~(\d+)(?::(\d*\.?\d+))?$/.exec(text) ?? [];
    if (median !== undefined) {
      const tokens = tokenCount.read(median);
      return tokens === undefined ? undefined : { kind: "lognormal", median: tokens, sigma: Number(sigma) };
    }
    const [low = "", high, ...rest] = text.split("-");
    const from = tokenCount.read(low);
    if (from === undefined || rest.length > 0) return undefined;
    if (high === undefined) return { kind: "fixed", tokens: from };
    const to = tokenCount.read(high);
    return to === undefined || to < from ? undefined : { kind: "uniform", from, to };
  },
};

const keys = [
  "name",
  "rate",
  "prompt",
  "output",
  "ttft",
  "tpot",
  "e2e",
  "target",
  "shed",
  "priority",
  "shared",
  "prefix",
  "prefixes",
  "stream",
  "api",
] as const;
type Key = (typeof keys)[number];

function fail(spec: string, key: string, found: string, allowed: string): never {
  const message = `--objective "${spec}": ${key}: found ${found}, allowed is ${allowed}`;
  throw new LoadSpecError({ code: "LOAD_SPEC", spec, key, found }, message);
}

/** The pairs of one spec, each key known and given once. */
class SpecFields {
  readonly #spec: string;
  readonly #values = new Map<Key, string>();

  constructor(spec: string) {
    this.#spec = spec;
    for (const pair of spec.split(",")) {
      const equals = pair.indexOf("=");
      const written = pair.slice(0, Math.max(0, equals)).trim();
      const key = keys.find((known) => known === written);
      if (equals < 0) fail(spec, pair.trim() || "(empty)", "no =", "key=value, separated by commas");
      if (key === undefined) fail(spec, written, "an unknown key", keys.join(", "));
      if (this.#values.has(key)) fail(spec, key, "it twice", "each key once");
      this.#values.set(key, pair.slice(equals + 1).trim());
    }
  }

  optional<T>(key: Key, { form, read }: Reader<T>): T | undefined {
    const text = this.#values.get(key);
    if (text === undefined) return undefined;
    return read(text) ?? fail(this.#spec, key, `"${text}"`, form);
  }

  required<T>(key: Key, reader: Reader<T>): T {
    return this.optional(key, reader) ?? fail(this.#spec, key, "nothing", reader.form);
  }

  /** Refuses a key that means nothing without another. */
  needs(key: Key, present: boolean, other: string): void {
    if (this.#values.has(key) && !present)
      fail(this.#spec, key, `"${this.#values.get(key)}"`, `this only with ${other}`);
  }
}

function levelOf(fields: SpecFields): ServiceLevel | undefined {
  const ttftMs = fields.optional("ttft", duration);
  const tpotMs = fields.optional("tpot", duration);
  const e2eMs = fields.optional("e2e", duration);
  const targeted = ttftMs !== undefined || tpotMs !== undefined || e2eMs !== undefined;
  fields.needs("target", targeted, "ttft, tpot or e2e");
  fields.needs("shed", targeted, "ttft, tpot or e2e");
  if (!targeted) return undefined;
  const thresholds: LatencyThresholds = {
    ...(ttftMs === undefined ? {} : { ttftMs }),
    ...(tpotMs === undefined ? {} : { tpotMs }),
    ...(e2eMs === undefined ? {} : { e2eMs }),
  };
  return {
    thresholds,
    target: fields.optional("target", target) ?? 0.99,
    periodMs: defaultPeriodMs,
    sheddedAs: fields.optional("shed", oneOf(["missed", "excluded"])) ?? "missed",
  };
}

/**
 * Reads `name=chat,rate=5,prompt=200-400,output=50,ttft=500ms,tpot=50ms,target=0.99`.
 * `name` and `rate` are required; prompt 200, output 50, target 0.99, shed missed, priority 0, shared 0, prefix 256,
 * prefixes 8, stream 1 and api chat are what they are when not given.
 * @param context the run's shape, which a plain `rate` follows
 * @throws LoadSpecError naming the spec, the key, what was found and what is allowed
 */
export function parseObjective(spec: string, context: RateContext): LoadObjective {
  const fields = new SpecFields(spec);
  const sharedShare = fields.optional("shared", between(0, 1)) ?? 0;
  fields.needs("prefix", sharedShare > 0, "shared above 0");
  fields.needs("prefixes", sharedShare > 0, "shared above 0");
  return {
    name: fields.required("name", name),
    rate: fields.required("rate", { form: rateForm, read: (text) => parseRate(text, context) }),
    prompt: fields.optional("prompt", length) ?? { kind: "fixed", tokens: 200 },
    output: fields.optional("output", length) ?? { kind: "fixed", tokens: 50 },
    sharedShare,
    prefixTokens: fields.optional("prefix", tokenCount) ?? 256,
    prefixCount: fields.optional("prefixes", tokenCount) ?? 8,
    streamShare: fields.optional("stream", between(0, 1)) ?? 1,
    api: fields.optional("api", oneOf(loadApis)) ?? "chat",
    priority: fields.optional("priority", integer) ?? 0,
    level: levelOf(fields),
  };
}

/**
 * Reads every `--objective` of a command.
 * @throws LoadSpecError for a wrong spec, for a name given twice, and where there is none
 */
export function parseObjectives(specs: readonly string[], context: RateContext): NonEmpty<LoadObjective> {
  const objectives = specs.map((spec) => parseObjective(spec, context));
  objectives.forEach(({ name }, at) => {
    if (objectives.findIndex((other) => other.name === name) !== at) {
      fail(specs[at] ?? "", "name", `"${name}" again`, "each objective once");
    }
  });
  return isNonEmpty(objectives) ? objectives : fail("", "name", "no --objective", "at least one");
}
