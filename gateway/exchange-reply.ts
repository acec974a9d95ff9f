import { unreachable } from "#errors";
import type { CommonReply, ImmediateReply, ReceivedResponse } from "#extproc";
import { grpcStatus, grpcStatusName, type GrpcStatus } from "#grpc";
import type { ExchangeEffect } from "./exchange-event.ts";
import { answer, nothing, processorFailed, type ExchangeState, type Step } from "./exchange-state.ts";
import { answerForUpstream, endClient, startClient } from "./exchange-upstream.ts";
import { mutated } from "./headers.ts";
import { destinationsOf, upstreamHead } from "./request-head.ts";
import { clientHead } from "./response-head.ts";

const endUpstream: ExchangeEffect = { kind: "upstream-end" };

const outOfOrder = (state: ExchangeState, what: string): Step =>
  processorFailed(state, 500, `the endpoint picker sent a reply out of order: ${what}`);

function requestHeadersReply(state: ExchangeState, common: CommonReply): Step {
  if (state.request !== "asked") return outOfOrder(state, "request headers");
  const lines = mutated(state.requestLines, common.headers);
  const endOfStream = state.requestTold === "headers-only";
  const next: ExchangeState = { ...state, request: endOfStream ? "passed" : "passing", requestLines: [] };
  const destinations = destinationsOf(lines);
  if (destinations.length === 0) {
    return answerForUpstream(next, "no-destination", "the endpoint picker chose no destination");
  }
  return [next, [{ kind: "connect", destinations, head: upstreamHead(lines), endOfStream }]];
}

/** A second end of the request is ignored: some processors send one on large bodies. */
function requestBodyReply(state: ExchangeState, body: CommonReply["body"]): Step {
  if (state.request === "passed") return [state, nothing];
  if (state.request !== "passing" || body?.kind !== "streamed") return outOfOrder(state, "request body");
  const write: readonly ExchangeEffect[] =
    body.body.length > 0 ? [{ kind: "upstream-write", chunk: body.body }] : nothing;
  return body.endOfStream ? [{ ...state, request: "passed" }, [...write, endUpstream]] : [state, write];
}

/** HTTP/1.1 towards model servers carries no request trailers: they end the body and go no further. */
function requestTrailersReply(state: ExchangeState): Step {
  if (state.request !== "passing") return outOfOrder(state, "request trailers");
  return [{ ...state, request: "passed" }, [endUpstream]];
}

function responseBodyReply(state: ExchangeState, body: CommonReply["body"]): Step {
  if (state.response !== "passing" || body?.kind !== "streamed") return outOfOrder(state, "response body");
  const write: readonly ExchangeEffect[] =
    body.body.length > 0 ? [{ kind: "client-write", chunk: body.body }] : nothing;
  if (!body.endOfStream) return [state, write];
  const [ended, effects] = endClient(state, state.responseTrailers);
  return [ended, [...write, ...effects]];
}

const immediate = (state: ExchangeState, { status, headers, body }: ImmediateReply): Step =>
  answer(state, "immediate", {
    head: clientHead([
      [":status", String(status)],
      ...mutated(
        [
          ...(body === undefined || body.length === 0 ? [] : [["content-type", "text/plain"] as const]),
          ["content-length", String(body?.length ?? 0)],
        ],
        headers,
      ),
    ]),
    body: body ?? Buffer.alloc(0),
  });

/** One message of the picker. */
export function onReply(state: ExchangeState, reply: ReceivedResponse): Step {
  switch (reply.kind) {
    case "headers":
      if (reply.direction === "request") return requestHeadersReply(state, reply.common);
      return state.response === "asked" ? startClient(state, reply.common) : outOfOrder(state, "response headers");
    case "body":
      return reply.direction === "request"
        ? requestBodyReply(state, reply.common.body)
        : responseBodyReply(state, reply.common.body);
    case "trailers":
      if (reply.direction === "request") return requestTrailersReply(state);
      if (state.response !== "passing") return outOfOrder(state, "response trailers");
      return endClient(state, mutated(state.responseTrailers, reply.headers));
    case "immediate":
      return immediate(state, reply.immediate);
    case "unknown":
      return [state, nothing];
    default:
      return unreachable(reply);
  }
}

/**
 * The picker ended its stream. With OK, and where nothing it was told waits for an answer, the rest passes without it;
 * what it was told and did not answer would be lost.
 */
export function onProcessorEnded(state: ExchangeState, status: GrpcStatus, message: string): Step {
  if (status !== grpcStatus.OK) {
    const text = `the endpoint picker ended its stream with ${grpcStatusName(status)}: ${message}`;
    return processorFailed(state, status === grpcStatus.UNAVAILABLE ? 503 : 500, text);
  }
  const nothingOwed = state.request === "passed" && state.responseTold !== "body" && state.responseTold !== "ended";
  if (!nothingOwed) return processorFailed(state, 500, "the endpoint picker ended its stream before it had answered");
  const next: ExchangeState = { ...state, processor: "ended" };
  return next.response === "asked" ? startClient(next, undefined) : [next, nothing];
}
