import { unreachable } from "#errors";
import type { CommonReply, HeaderMutation, OutgoingRequest, ReceivedResponse } from "#extproc";
import { renderText } from "#metrics";
import { controlHeaders } from "../../picker/extproc/headers.ts";
import type { PickerCore } from "./extproc-core.ts";
import type { ProxyEvent, ScriptedProxy } from "./extproc-proxy.ts";

const longestText = 160;

const bodyText = (body: Buffer): string =>
  body.length > longestText ? `${body.length} bytes` : JSON.stringify(body.toString());

const ends = (endOfStream: boolean): string => (endOfStream ? " · end of stream" : "");

const lines = (headers: readonly (readonly [string, string])[]): string =>
  headers.map(([name, value]) => `${name}: ${value}`).join(", ");

function said(message: OutgoingRequest): string {
  const extras = [
    message.protocolConfig && `${message.protocolConfig.requestBodyMode}, ${message.protocolConfig.responseBodyMode}`,
    message.filterMetadata && `metadata ${JSON.stringify(message.filterMetadata)}`,
  ].filter((extra) => extra !== undefined);
  const tail = extras.map((extra) => ` · ${extra}`).join("");
  switch (message.kind) {
    case "headers":
      return `${message.direction} headers · ${lines(message.headers)}${ends(message.endOfStream)}${tail}`;
    case "body":
      return `${message.direction} body · ${bodyText(message.body)}${ends(message.endOfStream)}${tail}`;
    case "trailers":
      return `${message.direction} trailers · ${lines(message.trailers)}${tail}`;
    default:
      return unreachable(message);
  }
}

function mutation({ set = [], remove = [] }: HeaderMutation): string {
  const isControl = remove.length === controlHeaders.length && remove.every((name, i) => name === controlHeaders[i]);
  const removed = isControl ? "the control headers" : remove.join(", ");
  return [
    ...set.map(({ name, value, append }) => ` · ${append === true ? "append" : "set"} ${name}: ${value}`),
    ...(remove.length > 0 ? [` · remove ${removed}`] : []),
  ].join("");
}

function common({ headers, clearRouteCache, body }: CommonReply): string {
  const change =
    (headers === undefined ? "" : mutation(headers)) + (clearRouteCache === true ? " · clear route cache" : "");
  if (body === undefined) return change === "" ? " · continue" : change;
  if (body.kind === "replace") return `${change} · replace with ${bodyText(body.body)}`;
  return `${change} · ${bodyText(body.body)}${ends(body.endOfStream)}`;
}

function replied(reply: ReceivedResponse): string {
  const { dynamicMetadata } = reply;
  const metadata = dynamicMetadata === undefined ? "" : ` · metadata ${JSON.stringify(dynamicMetadata)}`;
  switch (reply.kind) {
    case "headers":
    case "body":
      return `${reply.direction} ${reply.kind}${common(reply.common)}${metadata}`;
    case "trailers":
      return `${reply.direction} trailers${reply.headers === undefined ? " · continue" : mutation(reply.headers)}${metadata}`;
    case "immediate": {
      const { status, headers, body, details } = reply.immediate;
      const content = body === undefined ? "" : ` · ${body.toString()}`;
      return `immediate response ${status}${headers === undefined ? "" : mutation(headers)}${content} · details ${details}`;
    }
    case "unknown":
      return "unknown";
    default:
      return unreachable(reply);
  }
}

function line(event: ProxyEvent): string {
  switch (event.kind) {
    case "said":
      return `→ ${Buffer.isBuffer(event.message) ? `bytes ${event.message.toString("hex")}` : said(event.message)}`;
    case "reply":
      return `← ${replied(event.reply)}`;
    case "half-closed":
      return "→ no more";
    case "ended":
      return `← end with gRPC status ${event.status}${event.message === "" ? "" : `: ${event.message}`}`;
    case "closed":
      return `× ${event.cause.kind}${event.cause.kind === "reset" ? ` (${event.cause.http2Code})` : ""}`;
    case "time":
      return `@ ${event.nowMs} ms`;
    default:
      return unreachable(event);
  }
}

const shownCounters =
  /^attain_(objective_(requests|missed|dimension|output_tokens)|request_tokens|picker_(refusals|malformed)|endpoint_picks|requests_in_flight)/;

/** The samples of requests that are not 0. */
export const countersOf = (core: PickerCore): readonly string[] =>
  renderText(core.registry)
    .split("\n")
    .filter((sample) => shownCounters.test(sample) && !sample.endsWith(" 0"))
    .map((sample) => sample.replace('pool="pool",', "").replace('{pool="pool"}', ""));

/** What was said on the streams, then what became of the requests. */
export function transcriptOf(core: PickerCore, proxies: readonly ScriptedProxy[]): string {
  const streams = proxies.map(({ events }) => events.map(line).join("\n"));
  const decisions = core.log.list(() => true, 100).toReversed();
  return [
    streams.join("\n----\n"),
    "",
    ...decisions.map((decision) => `request ${JSON.stringify(decision)}`),
    ...countersOf(core),
    `in flight ${core.ledger.total}`,
    "",
  ].join("\n");
}
