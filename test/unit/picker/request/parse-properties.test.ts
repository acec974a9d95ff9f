import { isUtf8 } from "node:buffer";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { findJsonFault } from "../../../../picker/request/json-fault.ts";
import { parseRequest } from "../../../../picker/request/parse.ts";
import type { Api, ParseResult } from "../../../../picker/request/request.ts";

const space = fc.constantFrom("", "", "", " ", "\n", "\t ", "\r\n");

/** The text of a JSON string with some characters escaped that need not be. */
const stringText = (text: string, escapeEvery: number): string => {
  let out = '"';
  for (let i = 0; i < text.length; i++) {
    const plain = JSON.stringify(text[i]).slice(1, -1);
    const isEscape = escapeEvery > 0 && i % escapeEvery === 0;
    out += isEscape ? `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}` : plain;
  }
  return `${out}"`;
};

const text = fc.string({ unit: "grapheme", maxLength: 60 }).map((value) => value.toWellFormed());
const stringJson = fc.tuple(text, fc.integer({ min: 0, max: 4 })).map(([value, every]) => stringText(value, every));
const anyJson = fc.oneof(
  fc.json({ stringUnit: "grapheme", maxDepth: 3 }).filter((json) => JSON.stringify(JSON.parse(json)).isWellFormed()),
  stringJson,
);

const known: Readonly<Record<string, fc.Arbitrary<string>>> = {
  model: fc.oneof(stringJson, fc.constantFrom('"m"', "7", "null")),
  stream: fc.constantFrom("true", "false", "null", '"true"'),
  max_tokens: fc.constantFrom("0", "17", "-1", "1.5", "1e2", '"9"', "null"),
  max_completion_tokens: fc.constantFrom("3", "null", "-2"),
  cache_salt: fc.oneof(stringJson, fc.constant("1")),
  messages: fc.oneof(
    fc
      .array(
        anyJson.map((json) => `{"content":${json}}`),
        { minLength: 1, maxLength: 3 },
      )
      .map((all) => `[${all.join(",")}]`),
    fc.constantFrom("[]", "{}", '["x"]'),
  ),
  tools: fc.oneof(anyJson, fc.constant("null")),
};

/** Fields in any order, known names repeated now and then, unknown ones between them. */
const objectText = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(...Object.keys(known)).chain((name) => fc.tuple(fc.constant(name), known[name]!)),
      },
      { weight: 1, arbitrary: fc.tuple(text, anyJson) },
    ),
    { maxLength: 14 },
  )
  .chain((fields) =>
    fc.tuple(
      ...fields.map(([name, value]) =>
        fc.tuple(fc.constant(name), fc.constant(value), space, space, fc.integer({ min: 0, max: 9 })),
      ),
    ),
  )
  .map(
    (fields) =>
      `{${fields.map(([name, value, before, after, every]) => `${before}${stringText(name, every)}${after}:${before}${value}${after}`).join(",")}}`,
  );

/** The same by JSON.parse: what chat needs of a body, or undefined where it must be refused. */
function expectedOf(json: string): object | undefined {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const messages = body["messages"];
  const isMessage = (one: unknown) => typeof one === "object" && one !== null && !Array.isArray(one);
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every(isMessage)) return undefined;
  if (typeof body["model"] !== "string" || body["model"] === "") return undefined;
  const bounds = [body["max_completion_tokens"], body["max_tokens"]];
  const bound = bounds.find((value) => Number.isInteger(value) && (value as number) >= 0);
  return {
    model: body["model"],
    stream: body["stream"] === true,
    maxOutputTokens: bound,
    cacheSalt: typeof body["cache_salt"] === "string" ? body["cache_salt"] : undefined,
    prompts: [body["tools"] ?? undefined, messages].filter((value) => value !== undefined),
  };
}

function found(result: ParseResult): object | undefined {
  if (!result.ok) return undefined;
  const { body, promptRanges, model, stream, maxOutputTokens, cacheSalt } = result.request;
  const prompts: unknown[] = [];
  for (let i = 0; i < promptRanges.length; i += 2) {
    prompts.push(JSON.parse(body.subarray(promptRanges[i], promptRanges[i + 1]).toString()));
  }
  return { model, stream, maxOutputTokens, cacheSalt, prompts };
}

const apis: readonly Api[] = [
  "openai-chat",
  "openai-completions",
  "openai-embeddings",
  "openai-responses",
  "anthropic-messages",
];

describe("parseRequest against JSON.parse", () => {
  it("reads the same fields from any object", () => {
    let accepted = 0;
    fc.assert(
      fc.property(objectText, (json) => {
        const expected = expectedOf(json);
        if (expected !== undefined) accepted++;
        expect(found(parseRequest("openai-chat", Buffer.from(json)))).toEqual(expected);
      }),
      { numRuns: 1500 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it("refuses a body exactly where it must, however it was damaged, and never throws", () => {
    const damage = fc.array(
      fc.tuple(fc.nat(400), fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:\\ut01\n\x00\xff\xc3')), fc.nat(255))),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(objectText, damage, fc.nat(400), (json, changes, length) => {
        const body = Buffer.from(json).subarray(0, Math.max(1, length));
        for (const [at, byte] of changes) body[at % body.length] = byte;
        const result = parseRequest("openai-chat", body);
        expect(found(result)).toEqual(isUtf8(body) ? expectedOf(body.toString()) : undefined);
        for (const api of apis) parseRequest(api, body);
      }),
      { numRuns: 1500 },
    );
  });

  it("finds a fault exactly where JSON.parse finds one", () => {
    const pieces = fc.array(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"a"',
        '"',
        "\\",
        "1",
        "-",
        "0.5e3",
        "true",
        "nul",
        " ",
        "\n",
        "\t",
        "\x01",
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((all) => all.join("")),
          fc.json(),
        ),
        (json) => {
          let isValid = true;
          try {
            JSON.parse(json);
          } catch {
            isValid = false;
          }
          const fault = findJsonFault(Buffer.from(json));
          expect(fault === undefined).toBe(isValid);
          // What comes before the fault can still become JSON: it has no earlier one.
          if (fault === undefined) return;
          const before = findJsonFault(Buffer.from(json).subarray(0, fault.offset));
          expect(before?.offset ?? fault.offset).toBe(fault.offset);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
