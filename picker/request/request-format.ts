/** A decoded body. Types and numbers are exact; text may still be bytes as characters, so only its type counts here. */
export type JsonBody = Readonly<Record<string, unknown>>;

/** What one API's request bodies consist of, as far as scheduling needs it. */
export type RequestFormat = {
  readonly modelRequired: boolean;
  /** Top-level fields that the model server keeps in its prefix cache, in the order in which the model sees them. */
  readonly promptFields: readonly string[];
  /** Fields that bound the generated tokens; the first valid one counts. */
  readonly maxTokensFields: readonly string[];
  /** What is wrong with the body, for its sender; undefined when nothing is. */
  readonly fault: (body: JsonBody) => string | undefined;
};

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (typeof value === "object") return "an object";
  return typeof value === "boolean" ? `${value}` : `a ${typeof value}`;
};

/** `"messages" must be …, found null`, or the same about a field that is not there. */
export const faultOf = (field: string, expected: string, value: unknown): string =>
  value === undefined
    ? `"${field}" is missing: expected ${expected}`
    : `"${field}" must be ${expected}, found ${kindOf(value)}`;

/** What a whole body is instead of an object. */
export const bodyFault = (value: unknown): string => `the request body must be a JSON object, found ${kindOf(value)}`;

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** Fault of a field that must hold at least one message object. */
export function messagesFault(body: JsonBody): string | undefined {
  const messages = body["messages"];
  if (!Array.isArray(messages) || messages.length === 0) {
    return faultOf("messages", "an array with at least one message", messages);
  }
  const wrong = messages.findIndex((message) => !isObject(message));
  return wrong < 0 ? undefined : faultOf(`messages[${wrong}]`, "an object", messages[wrong]);
}

const isTokenIds = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(Number.isInteger);

/** Fault of a field that must hold text, texts, token ids, or lists of token ids. */
export function textOrTokensFault(field: string, value: unknown): string | undefined {
  if (typeof value === "string" || isTokenIds(value)) return undefined;
  const expected = "a string, an array of strings, an array of token ids or an array of such arrays";
  if (!Array.isArray(value)) return faultOf(field, expected, value);
  if (value.length === 0) return faultOf(field, expected, value);
  const isWanted = typeof value[0] === "string" ? (one: unknown) => typeof one === "string" : isTokenIds;
  const wrong = value.findIndex((one) => !isWanted(one));
  if (wrong < 0) return undefined;
  if (typeof value[0] === "number") return `"${field}" must be ${expected}, found an array that is none of them`;
  return `"${field}" must be ${expected}, found ${kindOf(value[wrong])} at ${field}[${wrong}]`;
}
