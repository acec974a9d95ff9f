/** OpenAI's own client for Python, unmodified. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { model } from "./support/calls.ts";
import { startProgram, type Ended } from "./support/program.ts";
import { startSimulatedStack } from "./support/simulated.ts";
import { holdingBriefly } from "./support/flow-stack.ts";
import { gatewayKinds, listed, startStack } from "./support/stack.ts";
import { stopAfterTests } from "./support/started.ts";

describe.each(gatewayKinds)("openai for Python through the %s gateway", (kind) => {
  const started = stopAfterTests();
  let ended: Ended;

  beforeAll(async () => {
    const { stack } = await startSimulatedStack(started, kind);
    const nobody = started.keep(await startStack(kind, { endpoints: listed([]), configuration: holdingBriefly() }));
    const python = process.env["ATTAIN_PYTHON"];
    if (python === undefined) throw new Error("ATTAIN_PYTHON is not set: run the tests with npm run test:e2e");
    const args = ["test/e2e/clients/openai_client.py", stack.baseUrl, nobody.baseUrl, model];
    ended = await started.keep(startProgram(python, args)).ended;
  });

  it("chats, streams, completes, embeds, lists models, and raises its own error classes", () => {
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    const found = JSON.parse(ended.stdout) as Readonly<Record<string, unknown>>;
    const someText = expect.stringMatching(/./);
    expect(found).toEqual({
      chat: someText,
      streamed: found["chat"],
      completion: someText,
      embeddings: 2,
      models: [model],
      response: someText,
      lastEvent: "response.completed",
      withoutMessages: { class: "BadRequestError", status: 400 },
      unknownModel: { class: "NotFoundError", status: 404 },
      withoutEndpoints: { class: "InternalServerError", status: 503 },
    });
  });
});
