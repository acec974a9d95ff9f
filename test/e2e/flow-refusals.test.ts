/** Every way in which flow control refuses, as the client sees it, against golden transcripts. */
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { Got } from "../contract/gateway/http-client.ts";
import type { ResolvedConfiguration } from "../../picker/configuration/resolved.ts";
import { chatBody, paths } from "./support/calls.ts";
import { flowConfiguration, startFlowStack, type FlowStack, type FlowText } from "./support/flow-stack.ts";
import { gatewayKinds } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const folder = new URL("../golden/flow-refusals/", import.meta.url);
const shown = ["content-type", "x-llm-d-request-dropped-reason", "retry-after"] as const;

/** The seconds of retry-after depend on what was measured; that they are whole and within bounds is checked. */
function transcript(got: Got): string {
  const retryAfter = got.headers["retry-after"];
  if (retryAfter !== undefined && !/^([1-9]|[1-5]\d|60)$/.test(retryAfter))
    throw new Error(`retry-after: ${retryAfter}`);
  const lines = shown.flatMap((name) => {
    const value = got.headers[name];
    return value === undefined ? [] : [`${name}: ${name === "retry-after" ? "<1 to 60>" : String(value)}`];
  });
  return `${got.status}\n${lines.join("\n")}\n\n${got.body.toString()}\n`;
}

function expectGolden(name: string, got: Got): void {
  const file = new URL(`${name}.txt`, folder);
  const text = transcript(got);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, "utf8"));
}

type Case = {
  readonly name: string;
  readonly text?: FlowText;
  readonly isEmpty?: boolean;
  /** Brings the refusal about. */
  readonly play: (stack: FlowStack) => Promise<Got>;
};

const hurry = { headers: { "x-attain-request-ttl-ms": "100" } };

/** Fills the one place of the model server. */
async function filled({ ask, stands }: FlowStack): Promise<void> {
  void ask("chat").catch(() => undefined);
  await stands(1, 0);
}

const cases: readonly Case[] = [
  {
    name: "queue-full",
    text: { flow: "priorityBands: [{priority: 1, maxRequests: 1}]" },
    play: async (stack) => {
      await filled(stack);
      void stack.ask("chat").catch(() => undefined);
      await stack.stands(1, 1);
      return stack.ask("chat");
    },
  },
  {
    name: "queue-full-anthropic",
    text: { flow: "priorityBands: [{priority: 1, maxRequests: 1}]" },
    play: async (stack) => {
      await filled(stack);
      void stack.ask("chat").catch(() => undefined);
      await stack.stands(1, 1);
      return stack.ask("chat", { path: paths.messages, body: chatBody({ max_tokens: 1 }) });
    },
  },
  {
    name: "ttl-expired",
    play: async (stack) => {
      await filled(stack);
      return stack.ask("chat", hurry);
    },
  },
  {
    name: "late",
    play: async (stack) => {
      await filled(stack);
      return stack.ask("hurried");
    },
  },
  {
    name: "displaced",
    text: { flow: "maxRequests: 1" },
    play: async (stack) => {
      await filled(stack);
      const displaced = stack.ask("batch");
      await stack.stands(1, 1);
      void stack.ask("chat").catch(() => undefined);
      return displaced;
    },
  },
  {
    name: "evicted",
    text: { flow: "enableEviction: true" },
    play: async (stack) => {
      const evicted = stack.ask("batch");
      await stack.stands(1, 0);
      void stack.ask("chat").catch(() => undefined);
      return evicted;
    },
  },
  {
    name: "infeasible",
    play: async (stack) => {
      await filled(stack);
      for (let i = 0; i < 24; i++) void stack.ask("batch").catch(() => undefined);
      await stack.stands(1, 24);
      for (let served = 1; served < 20; served++) {
        stack.answerOne();
        await stack.stands(served + 1, 24 - served);
      }
      return stack.ask("batch", { headers: { "x-attain-request-ttl-ms": "1" } });
    },
  },
  {
    name: "no-band",
    text: { flow: "attain: {queue: {maxDynamicBands: 0}, objective: {unknownBand: refuse}}" },
    play: async (stack) => {
      await filled(stack);
      return stack.ask("other");
    },
  },
  {
    name: "saturated",
    text: { gates: "[flowControl=false]" },
    play: async (stack) => {
      await filled(stack);
      return stack.ask("batch");
    },
  },
  {
    name: "no-endpoints",
    text: { gates: "[flowControl=false]" },
    isEmpty: true,
    play: (stack) => stack.ask("chat"),
  },
  {
    name: "ttl-expired-no-endpoints",
    text: { flow: "noEndpointRequestTTL: 100ms" },
    isEmpty: true,
    play: (stack) => stack.ask("chat"),
  },
  {
    name: "queue-full-no-endpoints",
    text: { flow: "priorityBands: [{priority: 1, maxRequests: 1}]" },
    isEmpty: true,
    play: async (stack) => {
      void stack.ask("chat").catch(() => undefined);
      await stack.stands(0, 1);
      return stack.ask("chat");
    },
  },
  {
    name: "filtered-out",
    text: {
      plugins:
        "[{type: ledger-detector, parameters: {maxConcurrency: 1}}, {type: label-selector-filter, parameters: {matchLabels: {role: nobody}}}]",
      profiles: "[{name: default, plugins: [{pluginRef: label-selector-filter}]}]",
    },
    play: (stack) => stack.ask("chat"),
  },
  {
    name: "shutting-down-queued",
    play: async (stack) => {
      await filled(stack);
      const queued = stack.ask("chat");
      await stack.stands(1, 1);
      const closing = stack.stack.picker.close();
      const got = await queued;
      stack.answerOne();
      await closing;
      return got;
    },
  },
];

const configurationOf = ({ text }: Case): ResolvedConfiguration => flowConfiguration(text);

describe.each(gatewayKinds)("through the %s gateway", (kind) => {
  const started = stopAfterTests();

  it.each(cases)("a refusal is what it was approved as: $name", async (one) => {
    const { isEmpty = false } = one;
    const stack = await startFlowStack(started, kind, configurationOf(one), { isEmpty });
    expectGolden(one.name, await one.play(stack));
  });
});
