/** Requests in flight that are given up for more important ones. */
import { describe, expect, it } from "@jest/globals";
import { jsonOf, newRequestId, openCall, paths, chatBody, chatChunk } from "./support/calls.ts";
import { flowConfiguration, startFlowStack, type FlowStack } from "./support/flow-stack.ts";
import { becomes } from "./support/poll.ts";
import { gatewayKinds } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

const evicting = flowConfiguration({ flow: "enableEviction: true" });

describe.each(gatewayKinds)("through the %s gateway", (kind) => {
  const started = stopAfterTests();
  const start = (): Promise<FlowStack> => startFlowStack(started, kind, evicting);

  it("a sheddable request without an answer yet is a 429, and its place goes to the important one", async () => {
    const { stack, ask, answerOne, stands } = await start();
    const requestId = newRequestId();
    const batch = ask("batch", { requestId });
    await stands(1, 0);
    const chat = ask("chat");
    const evicted = await batch;
    expect(evicted.status).toBe(429);
    expect(evicted.headers["x-llm-d-request-dropped-reason"]).toBe("evicted");
    expect(Number(evicted.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(jsonOf(evicted)).toMatchObject({ error: { code: "evicted" } });
    await stands(2, 0);
    answerOne();
    expect((await chat).status).toBe(200);
    expect(await stack.verdictOf(requestId)).toMatchObject({ outcome: "refused", reason: "evicted" });
    await stack.idle();
  });

  it("one that is being answered is broken off", async () => {
    const { stack, ask, answerOne, held, stands } = await start();
    const opening = openCall(stack.baseUrl, {
      path: paths.chat,
      body: chatBody({ stream: true }),
      headers: { "x-llm-d-inference-objective": "batch" },
    });
    await stands(1, 0);
    held[0]!.writeHead(200, { "content-type": "text/event-stream" });
    held[0]!.write(chatChunk("hel"));
    const { response } = await opening;
    let isBroken = false;
    response.on("aborted", () => (isBroken = true));
    response.resume();
    const chat = ask("chat");
    await becomes("the answer is broken off", () => isBroken);
    await stands(2, 0);
    answerOne();
    expect((await chat).status).toBe(200);
    await stack.idle();
  });
});
