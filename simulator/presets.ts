import type { Bytes } from "#units";
import type { EngineConfig } from "./engine/engine-request.ts";
import { fittedStepTimes } from "./fitted-step-times.ts";

const gibibyte: Bytes = 2 ** 30;
/** Weights in 16 bits, and keys and values of one token over all layers in 16 bits. */
const models = {
  /** 69 G parameters; 80 layers × 8 KV heads × 128. */
  "llama2-70b": { weightBytes: 138e9, kvBytesPerToken: 2 * 80 * 8 * 128 * 2, maxModelLen: 16_384 },
  /** 176 G parameters; 70 layers × 112 heads × 128. */
  "bloom-176b": { weightBytes: 352e9, kvBytesPerToken: 2 * 70 * 112 * 128 * 2, maxModelLen: 16_384 },
} as const;
const blockSize = 16;

/** 90 % of each 80 GiB GPU, less the weights and 2 GiB a GPU for activations: what vLLM would find for its KV cache. */
function gpuBlocks(model: keyof typeof models, gpus: number): number {
  const { weightBytes, kvBytesPerToken } = models[model];
  return Math.floor((gpus * (0.9 * 80 - 2) * gibibyte - weightBytes) / (kvBytesPerToken * blockSize));
}

/** `maxNumSeqs` is the largest batch that was measured; the token budgets are vLLM's defaults for these GPUs. */
const measured = (preset: keyof typeof fittedStepTimes, model: keyof typeof models, gpus: number): EngineConfig => ({
  maxNumSeqs: 64,
  maxNumBatchedTokens: preset.includes("h100") ? 8192 : 2048,
  maxModelLen: models[model].maxModelLen,
  maxWaitingRequests: 1000,
  blockSize,
  numGpuBlocks: gpuBlocks(model, gpus),
  maxLoras: 1,
  loraLoadMs: 0,
  prefixCaching: true,
  stepJitterRatio: 0,
  stepTime: fittedStepTimes[preset],
});

/** Small enough that a few clients saturate it, slow enough that several replicas run on two cores. */
const laptop: EngineConfig = {
  maxNumSeqs: 16,
  maxNumBatchedTokens: 1024,
  maxModelLen: 8192,
  maxWaitingRequests: 1000,
  blockSize,
  numGpuBlocks: 2048,
  maxLoras: 2,
  loraLoadMs: 50,
  prefixCaching: true,
  stepJitterRatio: 0.05,
  stepTime: {
    baseMs: 18,
    perSequenceMs: 1,
    perContextTokenMs: 0.0002,
    prefillOffsetMs: 0,
    perPrefillTokenMs: 0.08,
    prefillKneeTokens: 512,
    perPrefillTokenAboveKneeMs: 0.02,
  },
};

/** Engine configurations by name: those fitted to measurements, `laptop` for the demo, `instant` for tests. */
export const presets = {
  laptop,
  instant: {
    ...laptop,
    maxNumSeqs: 256,
    maxNumBatchedTokens: 8192,
    numGpuBlocks: 16_384,
    maxModelLen: 32_768,
    loraLoadMs: 0,
    stepJitterRatio: 0,
    stepTime: {
      baseMs: 0.2,
      perSequenceMs: 0,
      perContextTokenMs: 0,
      prefillOffsetMs: 0,
      perPrefillTokenMs: 0.0001,
      prefillKneeTokens: 0,
      perPrefillTokenAboveKneeMs: 0,
    },
  },
  "llama2-70b-a100-tp2": measured("llama2-70b-a100-tp2", "llama2-70b", 2),
  "llama2-70b-a100-tp4": measured("llama2-70b-a100-tp4", "llama2-70b", 4),
  "llama2-70b-a100-tp8": measured("llama2-70b-a100-tp8", "llama2-70b", 8),
  "llama2-70b-h100-tp2": measured("llama2-70b-h100-tp2", "llama2-70b", 2),
  "llama2-70b-h100-tp4": measured("llama2-70b-h100-tp4", "llama2-70b", 4),
  "llama2-70b-h100-tp8": measured("llama2-70b-h100-tp8", "llama2-70b", 8),
  "llama2-70b-h100-pcap-tp2": measured("llama2-70b-h100-pcap-tp2", "llama2-70b", 2),
  "llama2-70b-h100-pcap-tp4": measured("llama2-70b-h100-pcap-tp4", "llama2-70b", 4),
  "llama2-70b-h100-pcap-tp8": measured("llama2-70b-h100-pcap-tp8", "llama2-70b", 8),
  "bloom-176b-a100-tp8": measured("bloom-176b-a100-tp8", "bloom-176b", 8),
  "bloom-176b-h100-tp8": measured("bloom-176b-h100-tp8", "bloom-176b", 8),
  "bloom-176b-h100-pcap-tp8": measured("bloom-176b-h100-pcap-tp8", "bloom-176b", 8),
} as const satisfies Readonly<Record<string, EngineConfig>>;

/** The name of a preset. */
export type PresetName = keyof typeof presets;

/** Every preset's name, in the order in which help texts list them. */
export const presetNames = Object.keys(presets) as readonly PresetName[];
