import type { Ratio, Tokens } from "#units";
import { vocabulary } from "./tokenizer.ts";

/** How long answers are when nothing cuts them: log-normal. */
export type OutputLengths = { readonly meanTokens: Tokens; readonly sigma: number };

/** What a request says about the length of its answer. */
export type OutputLimits = {
  /** From the request, or what the context leaves. */
  readonly maxTokens: Tokens;
  readonly minTokens: Tokens;
  /** Go on to `maxTokens` whatever the natural end. */
  readonly ignoreEos: boolean;
};

/** An answer, decided before it is generated: indexes into the vocabulary, and why it ends. */
export type OutputPlan = { readonly words: Uint16Array; readonly finishReason: "stop" | "length" };

/** One draw of a log-normal length, at least 1. */
function naturalTokens(lengths: OutputLengths, random: () => Ratio): Tokens {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  const normal = radius * Math.cos(2 * Math.PI * random());
  const mu = Math.log(lengths.meanTokens) - lengths.sigma ** 2 / 2;
  return Math.max(1, Math.round(Math.exp(mu + lengths.sigma * normal)));
}

/** Draws length and words of one answer; equal random streams give equal answers. */
export function planOutput(limits: OutputLimits, lengths: OutputLengths, random: () => Ratio): OutputPlan {
  const natural = Math.max(limits.minTokens, naturalTokens(lengths, random));
  const runsOn = limits.ignoreEos || natural >= limits.maxTokens;
  const words = new Uint16Array(runsOn ? limits.maxTokens : natural);
  for (let i = 0; i < words.length; i++) words[i] = Math.floor(random() * vocabulary.length);
  return { words, finishReason: runsOn ? "length" : "stop" };
}

/** The text of the first `count` words. */
export function planText(plan: OutputPlan, count: Tokens = plan.words.length): string {
  let text = "";
  for (let i = 0; i < count; i++) text += vocabulary[plan.words[i]!]!;
  return text;
}
