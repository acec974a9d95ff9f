import type { Bytes, Ratio } from "#units";
import type { SchedulingRequest } from "../scheduling/plugin.ts";
import { bytesPerToken, promptBytes } from "../scheduling/prompt-tokens.ts";

/** What of a request identifies its prompt to a model server's prefix cache. */
export type HashedPrompt = Pick<SchedulingRequest, "body" | "promptRanges" | "model" | "cacheSalt">;

const stepBytes = 16;

/**
 * Chained fingerprints of the blocks of a prompt: equal fingerprints mean an equal prompt from its start to the end of the
 * block, for the same model and salt. 64 bits in two lanes of 32, seeded, so that a client cannot aim at buckets.
 */
export class BlockHasher {
  /** Fingerprints of the last prompt, first `count` entries. */
  lo = new Int32Array(64);
  hi = new Int32Array(64);
  count = 0;
  #a = 0;
  #b = 0;
  readonly #seedA: number;
  readonly #seedB: number;
  /** A block that lies in more than one range, in one piece. */
  #joined = Buffer.alloc(0);
  #joinedView = new DataView(this.#joined.buffer);

  constructor(random: () => Ratio) {
    this.#seedA = Math.floor(random() * 2 ** 32) | 0;
    this.#seedB = Math.floor(random() * 2 ** 32) | 0;
  }

  /**
   * Hashes the prompt as one run of bytes over its ranges. The last, shorter block counts.
   * @param blockTokens tokens of 4 bytes
   * @param maxBlocks where to stop
   */
  hash(prompt: HashedPrompt, blockTokens: number, maxBlocks: number): void {
    const { body, promptRanges } = prompt;
    const blockBytes = blockTokens * bytesPerToken;
    const bytes = promptBytes(promptRanges);
    const blocks = Math.min(Math.ceil(bytes / blockBytes), maxBlocks);
    this.#reserve(blocks, blockBytes);
    this.#a = this.#seedA;
    this.#b = this.#seedB;
    this.#foldText(prompt.model);
    this.#foldText(prompt.cacheSalt);
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    let range = 0;
    let at = (promptRanges[0] ?? 0) | 0;
    for (let block = 0; block < blocks; block++) {
      const length = Math.min(blockBytes, bytes - block * blockBytes);
      if (promptRanges[range + 1]! - at >= length) {
        this.#fold(view, at | 0, length | 0);
        at += length;
      } else {
        for (let filled = 0; ; range += 2, at = promptRanges[range]!) {
          const taken = Math.min(promptRanges[range + 1]! - at, length - filled);
          body.copy(this.#joined, filled, at, at + taken);
          filled += taken;
          at += taken;
          if (filled === length) break;
        }
        this.#fold(this.#joinedView, 0, length);
      }
      this.lo[block] = this.#a;
      this.hi[block] = this.#b;
    }
    this.count = blocks;
  }

  #reserve(blocks: number, blockBytes: Bytes): void {
    if (this.lo.length < blocks) {
      const size = Math.max(blocks, this.lo.length * 2);
      this.lo = new Int32Array(size);
      this.hi = new Int32Array(size);
    }
    if (this.#joined.length >= blockBytes) return;
    this.#joined = Buffer.alloc(blockBytes);
    this.#joinedView = new DataView(this.#joined.buffer, this.#joined.byteOffset, blockBytes);
  }

  #foldText(text: string | undefined): void {
    const length = text?.length ?? -1;
    for (let i = 0; i < length; i++) this.#close(this.#a ^ text!.charCodeAt(i), this.#b, this.#seedA, this.#seedB);
    this.#close(this.#a, this.#b ^ length, this.#seedB, this.#seedA);
  }

  /**
   * Folds bytes into the state. Two chains of two lanes run side by side, since a step waits for the one before. Each step
   * is a bijection of its 64-bit chain, so that one differing word is never lost. The length tells the zeros that fill the
   * last word from zeros of the prompt. `| 0` keeps every lane an integer in a register: without it the loop takes twice as long.
   */
  #fold(view: DataView, start: number, length: Bytes): void {
    let a = this.#a ^ length;
    let b = this.#b | 0;
    let c = this.#seedA | 0;
    let d = this.#seedB | 0;
    const end = (start + length) | 0;
    let at = start | 0;
    for (const last = end - stepBytes; at <= last; at += stepBytes) {
      const nextA = Math.imul(b ^ view.getInt32(at + 4, true), 0x85ebca77);
      b = (Math.imul(a ^ view.getInt32(at, true), 0x9e3779b1) + b) | 0;
      a = (nextA << 15) | (nextA >>> 17);
      const nextC = Math.imul(d ^ view.getInt32(at + 12, true), 0x27d4eb2f);
      d = (Math.imul(c ^ view.getInt32(at + 8, true), 0xc2b2ae3d) + d) | 0;
      c = (nextC << 13) | (nextC >>> 19);
    }
    for (; at < end; at += 4) {
      const nextA = Math.imul(b, 0x85ebca77);
      b = (Math.imul(a ^ wordAt(view, at, end), 0x9e3779b1) + b) | 0;
      a = (nextA << 15) | (nextA >>> 17);
    }
    this.#close(a, b, c, d);
  }

  /** Joins the two chains and spreads every bit over both lanes of the state. */
  #close(first: number, second: number, third: number, fourth: number): void {
    let a = Math.imul(first ^ third, 0x9e3779b1);
    let b = Math.imul(second ^ fourth, 0x85ebca77);
    for (let round = 0; round < 2; round++) {
      a ^= (b << 17) | (b >>> 15);
      a = Math.imul(a ^ (a >>> 16), 0x7feb352d);
      b = (b + ((a << 9) | (a >>> 23))) | 0;
      b = Math.imul(b ^ (b >>> 15), 0x846ca68b);
    }
    this.#a = a ^ (b >>> 16);
    this.#b = b;
  }
}

/** Four bytes, or those that are left and zeros. */
function wordAt(view: DataView, at: number, end: number): number {
  if (at + 4 <= end) return view.getInt32(at, true);
  let word = 0;
  for (let i = end - 1; i >= at; i--) word = (word << 8) | view.getUint8(i);
  return word;
}
