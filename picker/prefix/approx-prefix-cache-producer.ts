import type { Endpoint } from "#pool";
import type { Tokens } from "#units";
import { z } from "zod";
import { defineProducer } from "../scheduling/define.ts";
import type { DataProducer, PluginEnvironment, SchedulingContext, SchedulingRequest } from "../scheduling/plugin.ts";
import { bytesPerToken } from "../scheduling/prompt-tokens.ts";
import { BlockHasher } from "./block-hasher.ts";
import { PrefixIndex } from "./prefix-index.ts";

/** Smaller blocks are raised to this. Source: llm-d-router, approximateprefix. */
const minBlockTokens: Tokens = 64;

/** Most blocks kept for one endpoint, whatever it reports: 16.8 million tokens in the smallest blocks, 6 MB. */
const maxCapacity = 262_144;

const count = z.int().nonnegative();
const parameters = z.strictObject({
  /** Block size and capacity as the model servers report them, where they do. */
  autoTune: z.boolean().default(true),
  blockSizeTokens: z.int().positive().default(16),
  /** Deprecated form of `blockSizeTokens`, in characters; 0 means absent. */
  blockSize: count.default(0),
  /** 0: the cap in blocks counts. */
  maxPrefixTokensToMatch: count.default(131_072),
  /** 0 here and above: no cap. */
  maxPrefixBlocksToMatch: count.default(2048),
  lruCapacityPerServer: z.int().positive().max(maxCapacity).default(31_250),
});

type Parameters = z.infer<typeof parameters>;

class ApproxPrefixCache implements DataProducer {
  readonly #parameters: Parameters;
  readonly #hasher: BlockHasher;
  readonly #index = new PrefixIndex();
  #blockTokens: Tokens = minBlockTokens;
  #hashed: SchedulingRequest | undefined;
  #matchedBySlot = new Int32Array(64);

  constructor(parameters: Parameters, { random }: PluginEnvironment) {
    this.#parameters = parameters;
    this.#hasher = new BlockHasher(random);
  }

  produce(context: SchedulingContext): void {
    const { endpoints } = context.snapshot;
    this.#blockTokens = this.#blockTokensFor(endpoints);
    this.#hash(context.request);
    this.#reserve(endpoints);
    this.#index.match(this.#hasher, this.#matchedBySlot);
    for (let i = 0; i < endpoints.length; i++) {
      context.prefixMatchedBlocks[i] = this.#matchedBySlot[endpoints[i]!.slot]!;
    }
    context.prefixTotalBlocks = this.#hasher.count;
    context.prefixBlockTokens = this.#blockTokens;
  }

  onRouted(request: SchedulingRequest, endpoint: Endpoint): void {
    if (this.#hashed !== request) this.#hash(request);
    this.#index.learn(this.#hasher, endpoint.slot, this.#capacityOf(endpoint));
  }

  onEndpointRemoved(slot: number): void {
    this.#index.forget(slot);
  }

  state(): Readonly<Record<string, unknown>> {
    return { blockTokens: this.#blockTokens, ...this.#index.summary() };
  }

  #hash(request: SchedulingRequest): void {
    const { maxPrefixTokensToMatch, maxPrefixBlocksToMatch } = this.#parameters;
    const cap =
      maxPrefixTokensToMatch > 0
        ? Math.max(1, Math.floor(maxPrefixTokensToMatch / this.#blockTokens))
        : maxPrefixBlocksToMatch;
    this.#hasher.hash(request, this.#blockTokens, cap === 0 ? Infinity : cap);
    this.#hashed = request;
  }

  /** One size for the whole pool, as blocks of different sizes never match: the first that an endpoint reports. */
  #blockTokensFor(endpoints: readonly Endpoint[]): Tokens {
    const { autoTune, blockSize, blockSizeTokens } = this.#parameters;
    if (autoTune) {
      for (let i = 0; i < endpoints.length; i++) {
        const reported = endpoints[i]!.metrics?.cacheBlockSizeTokens;
        if (reported !== undefined && reported > 0) return Math.max(minBlockTokens, Math.floor(reported));
      }
    }
    return Math.max(minBlockTokens, blockSize > 0 ? Math.ceil(blockSize / bytesPerToken) : blockSizeTokens);
  }

  /** What the server's own cache holds, in blocks of our size. */
  #capacityOf({ metrics }: Endpoint): number {
    const { autoTune, lruCapacityPerServer } = this.#parameters;
    if (!autoTune || metrics?.cacheBlockCount === undefined) return lruCapacityPerServer;
    const tokens = metrics.cacheBlockCount * (metrics.cacheBlockSizeTokens ?? this.#blockTokens);
    if (!(tokens > 0)) return lruCapacityPerServer;
    return Math.max(1, Math.min(maxCapacity, Math.floor(tokens / this.#blockTokens)));
  }

  #reserve(endpoints: readonly Endpoint[]): void {
    let highest = 0;
    for (let i = 0; i < endpoints.length; i++) if (endpoints[i]!.slot > highest) highest = endpoints[i]!.slot;
    if (highest >= this.#matchedBySlot.length) this.#matchedBySlot = new Int32Array((highest + 1) * 2);
  }
}

/**
 * Believes that an endpoint holds the prompts it was sent, as far as its cache is large. Matching counts blocks from the
 * start without a gap, as a model server's cache does.
 */
export const approxPrefixCacheProducer = defineProducer({
  type: "approx-prefix-cache-producer",
  stability: "beta",
  parameters,
  create: (values, environment) => new ApproxPrefixCache(values, environment),
});
