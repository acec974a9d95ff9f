import type { Tokens } from "#units";
import type { PlannedRequest } from "./plan.ts";
import { seededRandom, seedOf } from "#random";

/** Three letters and a space: about one token of common vocabularies, and one where tokens are estimated at 4 bytes. */
const bytesPerToken = 4;
const letters = "abdefgiklmnoprst";
const wordCount = 1 << 16;

const wordOf = (number: number): string =>
  `${letters[number & 15]}${letters[(number >>> 4) & 15]}${letters[(number >>> 8) & 15]} `;

let written: string | undefined;

/** One long random text, made once; prompts are cut out of it. Called ahead of a run, it keeps the first send in time. */
export function longText(): string {
  if (written !== undefined) return written;
  const random = seededRandom(1);
  let text = "";
  for (let i = 0; i < wordCount; i++) text += wordOf(Math.floor(random() * 4096));
  written = text;
  return text;
}

/** Text that no other `identity` of the run begins with: three words say which it is, the rest is filling. */
function textOf(identity: number, seed: number, tokens: Tokens): string {
  const head = wordOf(seed) + wordOf(identity >>> 12) + wordOf(identity);
  const source = longText();
  const start = (Math.imul(identity + seed, 0x9e3779b1) >>> 16) * bytesPerToken;
  const wanted = tokens * bytesPerToken;
  let text = head + source.slice(start, start + wanted);
  while (text.length < wanted) text += source.slice(0, wanted - text.length);
  return text.slice(0, wanted).trimEnd();
}

/** The prompt of a request in its two parts: what it shares with others, and what is its own. */
export type Prompt = { readonly prefix: string | undefined; readonly own: string };

/** Writes the prompt of a planned request; the same seed writes the same prompts. */
export function promptOf({ index, objective, prefix, promptTokens }: PlannedRequest, seed: number): Prompt {
  if (prefix === undefined) return { prefix: undefined, own: textOf(index, seed, promptTokens) };
  return {
    prefix: textOf(seedOf(prefix.id, objective.name) & 0xffffff, seed + 1, prefix.tokens),
    own: textOf(index, seed, promptTokens - prefix.tokens),
  };
}
