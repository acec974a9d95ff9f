import type { Bytes, Tokens } from "#units";

/** Bytes of prompt text that stand for one token where nothing is tokenised. Source: llm-d-router, token-producer `estimate`. */
export const bytesPerToken = 4;

/** Sum of the lengths of start, end, start, end, … */
export function promptBytes(promptRanges: Uint32Array): Bytes {
  let bytes = 0;
  for (let i = 0; i + 1 < promptRanges.length; i += 2) bytes += promptRanges[i + 1]! - promptRanges[i]!;
  return bytes;
}

/** Tokens of a prompt as estimated from its length; the last, shorter one counts. */
export const estimatePromptTokens = (promptRanges: Uint32Array): Tokens =>
  Math.ceil(promptBytes(promptRanges) / bytesPerToken);
