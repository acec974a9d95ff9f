import { describe, expect, it } from "@jest/globals";
import { approxPrefixCacheProducer } from "../../../../picker/prefix/approx-prefix-cache-producer.ts";
import type { DataProducer, PluginInstance, SchedulingRequest } from "../../../../picker/scheduling/plugin.ts";
import { seededRandom } from "#random";
import { contextOf, requestOf, snapshotOf, type EndpointSketch } from "../../../support/scheduling-cycle.ts";

const producerOf = (parameters: unknown = {}): Required<DataProducer> => {
  const instance: PluginInstance = approxPrefixCacheProducer.create(
    approxPrefixCacheProducer.parameters.parse(parameters),
    {
      random: seededRandom(3),
    },
  );
  return instance as Required<DataProducer>;
};

const produced = (producer: DataProducer, request: SchedulingRequest, endpoints: readonly EndpointSketch[]) => {
  const context = contextOf(snapshotOf(endpoints), { request });
  producer.produce(context);
  return {
    matched: [...context.prefixMatchedBlocks],
    total: context.prefixTotalBlocks,
    tokens: context.prefixBlockTokens,
  };
};

const two: readonly EndpointSketch[] = [{}, {}];
const system = "s".repeat(256 * 4);
const pod = (slot: number) => snapshotOf(two).endpoints[slot]!;

describe("approx-prefix-cache-producer", () => {
  it("believes that an endpoint holds what it was sent", () => {
    const producer = producerOf();
    const first = requestOf(`${system}question`);
    expect(produced(producer, first, two)).toEqual({ matched: [0, 0], total: 5, tokens: 64 });
    producer.onRouted(first, pod(1));
    expect(produced(producer, first, two).matched).toEqual([0, 5]);
    expect(produced(producer, requestOf(`${system}another question`), two).matched).toEqual([0, 4]);
    expect(produced(producer, requestOf(system, { model: "other" }), two).matched).toEqual([0, 0]);
    expect(produced(producer, requestOf(system, { cacheSalt: "tenant" }), two).matched).toEqual([0, 0]);
  });

  it("learns the request it is told of, whatever ran in between", () => {
    const producer = producerOf();
    const first = requestOf(system);
    produced(producer, first, two);
    produced(producer, requestOf("t".repeat(900)), two);
    producer.onRouted(first, pod(0));
    expect(produced(producer, first, two).matched).toEqual([4, 0]);
  });

  it("forgets an endpoint that left", () => {
    const producer = producerOf();
    producer.onRouted(requestOf(system), pod(0));
    producer.onEndpointRemoved(0);
    expect(produced(producer, requestOf(system), two).matched).toEqual([0, 0]);
  });

  it("has nothing to match without a prompt", () =>
    expect(produced(producerOf(), requestOf(""), two)).toEqual({ matched: [0, 0], total: 0, tokens: 64 }));

  const reports = (cacheBlockSizeTokens: number) => [{}, { metrics: { cacheBlockSizeTokens } }];
  it.each([
    { name: "64 by default", parameters: {}, endpoints: two, want: 64 },
    { name: "as configured", parameters: { blockSizeTokens: 128 }, endpoints: two, want: 128 },
    { name: "raised to 64", parameters: { blockSizeTokens: 16, autoTune: false }, endpoints: reports(128), want: 64 },
    { name: "as an endpoint reports", parameters: {}, endpoints: reports(128), want: 128 },
    { name: "raised to 64 when it reports less", parameters: {}, endpoints: reports(16), want: 64 },
    { name: "the deprecated size in characters", parameters: { blockSize: 1024 }, endpoints: two, want: 256 },
  ])("block size: $name", ({ parameters, endpoints, want }) =>
    expect(produced(producerOf(parameters), requestOf(system), endpoints).tokens).toBe(want),
  );

  it.each([
    { name: "tokens", parameters: { maxPrefixTokensToMatch: 128 }, want: 2 },
    { name: "tokens below a block", parameters: { maxPrefixTokensToMatch: 1 }, want: 1 },
    { name: "blocks", parameters: { maxPrefixTokensToMatch: 0, maxPrefixBlocksToMatch: 3 }, want: 3 },
    { name: "nothing", parameters: { maxPrefixTokensToMatch: 0, maxPrefixBlocksToMatch: 0 }, want: 4 },
  ])("caps the match by $name", ({ parameters, want }) =>
    expect(produced(producerOf(parameters), requestOf(system), two).total).toBe(want),
  );

  it.each([
    { name: "as configured", parameters: { lruCapacityPerServer: 3 }, metrics: {}, want: 3 },
    {
      name: "as the server's cache",
      parameters: {},
      metrics: { cacheBlockCount: 8, cacheBlockSizeTokens: 16 },
      want: 2,
    },
    { name: "at least one", parameters: {}, metrics: { cacheBlockCount: 1, cacheBlockSizeTokens: 16 }, want: 1 },
    {
      name: "as configured without autoTune",
      parameters: { autoTune: false, lruCapacityPerServer: 3 },
      metrics: { cacheBlockCount: 8, cacheBlockSizeTokens: 16 },
      want: 3,
    },
  ])("capacity: $name", ({ parameters, metrics, want }) => {
    const producer = producerOf(parameters);
    const endpoints = [{ metrics }];
    producer.onRouted(requestOf(system), snapshotOf(endpoints).endpoints[0]!);
    expect(produced(producer, requestOf(system), endpoints).matched).toEqual([want]);
    expect(producer.state()).toMatchObject({ endpoints: 1, held: want, blocks: want, blockTokens: 64 });
  });

  it("follows slots beyond those seen so far", () => {
    const producer = producerOf();
    const far = [{ slot: 900 }];
    producer.onRouted(requestOf(system), snapshotOf(far).endpoints[0]!);
    expect(produced(producer, requestOf(system), far).matched).toEqual([4]);
  });
});
