import { unreachable } from "#errors";
import type { UnknownBandPolicy } from "./settings.ts";

/**
 * The band of a request whose priority may have none. Never one above it.
 * @param priorities of the bands there are, highest first
 * @returns priority of the band; undefined: the request is refused
 */
export function resolveBand(
  priority: number,
  priorities: readonly number[],
  policy: UnknownBandPolicy,
): number | undefined {
  if (priorities.includes(priority)) return priority;
  switch (policy) {
    case "default":
      return priorities.find((one) => one < priority);
    case "lowest": {
      const lowest = priorities.at(-1);
      return lowest !== undefined && lowest < priority ? lowest : undefined;
    }
    case "refuse":
      return undefined;
    default:
      return unreachable(policy);
  }
}
