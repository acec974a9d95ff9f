import { describe, expect, it } from "@jest/globals";
import {
  ConfigError,
  decodedOrThrow,
  decodeYaml,
  decodeYamlStream,
  durationText,
  formatProblem,
  maxConfigBytes,
  pathText,
  portNumber,
  ratioText,
} from "#config";
import fc from "fast-check";
import { z } from "zod";

const file = "f.yaml";
const problemsOf = (text: string, schema: z.ZodType = z.unknown()): readonly string[] => {
  const decoded = decodeYaml(schema, text, { file });
  return decoded.ok ? [] : decoded.problems.map(formatProblem);
};
const valueOf = (text: string): unknown => decodedOrThrow(decodeYaml(z.unknown(), text, { file }));

describe("decodeYaml", () => {
  it("reads back any JSON document as it is, but for keys without a value", () => {
    const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => value !== null);
    const withoutNulls = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), function (this: unknown, _key, each: unknown) {
        return each === null && !Array.isArray(this) ? undefined : each;
      });
    fc.assert(
      fc.property(json, (value) => {
        expect(valueOf(JSON.stringify(value))).toEqual(withoutNulls(value));
      }),
    );
  });

  it("never throws on any text", () => {
    const nasty = fc.string({
      unit: fc.constantFrom("a", ":", " ", "\n", "-", "[", "{", "}", "&a", "*a", "!", "#", '"', "\t", "|", ">"),
    });
    fc.assert(
      fc.property(nasty, (text) => {
        expect(typeof decodeYaml(z.unknown(), text, { file }).ok).toBe("boolean");
      }),
    );
  });

  it("keeps words that YAML 1.1 took for booleans and dates as text", () => {
    expect(valueOf("{a: yes, b: on, c: 2026-01-01, d: 0o17, e: 1_000}")).toEqual({
      a: "yes",
      b: "on",
      c: "2026-01-01",
      d: 15,
      e: "1_000",
    });
  });

  it("treats a key without a value as absent, and keeps nulls of lists", () => {
    expect(valueOf("a:\nb: {c: null, d: 1}\ne: [null]")).toEqual({ b: { d: 1 }, e: [null] });
  });

  it("does not let a document reach the prototype", () => {
    const value = valueOf("__proto__: {polluted: true}");
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("resolves anchors and merge keys", () => {
    expect(valueOf("a: &a {x: 1}\nb: *a\nc: {<<: *a, y: 2}")).toEqual({ a: { x: 1 }, b: { x: 1 }, c: { x: 1, y: 2 } });
  });

  it("refuses an alias bomb", () => {
    const level = (name: string, of: string) =>
      `${name}: &${name} [${Array.from({ length: 9 }, () => of).join(", ")}]\n`;
    const bomb = level("a", "x") + level("b", "*a") + level("c", "*b") + level("d", "*c") + level("e", "*d");
    expect(problemsOf(bomb)).toEqual(["f.yaml: aliases expand to too much"]);
    expect(problemsOf(`a: &a x\nb: [${"*a, ".repeat(101)}]`)).toEqual(["f.yaml: more than 100 aliases"]);
  });

  it("refuses text nested deeper than the parser can go", () => {
    const [problem, ...rest] = problemsOf("[".repeat(50_000));
    expect(problem).toMatch(/^f\.yaml:1:\d+: nested too deeply$/);
    expect(rest).toEqual([]);
  });

  it("refuses a text longer than 1 MiB, counted in bytes", () => {
    const padded = (text: string): string => `# ${text}`;
    expect(problemsOf(`${padded("x".repeat(maxConfigBytes))}\na: 1`)).toHaveLength(1);
    expect(problemsOf(padded("é".repeat(maxConfigBytes / 2)))[0]).toContain("file too large");
    expect(problemsOf(`a: 1 ${padded("x".repeat(maxConfigBytes - 7))}`)).toEqual([]);
    expect(problemsOf(`a: 1 ${padded("x".repeat(maxConfigBytes - 6))}`)[0]).toContain("file too large");
  });

  it("tells all problems in the order of the text", () => {
    const schema = z.strictObject({ b: z.int(), a: z.strictObject({ c: z.int(), d: z.int() }) });
    expect(problemsOf("a: {d: x, c: y}\nb: z", schema).map((problem) => problem.split(": ")[1])).toEqual([
      "a.d",
      "a.c",
      "b",
    ]);
  });
});

describe("a document's own problems", () => {
  const decoded = decodeYaml(z.unknown(), "a:\n  - b: 1\n  - b: two\n", { file });
  if (!decoded.ok) throw new Error("unreachable");
  const { document } = decoded;

  it("point at the value, or at the nearest enclosing one", () => {
    const words = { message: "odd" };
    expect(formatProblem(document.problem(["a", 1, "b"], words))).toBe('f.yaml:3:8: a[1].b: odd; found "two"');
    expect(formatProblem(document.problem(["a", 1, "c"], words))).toBe("f.yaml:3:5: a[1].c: odd; found nothing");
    expect(formatProblem(document.problem([], { ...words, found: "x", allowed: "y" }))).toBe(
      "f.yaml:1:1: odd; found x; allowed y",
    );
  });

  it("decode a part with the paths and lines of the whole", () => {
    const part = document.decode(z.strictObject({ b: z.int() }), ["a", 1]);
    expect(part.ok ? [] : part.problems.map(formatProblem)).toEqual([
      'f.yaml:3:8: a[1].b: wrong type; found "two"; allowed a whole number',
    ]);
    expect(document.decode(z.strictObject({ b: z.int() }), ["a", 0])).toMatchObject({ ok: true, value: { b: 1 } });
    expect(document.decode(z.strictObject({}), ["a", 0, "parameters"], {})).toMatchObject({ ok: true, value: {} });
  });
});

describe("decodeYamlStream", () => {
  const schema = z.strictObject({ a: z.int() });

  it("gives each document with its index, and passes over empty ones", () => {
    const decoded = decodeYamlStream(schema, "a: 1\n---\n# none\n---\na: 3\n---\n", { file });
    expect(decoded.ok && decoded.items.map(({ value, document }) => [document.index, value.a])).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("tells the problems of all documents with lines of the file", () => {
    const decoded = decodeYamlStream(schema, "a: x\n---\nb: 1\n", { file });
    expect(decoded.ok ? [] : decoded.problems.map(({ document, line, path }) => [document, line, path])).toEqual([
      [0, 1, "a"],
      [1, 3, "a"],
      [1, 3, "b"],
    ]);
  });

  it("of nothing is empty", () => {
    expect(decodeYamlStream(schema, "", { file })).toEqual({ ok: true, items: [] });
  });
});

describe("ConfigError", () => {
  it("says one line a problem and keeps all of them", () => {
    const decoded = decodeYaml(z.array(z.int()), `[${"x, ".repeat(30)}]`, { file });
    const error = (() => {
      try {
        return decodedOrThrow(decoded);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(ConfigError);
    const { message, data } = error as ConfigError;
    expect(data.problems).toHaveLength(30);
    expect(message.split("\n")).toHaveLength(21);
    expect(message).toMatch(/and 10 more problems$/);
  });
});

describe("pathText", () => {
  it.each([
    { path: [], text: "" },
    { path: ["spec", "targets", 2, "ttft"], text: "spec.targets[2].ttft" },
    { path: ["labels", "a.b/c"], text: 'labels["a.b/c"]' },
    { path: [0, "a"], text: "[0].a" },
  ])("$text", ({ path, text }) => expect(pathText(path)).toBe(text));
});

describe("text schemas", () => {
  it.each([
    { schema: durationText, input: "1h30m", want: 5_400_000 },
    { schema: durationText, input: "250ms", want: 250 },
    { schema: durationText, input: "0s", want: undefined },
    { schema: durationText, input: "250", want: undefined },
    { schema: durationText, input: 250, want: undefined },
    { schema: ratioText, input: "0.99", want: 0.99 },
    { schema: ratioText, input: ".5", want: 0.5 },
    { schema: ratioText, input: "0.0", want: undefined },
    { schema: ratioText, input: "1", want: undefined },
    { schema: ratioText, input: "9e-1", want: undefined },
    { schema: ratioText, input: " 0.5", want: undefined },
    { schema: ratioText, input: 0.5, want: undefined },
    { schema: portNumber, input: 1, want: 1 },
    { schema: portNumber, input: 65_535, want: 65_535 },
    { schema: portNumber, input: 0, want: undefined },
    { schema: portNumber, input: 65_536, want: undefined },
    { schema: portNumber, input: "80", want: undefined },
  ])("reads $input as $want", ({ schema, input, want }) => {
    const parsed = schema.safeParse(input);
    expect(parsed.success ? parsed.data : undefined).toBe(want);
  });
});
