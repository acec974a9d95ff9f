import { createHash } from "node:crypto";
import type { Bench, BenchCase } from "./compare.ts";
import { BlockHasher } from "../../picker/prefix/block-hasher.ts";
import { PrefixIndex } from "../../picker/prefix/prefix-index.ts";
import type { SchedulingRequest } from "../../picker/scheduling/plugin.ts";
import { seededRandom } from "#random";
import { requestOf } from "../support/scheduling-cycle.ts";

const blockTokens = 64;
const blockBytes = blockTokens * 4;
const endpoints = 100;
const holders = 50;
const promptsPerEndpoint = 300;

const promptOf = (bytes: number, random: () => number): SchedulingRequest =>
  requestOf(Array.from({ length: bytes }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join(""));

function sha256Chain({ body }: SchedulingRequest): readonly string[] {
  const chain: string[] = [];
  let before = "";
  for (let at = 0; at < body.length; at += blockBytes) {
    before = createHash("sha256")
      .update(before)
      .update(body.subarray(at, at + blockBytes))
      .digest("hex");
    chain.push(before);
  }
  return chain;
}

class NaiveIndex {
  readonly #holders = new Map<string, Set<number>>();

  learn(chain: readonly string[], slot: number): void {
    for (const hash of chain) {
      const holders = this.#holders.get(hash) ?? new Set();
      this.#holders.set(hash, holders.add(slot));
    }
  }

  match(chain: readonly string[]): ReadonlyMap<number, number> {
    const matched = new Map<number, number>();
    for (const [i, hash] of chain.entries()) {
      for (const slot of this.#holders.get(hash) ?? []) if ((matched.get(slot) ?? 0) === i) matched.set(slot, i + 1);
    }
    return matched;
  }
}

function hashCase(kilobytes: number): BenchCase {
  const random = seededRandom(kilobytes);
  const prompt = promptOf(kilobytes * 1024, random);
  const hasher = new BlockHasher(random);
  return {
    name: `hash ${kilobytes} KB in blocks of 256 B`,
    candidate: () => {
      hasher.hash(prompt, blockTokens, Infinity);
      return hasher.lo[hasher.count - 1];
    },
    baseline: () => sha256Chain(prompt),
    baselineName: "sha256 a block",
  };
}

function indexCases(): readonly BenchCase[] {
  const random = seededRandom(5);
  const hasher = new BlockHasher(random);
  const index = new PrefixIndex();
  const naive = new NaiveIndex();
  const learn = (prompt: SchedulingRequest, slots: number): void => {
    hasher.hash(prompt, blockTokens, Infinity);
    const chain = sha256Chain(prompt);
    for (let slot = 0; slot < slots; slot++) {
      index.learn(hasher, slot, 31_250);
      naive.learn(chain, slot);
    }
  };
  for (let i = 0; i < promptsPerEndpoint; i++) learn(promptOf(4096, random), 1 + Math.floor(random() * 4));
  for (let slot = 0; slot < endpoints; slot++) learn(promptOf(512, random), endpoints);
  const shared = promptOf(16_384, random);
  learn(shared, holders);
  const matched = new Int32Array(128);
  const matchCase = (name: string, prompt: SchedulingRequest): BenchCase => ({
    name: `hash and match 16 KB over ${endpoints} endpoints, ${name}`,
    candidate: () => {
      hasher.hash(prompt, blockTokens, Infinity);
      index.match(hasher, matched);
      return matched[0];
    },
    baseline: () => naive.match(sha256Chain(prompt)),
    baselineName: "sha256 a block, Map of Sets",
  });
  return [matchCase(`${holders} hold all`, shared), matchCase("none holds any", promptOf(16_384, random))];
}

/** Steady state: the endpoint is full, so that each new block evicts one. */
function learnCase(): BenchCase {
  const random = seededRandom(6);
  const capacity = 31_250;
  const hasher = new BlockHasher(random);
  const index = new PrefixIndex();
  const held = new Set<number>();
  let next = 0;
  const turn = { lo: new Int32Array(64), hi: new Int32Array(64), count: 64 };
  const fresh = (): void => {
    for (let i = 0; i < turn.count; i++) {
      turn.lo[i] = Math.imul(++next, 0x9e3779b1);
      turn.hi[i] = Math.imul(next, 0x85ebca77);
    }
  };
  const candidate = (): unknown => {
    fresh();
    index.learn(turn, 0, capacity);
    return index.blocksOf(0);
  };
  for (let i = 0; i < capacity / 64 + 1; i++) candidate();
  return {
    name: "learn 64 new blocks, 64 evicted",
    candidate,
    baseline: () => {
      fresh();
      for (let i = 0; i < turn.count; i++) {
        const key = turn.lo[i]! * 2 ** 20 + turn.hi[i]!;
        held.delete(key);
        held.add(key);
        if (held.size > capacity) held.delete(held.values().next().value!);
      }
      return [held.size, hasher.count];
    },
    baselineName: "an insertion-ordered Set of numbers for one endpoint, without holders",
  };
}

export const bench: Bench = {
  name: "prefix cache: hashing, matching, learning",
  cases: () => [hashCase(4), hashCase(16), hashCase(64), ...indexCases(), learnCase()],
};
