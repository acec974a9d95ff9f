import { isUtf8 } from "node:buffer";
import type { Tokens } from "#units";
import { anthropicCountTokens, anthropicMessages } from "./anthropic-messages.ts";
import { describeOffset, findJsonFault, findUtf8Fault } from "./json-fault.ts";
import { fieldNames, type FieldNames } from "./json-cursor.ts";
import { scanFields, type FieldRange } from "./json-scan.ts";
import { openAiChat } from "./openai-chat.ts";
import { openAiCompletions } from "./openai-completions.ts";
import { openAiEmbeddings } from "./openai-embeddings.ts";
import { openAiResponses } from "./openai-responses.ts";
import { bodyFault, faultOf, type JsonBody, type RequestFormat } from "./request-format.ts";
import type { Api, ParseResult } from "./request.ts";

/** A format with the fields to look up in the bytes. */
type ScannedFormat = RequestFormat & { readonly scanned: FieldNames<string> };
type FieldRanges = ReadonlyMap<string, FieldRange>;

const scanned = (format: RequestFormat): ScannedFormat => ({
  ...format,
  scanned: fieldNames("model", "cache_salt", ...format.promptFields),
});

const formats: Readonly<Record<Exclude<Api, "pass-through">, ScannedFormat>> = {
  "openai-chat": scanned(openAiChat),
  "openai-completions": scanned(openAiCompletions),
  "openai-embeddings": scanned(openAiEmbeddings),
  "openai-responses": scanned(openAiResponses),
  "anthropic-messages": scanned(anthropicMessages),
  "anthropic-count-tokens": scanned(anthropicCountTokens),
};

const noRanges = new Uint32Array(0);

const refused = (message: string): ParseResult => ({ ok: false, status: 400, message });

/** The decoded body, or why it is not JSON. One character a byte: the syntax is the same, and decoding costs nothing. */
function decoded(body: Buffer): { readonly value: unknown } | string {
  if (!isUtf8(body)) {
    return `the request body is not valid UTF-8 at ${describeOffset(body, findUtf8Fault(body))}`;
  }
  try {
    return { value: JSON.parse(body.toString("latin1")) as unknown };
  } catch {
    const fault = findJsonFault(body);
    if (fault === undefined) return "the request body is not valid JSON";
    const found = fault.offset >= body.length ? "the body ends" : "it fails";
    return `the request body is not valid JSON: ${found} at ${describeOffset(body, fault.offset)}, expected ${fault.expected}`;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** The text of a string field; undefined where the field is not a string. Beyond ASCII it is decoded from its bytes. */
function textOf(field: string, fields: JsonBody, body: Buffer, ranges: FieldRanges): string | undefined {
  const value = fields[field];
  const range = ranges.get(field);
  if (typeof value !== "string" || range === undefined) return undefined;
  return isAscii(value) ? value : (JSON.parse(body.toString("utf8", range.start, range.end)) as string);
}

function maxOutputTokens(fields: JsonBody, names: readonly string[]): Tokens | undefined {
  for (const name of names) {
    const value = fields[name];
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  }
  return undefined;
}

function promptRanges(fields: JsonBody, format: ScannedFormat, ranges: FieldRanges): Uint32Array {
  const offsets = new Uint32Array(2 * format.promptFields.length);
  let length = 0;
  for (const field of format.promptFields) {
    const range = ranges.get(field);
    if (range === undefined || fields[field] === null) continue;
    offsets[length++] = range.start;
    offsets[length++] = range.end;
  }
  return length === offsets.length ? offsets : offsets.slice(0, length);
}

function modelFault(fields: JsonBody, required: boolean): string | undefined {
  const model = fields["model"];
  if (model === undefined || model === null)
    return required ? faultOf("model", "the name of a model", model) : undefined;
  if (typeof model !== "string") return faultOf("model", "the name of a model", model);
  return model === "" ? '"model" must be the name of a model, found an empty string' : undefined;
}

/**
 * Reads what scheduling needs from a request's body, which is left as it is.
 * @param body the whole body
 * @returns the request, or a 400 with a message for the client: not UTF-8, not JSON (with line, column and byte), not an
 * object, or a field that the API requires is missing or of a wrong type. Other fields are the model server's to check.
 */
export function parseRequest(api: Api, body: Buffer): ParseResult {
  if (api === "pass-through") {
    return {
      ok: true,
      request: {
        api,
        body,
        model: undefined,
        stream: false,
        maxOutputTokens: undefined,
        promptRanges: noRanges,
        cacheSalt: undefined,
      },
    };
  }
  if (body.length === 0) return refused("the request body is empty: expected a JSON object");
  const json = decoded(body);
  if (typeof json === "string") return refused(json);
  if (typeof json.value !== "object" || json.value === null || Array.isArray(json.value))
    return refused(bodyFault(json.value));
  const fields = json.value as JsonBody;
  const format = formats[api];
  const fault = modelFault(fields, format.modelRequired) ?? format.fault(fields);
  if (fault !== undefined) return refused(fault);
  const ranges = scanFields(body, format.scanned);
  return {
    ok: true,
    request: {
      api,
      body,
      model: textOf("model", fields, body, ranges),
      stream: fields["stream"] === true,
      maxOutputTokens: maxOutputTokens(fields, format.maxTokensFields),
      promptRanges: promptRanges(fields, format, ranges),
      cacheSalt: textOf("cache_salt", fields, body, ranges),
    },
  };
}
