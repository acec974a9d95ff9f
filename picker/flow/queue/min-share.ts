import type { Ratio, Tokens } from "#units";
import type { Band } from "./band.ts";

/** True when the band has fallen behind its minimum share and goes before all others. */
export const isDue = ({ credit }: Band): boolean => credit > 0;

const takesPart = (band: Band, served: Band | undefined): boolean =>
  band.requests > 0 || band.credit < 0 || band === served;

/**
 * Accounts one dispatch. The minimum share of its tokens is split evenly over the sheddable bands that wait or are ahead of
 * their share. A band that was held back although due gains about one request by it, so that no burst follows; what it is
 * served in its ordinary turn puts it ahead by one request at most, however long it ran alone.
 * @param bands highest priority first, as they are before the request leaves
 * @param served undefined: it has no band
 */
export function accountMinShare(
  bands: readonly Band[],
  served: Band | undefined,
  tokens: Tokens,
  minShare: Ratio,
): void {
  if (minShare === 0) return;
  let sharers = 0;
  for (let i = bands.length - 1; i >= 0 && bands[i]!.priority < 0; i--) if (takesPart(bands[i]!, served)) sharers += 1;
  if (sharers === 0) return;
  const wasDue = served !== undefined && isDue(served);
  const shared = minShare * tokens;
  for (let i = bands.length - 1; i >= 0 && bands[i]!.priority < 0; i--) {
    const band = bands[i]!;
    if (!takesPart(band, served)) continue;
    const next = band.oldest?.tokens ?? (band === served ? tokens : undefined);
    const most = next === undefined ? 0 : band.isHeldBack ? next + shared : Infinity;
    band.credit = Math.max(band.credit, Math.min(most, band.credit + shared / sharers));
  }
  if (served !== undefined && served.priority < 0) {
    served.credit = wasDue ? served.credit - tokens : Math.min(served.credit, 0 - tokens);
  }
}
