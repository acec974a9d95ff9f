import { describe, expect, it } from "@jest/globals";
import { headersOf, type JsonValue } from "#extproc";
import { endpointMetrics, pickerMetrics } from "#metrics";
import type { Arrival, Decided, Route } from "../../../../picker/director/arrival.ts";
import { apiOf } from "../../../../picker/request/api.ts";
import { PickerCore, pool, type CoreOptions } from "../../../support/extproc-core.ts";

type Lines = readonly (readonly [string, string])[];

const arrive = (core: PickerCore, lines: Lines = [], path = "/v1/chat/completions", subsetHint?: JsonValue): Arrival =>
  core.director.arrive({
    arrivedAtMs: core.nowMs,
    method: "POST",
    path,
    api: apiOf("POST", path),
    headers: headersOf(lines),
    subsetHint,
    metadata: () => undefined,
  });

/** Decides at once. */
function decide(core: PickerCore, arrival: Arrival, body: Buffer | undefined): Decided {
  const told: Decided[] = [];
  core.director.decide(arrival, body, (decided) => told.push(decided));
  if (told.length !== 1) throw new Error(`told ${told.length} times`);
  return told[0]!;
}

const chat = (content: string): Buffer =>
  Buffer.from(JSON.stringify({ model: "llama", messages: [{ role: "user", content }] }));

function routed({ decision }: Decided): Route {
  if (decision.kind !== "route") throw new Error(decision.message);
  return decision;
}

const llmD = "x-llm-d-inference-objective";
const gateway = "x-gateway-inference-objective";

describe("arrival", () => {
  it.each<{ name: string; lines: Lines; objective: string; unknown?: string }>([
    { name: "the objective of its header", lines: [[llmD, "chat"]], objective: "chat" },
    { name: "the objective of the alias", lines: [[gateway, "batch"]], objective: "batch" },
    {
      name: "the canonical header where both are there",
      lines: [
        [gateway, "batch"],
        [llmD, "chat"],
      ],
      objective: "chat",
    },
    {
      name: "the canonical header even where only the alias is known",
      lines: [
        [gateway, "batch"],
        [llmD, "nobody"],
      ],
      objective: "unknown",
      unknown: "nobody",
    },
    { name: "a header in capitals", lines: [["X-LLM-D-Inference-Objective", "chat"]], objective: "chat" },
    { name: "no header", lines: [], objective: "none" },
    { name: "an empty header", lines: [[llmD, ""]], objective: "none" },
    { name: "a name that nobody configured", lines: [[llmD, "Chat"]], objective: "unknown", unknown: "Chat" },
    { name: "the reserved name none", lines: [[llmD, "none"]], objective: "unknown", unknown: "none" },
    { name: "a name of the language", lines: [[llmD, "__proto__"]], objective: "unknown", unknown: "__proto__" },
  ])("binds to $name", ({ lines, objective, unknown }) => {
    const core = new PickerCore();
    expect(arrive(core, lines).objective.name).toBe(objective);
    expect(core.unknownObjectives).toEqual(unknown === undefined ? [] : [unknown]);
  });

  it.each<{ name: string; lines: Lines; id: string }>([
    { name: "brought", lines: [["x-request-id", "abc"]], id: "abc" },
    { name: "made where there is none", lines: [], id: "made-0" },
    { name: "made where it is empty", lines: [["x-request-id", ""]], id: "made-0" },
  ])("has an id: $name", ({ lines, id }) => expect(arrive(new PickerCore(), lines).id).toBe(id));
});

describe("decision", () => {
  it("takes the prompt into the ledger until the route is released, and that once", () => {
    const core = new PickerCore({ endpoints: [{}] });
    const prompt = "tell me a story ".repeat(100);
    const route = routed(decide(core, arrive(core, [[llmD, "chat"]]), chat(prompt)));
    const { slot } = route.endpoint;
    expect(route.promptTokens).toBeGreaterThan(300);
    expect(core.ledger.total).toBe(1);
    expect(core.ledger.requestsOf("chat")).toBe(1);
    expect(core.ledger.promptTokens(slot)).toBe(route.promptTokens);
    expect(core.ledger.uncachedPromptTokens(slot)).toBe(route.promptTokens);
    core.director.release(route);
    core.director.release(route);
    expect(core.inFlight().filter((count) => count !== 0)).toEqual([]);
  });

  it("counts as uncached only what the endpoint has not seen", () => {
    const core = new PickerCore({ endpoints: [{}] });
    const prompt = "tell me a story ".repeat(200);
    const first = decide(core, arrive(core), chat(`${prompt}, short`));
    expect(core.ledger.uncachedPromptTokens(0)).toBe(routed(first).promptTokens);
    first.learn?.();
    core.director.release(routed(first));
    const second = routed(decide(core, arrive(core), chat(`${prompt}, long`)));
    expect(core.ledger.promptTokens(0)).toBe(second.promptTokens);
    expect(core.ledger.uncachedPromptTokens(0)).toBeLessThan(second.promptTokens / 4);
  });

  it("learns nothing before it is told to", () => {
    const core = new PickerCore({ endpoints: [{}] });
    const prompt = chat("tell me a story ".repeat(200));
    decide(core, arrive(core), prompt);
    const again = routed(decide(core, arrive(core), prompt));
    expect(core.ledger.uncachedPromptTokens(0)).toBe(2 * again.promptTokens);
  });

  it("takes the least loaded endpoint, and counts the pick and its duration", () => {
    const core = new PickerCore();
    const route = routed(decide(core, arrive(core), chat("hello")));
    expect(route.endpoint.id).toBe("default/pod-0");
    expect(core.registry.value(endpointMetrics.picksTotal, { pool, endpoint: "default/pod-0" })).toBe(1);
    expect(core.registry.histogramOf(pickerMetrics.decisionDurationSeconds)?.count).toBe(1);
  });

  it("keeps the model as the client wrote it, and none where the body was not read", () => {
    const core = new PickerCore();
    expect(routed(decide(core, arrive(core), chat("hello"))).model).toBe("llama");
    expect(routed(decide(core, arrive(core), undefined)).model).toBeUndefined();
    expect(routed(decide(core, arrive(core, [], "/v1/files"), Buffer.from("{"))).model).toBeUndefined();
  });

  it.each<{
    name: string;
    options?: CoreOptions;
    body: Buffer | undefined;
    subset?: JsonValue;
    want: { status: number; reason: string; droppedReason: string | undefined };
  }>([
    {
      name: "a body that is not JSON",
      body: Buffer.from("{"),
      want: { status: 400, reason: "invalid", droppedReason: undefined },
    },
    {
      name: "an empty body",
      body: Buffer.alloc(0),
      want: { status: 400, reason: "invalid", droppedReason: undefined },
    },
    {
      name: "an empty pool",
      options: { endpoints: [] },
      body: chat("hello"),
      want: { status: 503, reason: "no_endpoints", droppedReason: "rejected-no-endpoints" },
    },
    {
      name: "an empty pool, without a body",
      options: { endpoints: [] },
      body: undefined,
      want: { status: 503, reason: "no_endpoints", droppedReason: "rejected-no-endpoints" },
    },
    {
      name: "a subset of nobody",
      body: chat("hello"),
      subset: "10.9.9.9",
      want: { status: 503, reason: "no_endpoints", droppedReason: "rejected-no-endpoints" },
    },
  ])("refuses $name with $want.status, and takes nothing", ({ options, body, subset, want }) => {
    const core = new PickerCore({ flow: { admission: "legacy" }, ...options });
    const { decision, learn } = decide(core, arrive(core, [], "/v1/chat/completions", subset), body);
    expect(decision).toMatchObject({ kind: "refuse", ...want });
    expect(learn).toBeUndefined();
    expect(core.ledger.total).toBe(0);
    expect(core.registry.values(pickerMetrics.refusalsTotal)).toEqual([
      { labels: { pool, code: String(want.status) }, value: 1 },
    ]);
  });

  it("refuses a body that grew too large, with its limit", () => {
    const core = new PickerCore();
    expect(core.director.refuseOversize(1024)).toMatchObject({ status: 413, message: expect.stringContaining("1024") });
    expect(core.registry.value(pickerMetrics.refusalsTotal, { pool, code: "413" })).toBe(1);
  });

  it("refuses everything from the moment it drains, and lets go of what it holds", () => {
    const core = new PickerCore();
    const before = routed(decide(core, arrive(core), chat("hello")));
    core.director.drain();
    for (const body of [chat("hello"), undefined]) {
      const { decision } = decide(core, arrive(core), body);
      expect(decision).toMatchObject({ status: 503, reason: "shutting_down", droppedReason: "rejected-shutting-down" });
    }
    expect(core.ledger.total).toBe(1);
    core.director.release(before);
    expect(core.ledger.total).toBe(0);
  });
});
