import type { Bytes, Tokens } from "#units";
import { textHash } from "./engine/block-hash.ts";

const bytesPerToken: Bytes = 4;
const encoder = new TextEncoder();

/** The id of up to four bytes of text, so that equal prefixes give equal ids. */
function chunkId(bytes: Uint8Array, at: number): number {
  let id = 0x811c9dc5;
  const end = Math.min(at + bytesPerToken, bytes.length);
  for (let i = at; i < end; i++) id = Math.imul(id ^ bytes[i]!, 0x01000193);
  return id >>> 0;
}

/** Collects the tokens of a prompt. Each text starts a new token, as a chat template's markers make it do. */
export class TokenBuffer {
  #tokens = new Uint32Array(256);
  #length = 0;

  pushText(text: string): this {
    const bytes = encoder.encode(text);
    this.#reserve(Math.ceil(bytes.length / bytesPerToken));
    for (let at = 0; at < bytes.length; at += bytesPerToken) this.#tokens[this.#length++] = chunkId(bytes, at);
    return this;
  }

  /** One special token, such as the start of a role. */
  pushMark(name: string): this {
    this.#reserve(1);
    this.#tokens[this.#length++] = textHash(name);
    return this;
  }

  get length(): Tokens {
    return this.#length;
  }

  /** The tokens so far. */
  toTokens(): Uint32Array {
    return this.#tokens.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#tokens.length) return;
    const larger = new Uint32Array(Math.max(this.#tokens.length * 2, this.#length + count));
    larger.set(this.#tokens);
    this.#tokens = larger;
  }
}

const consonants = "bcdfghjklmnprstvwxyz".split("");
const vowels = "aeiou".split("");

/** What the model says: three letters and a space, so that generated text reads back as the tokens it was. */
export const vocabulary: readonly string[] = consonants.flatMap((first) =>
  vowels.flatMap((vowel) => consonants.map((last) => `${first}${vowel}${last} `)),
);

/** Token ids of {@link vocabulary}, in its order. */
export const vocabularyIds: Uint32Array = Uint32Array.from(vocabulary, (word) => chunkId(encoder.encode(word), 0));
