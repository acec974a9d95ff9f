/** A stream that outlives the gRPC timeout of Envoy's configuration, which must end neither it nor its conversation. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { call, chatBody, chatChunk, chatDone, eventsOf, newRequestId, paths } from "./support/calls.ts";
import { startScriptedStack, type ScriptedStack } from "./support/scripted.ts";
import { gatewayKinds } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

/** Envoy's timeout is 10 s. */
const chunks = 12;
const everyMs = 1000;

/** A model server at work: one token a second. */
function generate({ upstream }: ScriptedStack): void {
  upstream.answer = (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      response.write(chatChunk(`token ${sent}`));
      if (sent < chunks) return;
      clearInterval(timer);
      response.end(chatDone);
    }, everyMs);
    response.on("close", () => clearInterval(timer));
  };
}

describe("a stream of more than ten seconds", () => {
  const started = stopAfterTests();
  const stacks: ScriptedStack[] = [];

  beforeAll(async () => {
    for (const kind of gatewayKinds) stacks.push(await startScriptedStack(started, kind));
  });

  it("arrives whole and is judged as completed through each gateway", async () => {
    const ends = stacks.map(async (scripted) => {
      generate(scripted);
      const requestId = newRequestId();
      const { stack } = scripted;
      const got = await call(stack.baseUrl, { requestId, path: paths.chat, body: chatBody({ stream: true }) });
      const record = await stack.verdictOf(requestId);
      return {
        gateway: stack.kind,
        events: eventsOf(got.body).length,
        outcome: record.outcome,
        tokens: record.outputTokens,
      };
    });
    expect(await Promise.all(ends)).toEqual(
      gatewayKinds.map((gateway) => ({ gateway, events: chunks + 1, outcome: "completed", tokens: chunks })),
    );
  });
});
