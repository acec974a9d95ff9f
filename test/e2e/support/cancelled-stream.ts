/** One exchange that is broken off at some point, in some way. */
import { constants, type ClientHttp2Session } from "node:http2";
import type { HeaderLines, ReceivedResponse } from "#extproc";
import type { Ratio } from "#units";
import { requestBody, requestHeaders, responseBody, responseHeaders, sse } from "../../support/extproc-messages.ts";
import { RawStream } from "../../support/extproc-raw-client.ts";

/** How far an exchange gets before it is broken off. */
export const points = [
  "before headers",
  "within a message",
  "after headers",
  "mid request body",
  "after the decision",
  "after response headers",
  "mid response",
  "after the end",
] as const;
export type Point = (typeof points)[number];

const codes = [
  constants.NGHTTP2_NO_ERROR,
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_INTERNAL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_REFUSED_STREAM,
  constants.NGHTTP2_CANCEL,
  constants.NGHTTP2_CONNECT_ERROR,
  constants.NGHTTP2_ENHANCE_YOUR_CALM,
  0xbad,
] as const;

export type Exchange = {
  readonly id: string;
  readonly point: Point;
  /** True when a reply showed that the picker had the request. */
  readonly isKnown: boolean;
};

const pick = <T>(from: readonly [T, ...T[]] | readonly T[], random: () => Ratio): T =>
  from[Math.floor(random() * from.length)]!;

const isRoute = (reply: ReceivedResponse): boolean => reply.dynamicMetadata !== undefined;
const isContinue = (reply: ReceivedResponse): boolean => reply.kind === "headers" && reply.direction === "response";

/** Prompts of a bounded set, so that the prefix index of the picker is as full after one wave as after many. */
const promptOf = (random: () => Ratio): Buffer => {
  const content = `${Math.floor(random() * 40)} `.repeat(50 + Math.floor(random() * 4) * 2000);
  return Buffer.from(JSON.stringify({ model: "llama", messages: [{ role: "user", content }], stream: true }));
};

/** The steps up to a point. @returns whether a reply was seen */
async function playTo(point: Point, stream: RawStream, id: string, random: () => Ratio): Promise<boolean> {
  if (point === "before headers") return false;
  const headers: HeaderLines = [["x-request-id", id]];
  const objective = pick(["chat", "batch", "plain", "nobody", ""], random);
  const opening = requestHeaders({ objective });
  if (opening.kind !== "headers") return false;
  const withId = { ...opening, headers: [...opening.headers.filter(([name]) => name !== "x-request-id"), ...headers] };
  if (point === "within a message") {
    stream.say(withId).write(Buffer.from([0, 0, 0, 1, 0, 0x22]));
    return false;
  }
  stream.say(withId);
  if (point === "after headers") return false;
  const prompt = promptOf(random);
  stream.say(requestBody(prompt.subarray(0, prompt.length >> 1)));
  if (point === "mid request body") return false;
  stream.say(requestBody(prompt.subarray(prompt.length >> 1))).say(requestBody("", true));
  const isRouted = await stream.until((replies) => replies.some(isRoute));
  if (point === "after the decision" || !isRouted) return isRouted;
  stream.say(responseHeaders());
  await stream.until((replies) => replies.some(isContinue));
  if (point === "after response headers") return true;
  for (let i = 0; i < 1 + random() * 5; i++) stream.say(responseBody(sse.token(`${i}`)));
  if (point === "mid response") return true;
  stream.say(responseBody(sse.finish + sse.usage + sse.done)).say(responseBody("", true));
  await stream.until((replies) => replies.some((reply) => reply.kind === "body" && reply.direction === "response"));
  return true;
}

/** Plays one exchange up to a random point and leaves it in a random way; resolves once the stream is over. */
export async function breakOff(session: ClientHttp2Session, id: string, random: () => Ratio): Promise<Exchange> {
  const point = pick(points, random);
  const hasDeadline = random() < 0.05;
  const way = random();
  const code = pick(codes, random);
  const stream = new RawStream(session, hasDeadline ? { "grpc-timeout": `${1 + Math.floor(random() * 20)}m` } : {});
  const isKnown = await playTo(point, stream, id, random);
  if (way < 0.15) stream.halfClose();
  else if (way < 0.16) session.destroy();
  else if (!hasDeadline || way < 0.9) stream.reset(code);
  await stream.over;
  return { id, point, isKnown };
}
