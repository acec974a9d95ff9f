/** Bodies of exactly given sizes, which a recording keeps in place of the bytes. */

const fitted = (text: string, bytes: number): Buffer => {
  const missing = bytes - Buffer.byteLength(text);
  if (missing < 0) throw new Error(`${bytes} bytes are too few for ${text}`);
  return Buffer.from(text.replace("~", `~${"x".repeat(missing)}`));
};

/** Cuts bytes into chunks of these lengths. */
export function cut(bytes: Buffer, lengths: readonly number[]): readonly Buffer[] {
  let start = 0;
  return lengths.map((length) => bytes.subarray(start, (start += length)));
}

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);

/** A chat completion request in chunks of these lengths. */
export const chatRequestIn = (lengths: readonly number[]): readonly Buffer[] =>
  cut(fitted('{"model":"llama","messages":[{"role":"user","content":"~"}]}', total(lengths)), lengths);

/** A chat completion with 5 output tokens, or a list of models, in chunks of these lengths. */
export function jsonAnswerIn(path: string, lengths: readonly number[]): readonly Buffer[] {
  const answer = path.endsWith("/models")
    ? '{"object":"list","data":[{"id":"llama","owned_by":"~"}]}'
    : '{"choices":[{"message":{"content":"~"}}],"usage":{"prompt_tokens":9,"completion_tokens":5}}';
  return cut(fitted(answer, total(lengths)), lengths);
}

const event = (fields: string): string => `data: {"object":"chat.completion.chunk","id":"~",${fields}}\n\n`;
const role = event('"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]');
const token = event('"choices":[{"index":0,"delta":{"content":"a"}}]');
const finish = event('"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]');
const usage = (tokens: number): string =>
  event(`"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":${tokens}}`);
const done = "data: [DONE]\n\n";

/** Events before the first token and after the last one of a whole stream. */
const before = [role];
const after = (tokens: number): readonly string[] => [finish, usage(tokens), done];

/** Events that fill their chunk: the end mark has its own size, the others share what is left. */
function filled(events: readonly string[], bytes: number): Buffer {
  const sized = events.filter((text) => text !== done);
  const left = bytes - (events.length - sized.length) * done.length;
  const share = Math.floor(left / sized.length);
  const parts = sized.map((text, i) => fitted(text, i === 0 ? left - share * (sized.length - 1) : share));
  return Buffer.concat([...parts, ...events.filter((text) => text === done).map((text) => Buffer.from(text))]);
}

/**
 * A streamed chat completion in these chunks: a role, a token an event, and where it is whole, finish reason, usage and
 * end mark.
 */
export function streamIn(
  chunks: readonly { readonly bytes: number; readonly events: number }[],
  isWhole: boolean,
): readonly Buffer[] {
  const count = total(chunks.map(({ events }) => events));
  const tokens = count - before.length - (isWhole ? after(0).length : 0);
  const events = [...before, ...Array.from({ length: tokens }, () => token), ...(isWhole ? after(tokens) : [])];
  let next = 0;
  return chunks.map(({ bytes, events: inChunk }) => filled(events.slice(next, (next += inChunk)), bytes));
}
