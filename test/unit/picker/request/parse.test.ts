import { describe, expect, it } from "@jest/globals";
import { parseRequest } from "../../../../picker/request/parse.ts";
import type { Api, InferenceRequest } from "../../../../picker/request/request.ts";

const parsedBytes = (api: Api, body: Buffer): InferenceRequest => {
  const result = parseRequest(api, body);
  if (!result.ok) throw new Error(result.message);
  return result.request;
};
const parsed = (api: Api, body: object): InferenceRequest => parsedBytes(api, Buffer.from(JSON.stringify(body)));

const prompts = ({ body, promptRanges }: InferenceRequest): unknown[] => {
  const values: unknown[] = [];
  for (let i = 0; i < promptRanges.length; i += 2) {
    values.push(JSON.parse(body.subarray(promptRanges[i], promptRanges[i + 1]).toString()));
  }
  return values;
};

const refusal = (api: Api, body: string | Buffer): string => {
  const result = parseRequest(api, Buffer.from(body));
  if (result.ok) throw new Error("accepted");
  expect(result.status).toBe(400);
  return result.message;
};

const messages = [{ role: "user", content: "hi" }];
const chat = { model: "m", messages };

describe("what is read of each API", () => {
  it("chat: tools before messages, both bounds, salt", () => {
    const body = {
      ...chat,
      tools: [{ type: "function" }],
      stream: true,
      max_tokens: 9,
      max_completion_tokens: 7,
      cache_salt: "s",
    };
    const request = parsed("openai-chat", body);
    expect(request).toMatchObject({ model: "m", stream: true, maxOutputTokens: 7, cacheSalt: "s" });
    expect(prompts(request)).toEqual([body.tools, messages]);
  });

  it("completions", () => {
    const request = parsed("openai-completions", { model: "lora-7", prompt: "Once", max_tokens: 3 });
    expect(request).toMatchObject({ model: "lora-7", stream: false, maxOutputTokens: 3, cacheSalt: undefined });
    expect(prompts(request)).toEqual(["Once"]);
  });

  it("embeddings", () => {
    const request = parsed("openai-embeddings", { model: "e", input: ["a", "b"], max_tokens: 3 });
    expect(request).toMatchObject({ model: "e", stream: false, maxOutputTokens: undefined });
    expect(prompts(request)).toEqual([["a", "b"]]);
  });

  it("responses: tools, instructions, input; the model may be absent", () => {
    const body = { input: "q", instructions: "be brief", tools: [{}], max_output_tokens: 50, stream: true };
    const request = parsed("openai-responses", body);
    expect(request).toMatchObject({ model: undefined, stream: true, maxOutputTokens: 50 });
    expect(prompts(request)).toEqual([[{}], "be brief", "q"]);
  });

  it("messages: tools, system, messages, whatever their order in the body", () => {
    const body = {
      messages,
      system: [{ type: "text", text: "x" }],
      max_tokens: 10,
      tools: [{ name: "t" }],
      model: "claude",
    };
    const request = parsed("anthropic-messages", body);
    expect(request).toMatchObject({ model: "claude", stream: false, maxOutputTokens: 10 });
    expect(prompts(request)).toEqual([body.tools, body.system, messages]);
  });

  it("count_tokens: the model, and no prompt, since none is run", () => {
    expect(parsed("anthropic-count-tokens", chat)).toMatchObject({ model: "m", promptRanges: new Uint32Array(0) });
  });

  it("pass-through: nothing, not even the syntax", () => {
    expect(parsedBytes("pass-through", Buffer.from("{not json"))).toMatchObject({ model: undefined, stream: false });
    expect(parsedBytes("pass-through", Buffer.alloc(0)).promptRanges).toHaveLength(0);
  });
});

describe("details of reading", () => {
  it("keeps the body itself", () => {
    const body = Buffer.from(JSON.stringify(chat));
    expect(parsedBytes("openai-chat", body).body).toBe(body);
  });

  it.each([
    { name: "escaped keys", json: String.raw`{"\u006dodel":"m","messages":[{}],"\u0073tream":true}`, model: "m" },
    {
      name: "a repeated key: the last one",
      json: '{"model":"a","messages":[{}],"model":"b","stream":true}',
      model: "b",
    },
    {
      name: "text beyond ASCII",
      json: '{"model":"modèle-日本 😀","messages":[{}],"stream":true}',
      model: "modèle-日本 😀",
    },
    {
      name: "escaped text beyond ASCII",
      json: String.raw`{"model":"\u00e8è\ud83d\ude00","messages":[{}],"stream":true}`,
      model: "èè😀",
    },
    {
      name: "white space everywhere",
      json: '\n{\t"model" : "m"\r\n,"messages" : [ { } ] , "stream" : true }\n',
      model: "m",
    },
    {
      name: "the same names further down",
      json: '{"x":{"model":"no","stream":false},"model":"m","messages":[{"model":1}],"stream":true}',
      model: "m",
    },
    {
      name: "names inside text",
      json: String.raw`{"x":"\"model\":\"no\",","model":"m","messages":[{}],"stream":true}`,
      model: "m",
    },
    {
      name: "text that ends in a backslash",
      json: String.raw`{"x":"\\","model":"m\\","messages":[{}],"stream":true}`,
      model: "m\\",
    },
    {
      name: "a __proto__ key",
      json: '{"__proto__":{"model":"no"},"model":"m","messages":[{}],"stream":true}',
      model: "m",
    },
  ])("understands $name", ({ json, model }) => {
    expect(parsedBytes("openai-chat", Buffer.from(json))).toMatchObject({ model, stream: true });
  });

  it("finds its way through long text full of quotes", () => {
    const content = `${"a".repeat(300)}"${"\\".repeat(301)}"${'"'.repeat(50)}`.repeat(20);
    const body = { messages: [{ role: "user", content }], model: "m" };
    expect(prompts(parsed("openai-chat", body))).toEqual([body.messages]);
  });

  it.each([
    [{ max_tokens: 0 }, 0],
    [{ max_tokens: 1e3 }, 1000],
    [{ max_tokens: -1 }, undefined],
    [{ max_tokens: 1.5 }, undefined],
    [{ max_tokens: "10" }, undefined],
    [{ max_tokens: null }, undefined],
    [{ max_completion_tokens: null, max_tokens: 5 }, 5],
    [{ max_completion_tokens: -3, max_tokens: 5 }, 5],
    [{}, undefined],
  ])("takes %j as a bound of %p", (fields, want) => {
    expect(parsed("openai-chat", { ...chat, ...fields }).maxOutputTokens).toBe(want);
  });

  it.each([
    [true, true],
    [false, false],
    ["true", false],
    [1, false],
    [null, false],
  ])("takes stream %j as %p", (stream, want) => expect(parsed("openai-chat", { ...chat, stream }).stream).toBe(want));

  it("ignores a salt that is not text, and prompt parts that are null", () => {
    const request = parsed("openai-chat", { ...chat, cache_salt: 5, tools: null });
    expect(request.cacheSalt).toBeUndefined();
    expect(prompts(request)).toEqual([messages]);
  });

  it.each([["text"], [["a", "b"]], [[1, 2, 3]], [[[1, 2], [3]]], [[""]], [""]])("accepts the prompt %j", (prompt) => {
    expect(prompts(parsed("openai-completions", { model: "m", prompt }))).toEqual([prompt]);
  });
});

describe("what is refused", () => {
  const one = "a string, an array of strings, an array of token ids or an array of such arrays";
  it.each<[Api, string, string]>([
    ["openai-chat", "", "the request body is empty: expected a JSON object"],
    ["openai-chat", "[]", "the request body must be a JSON object, found an empty array"],
    ["openai-chat", "null", "the request body must be a JSON object, found null"],
    ["openai-chat", '"x"', "the request body must be a JSON object, found a string"],
    ["openai-chat", '{"messages":[{}]}', '"model" is missing: expected the name of a model'],
    ["openai-chat", '{"messages":[{}],"model":7}', '"model" must be the name of a model, found a number'],
    ["openai-chat", '{"messages":[{}],"model":null}', '"model" must be the name of a model, found null'],
    ["openai-chat", '{"messages":[{}],"model":""}', '"model" must be the name of a model, found an empty string'],
    ["openai-chat", '{"model":"m"}', '"messages" is missing: expected an array with at least one message'],
    [
      "openai-chat",
      '{"model":"m","messages":[]}',
      '"messages" must be an array with at least one message, found an empty array',
    ],
    [
      "openai-chat",
      '{"model":"m","messages":"hi"}',
      '"messages" must be an array with at least one message, found a string',
    ],
    ["openai-chat", '{"model":"m","messages":[{},"hi"]}', '"messages[1]" must be an object, found a string'],
    ["openai-completions", '{"model":"m"}', `"prompt" is missing: expected ${one}`],
    ["openai-completions", '{"model":"m","prompt":{}}', `"prompt" must be ${one}, found an object`],
    ["openai-completions", '{"model":"m","prompt":[]}', `"prompt" must be ${one}, found an empty array`],
    ["openai-completions", '{"model":"m","prompt":["a",1]}', `"prompt" must be ${one}, found a number at prompt[1]`],
    [
      "openai-completions",
      '{"model":"m","prompt":[[1],[]]}',
      `"prompt" must be ${one}, found an empty array at prompt[1]`,
    ],
    [
      "openai-completions",
      '{"model":"m","prompt":[1,"a"]}',
      `"prompt" must be ${one}, found an array that is none of them`,
    ],
    [
      "openai-completions",
      '{"model":"m","prompt":[1.5]}',
      `"prompt" must be ${one}, found an array that is none of them`,
    ],
    ["openai-embeddings", '{"model":"m","input":true}', `"input" must be ${one}, found true`],
    ["openai-responses", '{"model":"m"}', '"input" is missing: expected a string or an array of input items'],
    [
      "openai-responses",
      '{"model":"m","input":[]}',
      '"input" must be a string or an array of input items, found an empty array',
    ],
    ["openai-responses", '{"model":3,"input":"x"}', '"model" must be the name of a model, found a number'],
    ["anthropic-messages", '{"model":"m"}', '"messages" is missing: expected an array with at least one message'],
    ["anthropic-count-tokens", '{"messages":[{}]}', '"model" is missing: expected the name of a model'],
  ])("%s %s", (api, body, message) => expect(refusal(api, body)).toBe(message));

  it.each([
    ['{"model":', "the body ends at line 1, column 10 (byte 9), expected a value"],
    ['{"model":"m"', 'the body ends at line 1, column 13 (byte 12), expected "," or "}"'],
    ['{"model":"m",\n  "messages":[{}}', 'it fails at line 2, column 17 (byte 30), expected "," or "]"'],
    ['{"model":"é" "x"}', 'it fails at line 1, column 14 (byte 14), expected "," or "}"'],
    ["{model:1}", 'it fails at line 1, column 2 (byte 1), expected a quoted key or "}"'],
    ['{"a":1,}', "it fails at line 1, column 8 (byte 7), expected a quoted key"],
    ['{"a" 1}', 'it fails at line 1, column 6 (byte 5), expected ":"'],
    ['{"a":tru}', "it fails at line 1, column 6 (byte 5), expected a value"],
    ['{"a":01}', 'it fails at line 1, column 7 (byte 6), expected "," or "}"'],
    ['{"a":"\n"}', "it fails at line 1, column 7 (byte 6), expected an escape in place of a control character"],
    [String.raw`{"a":"\x"}`, "it fails at line 1, column 7 (byte 6), expected a valid escape"],
    ['{"a":"x', "the body ends at line 1, column 8 (byte 7), expected a closing quote"],
    ["{} {}", "it fails at line 1, column 4 (byte 3), expected the end of the body"],
    [" ", "the body ends at line 1, column 2 (byte 1), expected a value"],
    ["\uFEFF{}", "it fails at line 1, column 1 (byte 0), expected a value"],
  ])("%j is not JSON: %s", (body, where) => {
    expect(refusal("openai-chat", body)).toBe(`the request body is not valid JSON: ${where}`);
  });

  it.each([
    ["a stray byte", [0xff]],
    ["a character that is cut", [0xe6, 0x97]],
    ["an overlong form", [0xc0, 0xaf]],
    ["half a surrogate pair", [0xed, 0xa0, 0x80]],
  ])("%s is not UTF-8", (_, bytes) => {
    const body = Buffer.concat([Buffer.from('{"messages":"é'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(refusal("openai-chat", body)).toBe("the request body is not valid UTF-8 at line 1, column 15 (byte 15)");
  });

  it("a megabyte of open brackets, without running out of stack", () => {
    const open = "[".repeat(1 << 20);
    expect(refusal("openai-chat", open)).toContain("the body ends at line 1, column 1048577");
    expect(refusal("openai-chat", `{"messages":${open}`)).toContain("the body ends");
    expect(refusal("openai-chat", `${open}${"]".repeat(1 << 20)}`)).toContain("found an array");
  });
});
