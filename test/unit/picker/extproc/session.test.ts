import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import { requestMetrics } from "#metrics";
import { loadConfiguration } from "../../../../picker/configuration/load.ts";
import { PickerCore } from "../../../support/extproc-core.ts";
import type { ScriptedProxy } from "../../../support/extproc-proxy.ts";
import {
  chatRequest,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
  sse,
} from "../../../support/extproc-messages.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/**
 * Bytes of buffers that live through collections. Their memory is given back a little after a collection, so it is
 * looked at again until it is below what is hoped for.
 */
async function heldBytes(hopedFor: number, rounds = 5): Promise<number> {
  for (let round = 0; round < rounds; round++) {
    collect();
    await nextTurn();
    if (process.memoryUsage().arrayBuffers < hopedFor) break;
  }
  return process.memoryUsage().arrayBuffers;
}

const megabyte = 2 ** 20;
const large = (bytes: number): Buffer => Buffer.from(chatRequest.replace("Say hello.", "x".repeat(bytes)));

describe("a session keeps a request body no longer than it needs it", () => {
  it.each<{ name: string; play: (proxy: ScriptedProxy) => void }>([
    { name: "after the decision", play: (proxy) => proxy.say(requestBody(large(megabyte), true)) },
    {
      name: "after a refusal",
      play: (proxy) => proxy.say(requestBody(large(megabyte).subarray(1), true)),
    },
    {
      name: "after it grew too large",
      play: (proxy) => proxy.say(requestBody(Buffer.alloc(2 * megabyte))).say(requestBody(Buffer.alloc(megabyte))),
    },
    {
      name: "after the proxy answered by itself",
      play: (proxy) => proxy.say(requestBody(Buffer.alloc(megabyte))).say(responseHeaders()),
    },
  ])(
    "$name",
    async ({ play }) => {
      const core = new PickerCore({ maxBodyBytes: 2.5 * megabyte });
      const limit = (await heldBytes(0, 1)) + 5 * megabyte;
      const open = Array.from({ length: 20 }, () => {
        const proxy = core.open().say(requestHeaders());
        play(proxy);
        proxy.events.length = 0;
        return proxy;
      });
      expect(await heldBytes(limit)).toBeLessThan(limit);
      for (const proxy of open) proxy.close();
      expect(core.verdictCount()).toBe(20);
    },
    60_000,
  );
});

describe("a session", () => {
  it("publishes the first token when it passes, and only once", () => {
    const core = new PickerCore();
    const seen = (): number => core.registry.histogramOf(requestMetrics.ttftSeconds)?.count ?? 0;
    const proxy = core.open().say(requestHeaders()).say(requestBody(chatRequest, true)).say(responseHeaders());
    expect(seen()).toBe(0);
    proxy.at(90).say(responseBody(sse.role));
    expect(seen()).toBe(0);
    proxy.at(100).say(responseBody(sse.token("a")));
    expect(seen()).toBe(1);
    proxy
      .at(110)
      .say(responseBody(sse.token("b") + sse.done, true))
      .close();
    expect(seen()).toBe(1);
  });

  it("keeps the request headers although the buffer they came in is used again", () => {
    const configuration = loadConfiguration(
      '{"apiVersion":"llm-d.ai/v1alpha1","kind":"EndpointPickerConfig","plugins":[{"type":"header-based-testing-filter"}]}',
      { file: "test.json", allowExperimental: false, refreshIntervalMs: 50 },
    );
    const proxy = new PickerCore({ configuration }).open();
    proxy.say(requestHeaders({ headers: [["test-epp-endpoint-selection", "10.0.0.2:8000"]] }));
    proxy.say(requestBody(chatRequest, true));
    expect(proxy.destination).toBe("10.0.0.2:8000");
  });

  it("teaches the scheduler where a prompt went, once its reply is on its way", () => {
    const core = new PickerCore({ endpoints: [{}] });
    const learnt = (): string => JSON.stringify(core.scheduler.state());
    const first = core.open().say(requestHeaders());
    const before = learnt();
    const atReplies: string[] = [];
    first.onReply = () => atReplies.push(learnt());
    const prompt = large(4000);
    first.say(requestBody(prompt, true)).close();
    expect(new Set(atReplies)).toEqual(new Set([before]));
    expect(learnt()).not.toBe(before);
    core.open().say(requestHeaders()).say(requestBody(prompt, true));
    expect(core.ledger.uncachedPromptTokens(0)).toBeLessThan(core.ledger.promptTokens(0) / 4);
  });

  it("gives a request without an id one of its own", () => {
    const core = new PickerCore();
    core
      .open()
      .say({ kind: "headers", direction: "request", headers: [[":method", "GET"]], endOfStream: true })
      .close();
    expect(core.lastDecision().id).toMatch(/^made-/);
  });

  it("tells how its stream ended, and that of a malformed message what was wrong", () => {
    const core = new PickerCore();
    core.open().close();
    core.open().say(requestHeaders()).halfClose().close();
    core
      .open()
      .say(Buffer.from([0x12, 0x05]))
      .close();
    expect(core.closed).toEqual(["cancelled", "ended", "ended"]);
    expect(core.malformed.map(({ message }) => message)).toEqual([expect.stringContaining("request_headers")]);
  });

  it.each([
    { said: "200", status: 200 },
    { said: "503", status: 503 },
    { said: "", status: undefined },
    { said: "2OO", status: undefined },
  ])("reads the status $said as $status", ({ said, status }) => {
    const core = new PickerCore();
    const proxy = core.open().say(requestHeaders()).say(requestBody(chatRequest, true));
    proxy.say({ kind: "headers", direction: "response", headers: [[":status", said]], endOfStream: true }).close();
    expect(core.lastDecision().responseStatus).toBe(status);
  });
});
