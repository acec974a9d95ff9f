import { describe, expect, it } from "@jest/globals";
import { VirtualReplica } from "./virtual-replica.ts";

/** Value of a series by its exact text. */
function read(text: string, series: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const own = 'model_name="base",engine="0"';

describe("metrics", () => {
  it("has the series that an Endpoint Picker reads, from the start", () => {
    const text = new VirtualReplica().replica.metricsText();
    expect(read(text, `vllm:num_requests_running{${own}}`)).toBe(0);
    expect(read(text, `vllm:num_requests_waiting{${own}}`)).toBe(0);
    expect(read(text, `vllm:kv_cache_usage_perc{${own}}`)).toBe(0);
    const config = 'block_size="4",enable_prefix_caching="True",engine="0",num_gpu_blocks="100"';
    expect(read(text, `vllm:cache_config_info{${config}}`)).toBe(1);
    expect(text).not.toContain("vllm:lora_requests_info{");
  });

  it("follows what is running, waiting and used", () => {
    const server = new VirtualReplica({ engine: { maxNumSeqs: 1 } });
    server.send("/v1/completions", { prompt: ["aaaaaaaa", "b"], max_tokens: 8, ignore_eos: true });
    server.run(12);
    const text = server.replica.metricsText();
    expect(read(text, `vllm:num_requests_running{${own}}`)).toBe(1);
    expect(read(text, `vllm:num_requests_waiting{${own}}`)).toBe(1);
    expect(read(text, `vllm:kv_cache_usage_perc{${own}}`)).toBe(0.01);
  });

  it("counts tokens, ends, cache look-ups and times", () => {
    const server = new VirtualReplica();
    const prompt = Array.from({ length: 9 }, (_, i) => i);
    for (let i = 0; i < 2; i++) server.ask("/v1/completions", { prompt, max_tokens: 3, ignore_eos: true });
    const text = server.replica.metricsText();
    expect(read(text, `vllm:prompt_tokens_total{${own}}`)).toBe(18);
    expect(read(text, `vllm:generation_tokens_total{${own}}`)).toBe(6);
    expect(read(text, `vllm:prefix_cache_queries_total{${own}}`)).toBe(18);
    expect(read(text, `vllm:prefix_cache_hits_total{${own}}`)).toBe(8);
    expect(read(text, `vllm:request_success_total{${own},finished_reason="length"}`)).toBe(2);
    expect(read(text, `vllm:request_success_total{${own},finished_reason="stop"}`)).toBe(0);
    expect(read(text, `vllm:time_to_first_token_seconds_count{${own}}`)).toBe(2);
    expect(read(text, `vllm:time_to_first_token_seconds_sum{${own}}`)).toBeCloseTo(0.0109 + 0.0101, 9);
    for (const name of ["inter_token_latency", "time_per_output_token"]) {
      expect(read(text, `vllm:${name}_seconds_sum{${own}}`)).toBeCloseTo(0.044, 9);
      expect(read(text, `vllm:${name}_seconds_count{${own}}`)).toBe(4);
    }
    expect(read(text, `vllm:request_time_per_output_token_seconds_sum{${own}}`)).toBeCloseTo(0.022, 9);
    expect(read(text, `vllm:e2e_request_latency_seconds_sum{${own}}`)).toBeCloseTo(0.065, 9);
    expect(read(text, `vllm:request_queue_time_seconds_sum{${own}}`)).toBe(0);
  });

  it("counts pre-emptions", () => {
    const server = new VirtualReplica({ engine: { numGpuBlocks: 6 } });
    server.ask("/v1/completions", { prompt: ["abc", "def"], max_tokens: 16, ignore_eos: true });
    expect(read(server.replica.metricsText(), `vllm:num_preemptions_total{${own}}`)).toBe(1);
  });

  it("has one series of adapters, valued with the time of the reading", () => {
    const server = new VirtualReplica({ loras: ["sql", "chat"] });
    const lora = (running: string, waiting: string) =>
      `vllm:lora_requests_info{max_lora="1",running_lora_adapters="${running}",waiting_lora_adapters="${waiting}"}`;
    expect(read(server.replica.metricsText(), lora("", ""))).toBe(1_700_000_000);
    for (const model of ["sql", "chat"]) server.send("/v1/completions", { model, prompt: "a", max_tokens: 4 });
    server.run(1);
    const text = server.replica.metricsText();
    expect(read(text, lora("sql", "chat"))).toBe(1_700_000_000.001);
    expect(text.match(/^vllm:lora_requests_info\{/gm)).toHaveLength(1);
  });
});
