/** Every refusal as the proxy is told of it: UPDATE_GOLDEN=1 writes them anew. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { decodeProcessingResponse } from "#extproc";
import { refusalReply } from "../../../../picker/extproc/replies.ts";
import { refusalKinds, type RefusalKind } from "../../../../picker/flow/refusal/outcomes.ts";
import { refuse } from "../../../../picker/flow/refusal/refuse.ts";
import type { Api } from "../../../../picker/request/request.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const goldens = new URL("../../../golden/refusals/", import.meta.url);
const apis = ["openai-chat", "anthropic-messages", "pass-through"] as const satisfies readonly Api[];

const waits = { untilRoomMs: () => 12_000, untilEndpointMs: () => 40_000 };
const noJitter = () => 0.5;

function asText(api: Api, kind: RefusalKind): string {
  const reply = decodeProcessingResponse(refusalReply(api, refuse(kind, waits, noJitter)));
  if (reply.kind !== "immediate") throw new Error(`${kind} is answered with ${reply.kind}`);
  const { status, headers, body, grpcStatus, details } = reply.immediate;
  expect(headers?.remove ?? []).toEqual([]);
  const lines = [
    `status ${status}`,
    ...(headers?.set ?? []).map(({ name, value }) => `${name}: ${value}`),
    "",
    String(body),
    "",
    ...(grpcStatus === undefined ? [] : [`gRPC status ${grpcStatus}`]),
    `details ${details}`,
  ];
  return lines.join("\n");
}

describe("refusals", () => {
  it.each(refusalKinds.map((kind) => [kind]))("%s", (kind) => {
    const text = `${apis.map((api) => `# ${api}\n${asText(api, kind)}`).join("\n\n")}\n`;
    const golden = new URL(`${kind}.txt`, goldens);
    if (approving) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, "utf8"));
  });

  it("are recorded for every kind and no other", () => {
    expect(readdirSync(goldens).toSorted()).toEqual(refusalKinds.map((kind) => `${kind}.txt`).toSorted());
  });
});
