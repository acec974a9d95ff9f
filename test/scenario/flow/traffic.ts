/** Who sends what, and when. */
import { exponential, seededRandom, seedOf, type Random } from "#random";
import type { Milliseconds, Tokens } from "#units";
import type { VirtualClock } from "./virtual-clock.ts";

/** Sizes are drawn evenly between the two bounds. */
export type TokenRange = readonly [least: Tokens, most: Tokens];

/** Requests of one objective and one tenant. */
export type Source = {
  readonly name: string;
  /** undefined: it names none. */
  readonly objective: string | undefined;
  /** Fairness id. */
  readonly tenant: string;
  readonly promptTokens: TokenRange;
  readonly outputTokens: TokenRange;
  readonly perSecond: number;
  /** `poisson`: as from many independent clients. */
  readonly spacing: "poisson" | "even";
  /** Its requests may go to this server alone; absent: to any. */
  readonly onlyServer?: number;
};

/** One request as its client knows it. */
export type Sent = {
  readonly id: string;
  readonly source: Source;
  readonly promptTokens: Tokens;
  readonly outputTokens: Tokens;
};

export const meanOf = ([least, most]: TokenRange): Tokens => (least + most) / 2;

const drawn = ([least, most]: TokenRange, random: Random): Tokens => least + Math.floor(random() * (most - least + 1));

/** The requests of a source one after the other; the same for the same seed, whatever becomes of them. */
export function requestsOf(source: Source, seed: number): () => Sent {
  const random = seededRandom(seedOf(seed, source.name));
  let count = 0;
  return () => ({
    id: `${source.name}-${count++}`,
    source,
    promptTokens: drawn(source.promptTokens, random),
    outputTokens: drawn(source.outputTokens, random),
  });
}

/** Sends a source's requests from `fromMs` up to `untilMs`. */
export function play(
  clock: VirtualClock,
  source: Source,
  span: { readonly fromMs: Milliseconds; readonly untilMs: Milliseconds; readonly seed: number },
  send: (sent: Sent) => void,
): void {
  const next = requestsOf(source, span.seed);
  const random = seededRandom(seedOf(span.seed + 1, source.name));
  const meanGapMs = 1000 / source.perSecond;
  const gapMs = (): Milliseconds => (source.spacing === "even" ? meanGapMs : meanGapMs * exponential(random));
  let atMs = span.fromMs + gapMs();
  const step = (): void => {
    send(next());
    atMs += gapMs();
    if (atMs < span.untilMs) clock.after(atMs - clock.now(), step);
  };
  if (atMs < span.untilMs) clock.after(atMs - clock.now(), step);
}
