import { describe, expect, it } from "@jest/globals";
import { decodeProcessingResponse, type ImmediateReply } from "#extproc";
import { controlHeaders } from "../../../../picker/extproc/headers.ts";
import { refusalReply, RouteReplies, sendInPieces } from "../../../../picker/extproc/replies.ts";
import type { Refusal } from "../../../../picker/flow/refusal/refusal.ts";
import type { Api } from "../../../../picker/request/request.ts";

const route = { destination: "10.0.0.1:8000", scores: undefined };

describe("RouteReplies", () => {
  it("says the destination in the header and, equally, in the metadata", () => {
    const reply = decodeProcessingResponse(new RouteReplies({ stripsControlHeaders: true }).of(route, "headers"));
    expect(reply).toEqual({
      kind: "headers",
      direction: "request",
      common: {
        headers: { set: [{ name: "x-gateway-destination-endpoint", value: "10.0.0.1:8000" }], remove: controlHeaders },
        clearRouteCache: true,
      },
      dynamicMetadata: { "envoy.lb": { "x-gateway-destination-endpoint": "10.0.0.1:8000" } },
    });
  });

  it("removes every header with which a client steers the picker, under both its names", () => {
    for (const name of ["inference-objective", "inference-fairness-id", "model-name-rewrite"]) {
      expect(controlHeaders).toContain(`x-llm-d-${name}`);
      expect(controlHeaders).toContain(`x-gateway-${name}`);
    }
    for (const dimension of ["ttft", "tpot"]) {
      expect(controlHeaders).toContain(`x-llm-d-slo-${dimension}-ms`);
      expect(controlHeaders).toContain(`x-slo-${dimension}-ms`);
    }
    expect(controlHeaders).toContain("x-gateway-destination-endpoint-subset");
    expect(controlHeaders).toContain("x-attain-request-ttl-ms");
  });

  it("removes nothing where they are kept", () => {
    const reply = decodeProcessingResponse(new RouteReplies({ stripsControlHeaders: false }).of(route, "headers"));
    expect(reply.kind === "headers" && reply.common.headers?.remove).toBeFalsy();
  });

  it("never sets a length or an encoding", () => {
    const reply = decodeProcessingResponse(new RouteReplies({ stripsControlHeaders: true }).of(route, "headers"));
    const names = reply.kind === "headers" ? reply.common.headers?.set?.map(({ name }) => name) : undefined;
    expect(names).toEqual(["x-gateway-destination-endpoint"]);
  });

  it("keeps replies to headers and to bodies apart, and destinations from each other", () => {
    const replies = new RouteReplies({ stripsControlHeaders: true });
    const other = { ...route, destination: "10.0.0.2:8000" };
    const inTurn = [replies.of(route, "headers"), replies.of(route, "body"), replies.of(other, "headers")];
    const again = [replies.of(route, "headers"), replies.of(route, "body"), replies.of(other, "headers")];
    expect(new Set(inTurn.map(String)).size).toBe(3);
    expect(again.map((reply, i) => reply === inTurn[i])).toEqual([true, true, true]);
    expect(decodeProcessingResponse(inTurn[1]!).kind).toBe("body");
  });

  it("makes a reply with scores anew each time", () => {
    const replies = new RouteReplies({ stripsControlHeaders: true });
    const scored = (score: number) => {
      const reply = decodeProcessingResponse(replies.of({ ...route, scores: { "10.0.0.1:8000": score } }, "headers"));
      return reply.dynamicMetadata?.["envoy.lb"];
    };
    expect([scored(1.5), scored(2.5)]).toEqual(
      [1.5, 2.5].map((score) => ({
        "x-gateway-destination-endpoint": "10.0.0.1:8000",
        "x-gateway-destination-endpoint-scores": { "10.0.0.1:8000": score },
      })),
    );
  });
});

describe("sendInPieces", () => {
  it.each([
    { length: 0, want: [0] },
    { length: 1, want: [1] },
    { length: 62_000, want: [62_000] },
    { length: 62_001, want: [62_000, 1] },
    { length: 124_000, want: [62_000, 62_000] },
    { length: 150_000, want: [62_000, 62_000, 26_000] },
  ])("a body of $length bytes as pieces of $want", ({ length, want }) => {
    const body = Buffer.from(Array.from({ length }, (_, i) => i));
    for (const endOfStream of [true, false]) {
      const pieces: { body: Buffer; endOfStream: boolean }[] = [];
      sendInPieces(
        (payload) => {
          const reply = decodeProcessingResponse(Buffer.concat(payload));
          if (reply.kind === "body" && reply.common.body?.kind === "streamed") pieces.push(reply.common.body);
        },
        "request",
        body,
        endOfStream,
      );
      expect(pieces.map((piece) => piece.body.length)).toEqual(want);
      expect(pieces.map((piece) => piece.endOfStream)).toEqual(
        want.map((_, i) => endOfStream && i === want.length - 1),
      );
      expect(Buffer.concat(pieces.map((piece) => piece.body)).equals(body)).toBe(true);
    }
  });
});

describe("refusalReply", () => {
  const refusal: Refusal = {
    kind: "refuse",
    status: 503,
    reason: "no_endpoints",
    droppedReason: "rejected-no-endpoints",
    message: "nobody",
    retryAfterSeconds: 7,
  };

  const immediateOf = (api: Api, rest: Partial<Refusal> = {}): ImmediateReply => {
    const reply = decodeProcessingResponse(refusalReply(api, { ...refusal, ...rest }));
    if (reply.kind !== "immediate") throw new Error(reply.kind);
    return reply.immediate;
  };
  const namesOf = ({ headers }: ImmediateReply) => headers?.set?.map(({ name }) => name);

  it.each([
    { api: "openai-chat", type: "service_unavailable" },
    { api: "anthropic-messages", type: "overloaded_error" },
  ] as const)("speaks the client's API: $api", ({ api, type }) => {
    const { status, headers, body, grpcStatus } = immediateOf(api);
    expect(status).toBe(503);
    expect(headers?.set).toEqual([
      { name: "content-type", value: "application/json" },
      { name: "x-llm-d-request-dropped-reason", value: "rejected-no-endpoints" },
      { name: "retry-after", value: "7" },
    ]);
    const said = JSON.parse(String(body)) as { type?: string; error: { type: string; message: string } };
    expect(said.error).toMatchObject({ type, message: "nobody" });
    expect(said.type).toBe(api === "anthropic-messages" ? "error" : undefined);
    expect(grpcStatus).toBeUndefined();
  });

  it.each([
    { status: 400, grpcStatus: 3 },
    { status: 413, grpcStatus: 8 },
    { status: 429, grpcStatus: 8 },
    { status: 503, grpcStatus: 14 },
  ] as const)("is plain text for an API that is not read, and $grpcStatus in gRPC for $status", (expected) => {
    const { status, grpcStatus, headers, body } = immediateOf("pass-through", { status: expected.status });
    expect({ status, grpcStatus }).toEqual(expected);
    expect(headers?.set?.[0]).toEqual({ name: "content-type", value: "text/plain; charset=utf-8" });
    expect(String(body)).toBe("nobody");
  });

  it("gives its reason as the code, except for the client's own mistake", () => {
    const codeOf = ({ body }: ImmediateReply) => (JSON.parse(String(body)) as { error: { code: unknown } }).error.code;
    expect(codeOf(immediateOf("openai-chat", { status: 429, reason: "queue_full" }))).toBe("queue_full");
    expect(codeOf(immediateOf("openai-chat", { status: 400, reason: "invalid" }))).toBeNull();
  });

  it("has no dropped reason and no time where there is none", () => {
    const invalid = { status: 400, reason: "invalid", droppedReason: undefined, retryAfterSeconds: undefined } as const;
    expect(namesOf(immediateOf("openai-chat", invalid))).toEqual(["content-type"]);
  });
});
