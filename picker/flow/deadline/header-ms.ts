import type { Milliseconds } from "#units";

/**
 * Whole milliseconds of a client's header; undefined where there are none, or they cannot be read. Zero is not read: in
 * the configuration it means no limit, and a client is not to lift one.
 */
export function headerMs(text: string | undefined): Milliseconds | undefined {
  const trimmed = text?.trim() ?? "";
  if (!/^\d{1,15}$/.test(trimmed)) return undefined;
  const ms = Number(trimmed);
  return ms === 0 ? undefined : ms;
}
