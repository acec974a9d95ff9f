import { unreachable } from "#errors";
import type { Tokens } from "#units";
import { normal, type Random } from "#random";

/** How many tokens a prompt or an answer has. */
export type LengthDistribution =
  | { readonly kind: "fixed"; readonly tokens: Tokens }
  /** Every whole number from `from` to `to`, both included, is equally likely. */
  | { readonly kind: "uniform"; readonly from: Tokens; readonly to: Tokens }
  /** Half of the values are below `median`; `sigma` is the standard deviation of the logarithm. */
  | { readonly kind: "lognormal"; readonly median: Tokens; readonly sigma: number };

/** No prompt or answer is longer: what a heavy tail gives beyond it is cut. */
export const maxLengthTokens: Tokens = 1_000_000;

const whole = (tokens: number): Tokens => Math.min(maxLengthTokens, Math.max(1, Math.round(tokens)));

/** One length, a whole number from 1 to {@link maxLengthTokens}. */
export function drawLength(distribution: LengthDistribution, random: Random): Tokens {
  switch (distribution.kind) {
    case "fixed":
      return distribution.tokens;
    case "uniform":
      return distribution.from + Math.floor(random() * (distribution.to - distribution.from + 1));
    case "lognormal":
      return whole(distribution.median * Math.exp(distribution.sigma * normal(random)));
    default:
      return unreachable(distribution);
  }
}
