import type { Milliseconds, Tokens } from "#units";

/**
 * Mean time per output token after the first.
 * @param firstTokenAtMs instant of the first token event; undefined when there was none
 * @param lastTokenAtMs instant of the last one, of the same clock
 * @param outputTokens of the whole response so far, from its usage or else its token events
 * @returns undefined below two tokens, where there is no gap, and without token events
 */
export function timePerOutputTokenMs(
  firstTokenAtMs: Milliseconds | undefined,
  lastTokenAtMs: Milliseconds | undefined,
  outputTokens: Tokens | undefined,
): Milliseconds | undefined {
  if (firstTokenAtMs === undefined || lastTokenAtMs === undefined || outputTokens === undefined) return undefined;
  return outputTokens < 2 ? undefined : (lastTokenAtMs - firstTokenAtMs) / (outputTokens - 1);
}
