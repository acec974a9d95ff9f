import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { constants } from "node:http2";
import { bodyOf, open, send, sendHttp2 } from "./http-client.ts";
import { startScriptedPicker, type Conversation, type ScriptedPicker } from "./scripted-picker.ts";
import { deadHostPort, startScriptedUpstream, type ScriptedUpstream } from "./scripted-upstream.ts";

/** A proxy under test, started with the picker that it is to ask. */
export type ProxyUnderTest = { readonly baseUrl: string; close(): Promise<void> };

/** In what a proxy may differ and still do its work. */
export type ProxyTraits = {
  /** Tries the next address of a comma list when a connection is refused. */
  readonly fallbackList: boolean;
  /** Reports its own errors as JSON. */
  readonly jsonErrors: boolean;
  /** Says a broken upstream with CONNECT_ERROR on the picker's stream. */
  readonly tellsBrokenUpstream: boolean;
};

const json = { "content-type": "application/json" };

/** Told messages in short: `>headers`, `>body`, `>end` for the request, `<…` for the response; equal neighbours are one. */
export function shapeOf(conversation: Conversation | undefined): string[] {
  const words = (conversation?.seen ?? []).map((seen) => {
    if (seen.kind === "unknown") return "?";
    const arrow = seen.direction === "request" ? ">" : "<";
    if (seen.kind === "trailers") return `${arrow}trailers`;
    if (seen.kind === "headers") return `${arrow}headers${seen.endOfStream ? " end" : ""}`;
    return seen.endOfStream ? `${arrow}${seen.length === 0 ? "" : "body "}end` : `${arrow}body`;
  });
  return words.filter((word, at) => word !== words[at - 1]);
}

const headerOf = (conversation: Conversation | undefined, direction: string, name: string): string | undefined => {
  for (const seen of conversation?.seen ?? []) {
    if (seen.kind === "headers" && seen.direction === direction) return seen.headers.find(([key]) => key === name)?.[1];
  }
  return undefined;
};

/** Byte i is a function of i, so that a lost, doubled or swapped piece shows. */
export const pattern = (length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >>> 8)) & 255;
  return bytes;
};

/** Generous: a scenario ends when it is done, and only a proxy that hangs meets this. */
const longestMs = 60_000;

/** The scenarios that every proxy in front of a picker must pass. */
export function gatewayContract(
  name: string,
  traits: ProxyTraits,
  start: (peers: { readonly pickerPort: number }) => Promise<ProxyUnderTest>,
): void {
  jest.setTimeout(longestMs);
  describe(name, () => {
    let picker: ScriptedPicker;
    let upstream: ScriptedUpstream;
    let proxy: ProxyUnderTest;

    beforeAll(async () => {
      picker = await startScriptedPicker();
      upstream = await startScriptedUpstream();
      proxy = await start({ pickerPort: picker.port });
    });
    beforeEach(() => {
      picker.script = { destination: upstream.hostPort };
      picker.conversations.length = 0;
      upstream.forget();
    });
    afterAll(async () => {
      await proxy.close();
      await upstream.close();
      await picker.close();
    });

    const last = (): Conversation | undefined => picker.conversations.at(-1);

    it("tells the picker a JSON exchange message by message and cancels at the end", async () => {
      upstream.answer = (_, response) => response.writeHead(200, json).end('{"ok":true}');
      const got = await send(proxy.baseUrl, { headers: json, body: '{"model":"m"}' });
      expect([got.status, got.body.toString()]).toEqual([200, '{"ok":true}']);
      expect(upstream.received[0]?.body.toString()).toBe('{"model":"m"}');
      expect(shapeOf(last())).toEqual([">headers", ">body", ">end", "<headers", "<body", "<end"]);
      expect(last()?.protocolConfig[0]).toEqual({
        requestBodyMode: "FULL_DUPLEX_STREAMED",
        responseBodyMode: "FULL_DUPLEX_STREAMED",
      });
      expect(
        last()
          ?.protocolConfig.slice(1)
          .every((config) => config === undefined),
      ).toBe(true);
      expect(await last()?.closed).toBe(constants.NGHTTP2_CANCEL);
    });

    it("shows the picker pseudo headers, the client's address and a request id", async () => {
      upstream.answer = (_, response) => response.end();
      await send(proxy.baseUrl, { path: "/v1/models?x=1", headers: { ...json, Accept: "*/*" }, body: "{}" });
      const request = last();
      expect(headerOf(request, "request", ":method")).toBe("POST");
      expect(headerOf(request, "request", ":path")).toBe("/v1/models?x=1");
      expect(headerOf(request, "request", ":scheme")).toBe("http");
      expect(headerOf(request, "request", ":authority")).toBe(new URL(proxy.baseUrl).host);
      expect(headerOf(request, "request", "accept")).toBe("*/*");
      expect(headerOf(request, "request", "x-forwarded-proto")).toBe("http");
      expect(headerOf(request, "request", "x-forwarded-for")).toMatch(/\d+\.\d+\.\d+\.\d+$/);
      expect(headerOf(request, "request", "x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(headerOf(request, "response", ":status")).toBe("200");
      expect(upstream.received[0]?.headers["x-request-id"]).toBe(headerOf(request, "request", "x-request-id"));
      expect(upstream.received[0]?.path).toBe("/v1/models?x=1");
    });

    it("passes a request without a body on its headers alone", async () => {
      upstream.answer = (_, response) => response.writeHead(200, json).end("{}");
      const got = await send(proxy.baseUrl, { method: "GET", path: "/v1/models" });
      expect([got.status, got.body.toString()]).toEqual([200, "{}"]);
      expect(shapeOf(last())[0]).toBe(">headers end");
      expect(upstream.received[0]?.method).toBe("GET");
    });

    it("passes each event of a stream before the next one is made", async () => {
      const nextEvent: (() => void)[] = [];
      upstream.answer = (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        const parts = ["data: one\n\n", "data: two\n\n", "data: [DONE]\n\n"];
        parts.forEach((part, at) => nextEvent.push(() => (at === 2 ? response.end(part) : response.write(part))));
      };
      const { response } = await open(proxy.baseUrl, { headers: json, body: "{}" });
      const chunks = response[Symbol.asyncIterator]();
      const seen: string[] = [];
      for (const give of nextEvent) {
        give();
        seen.push(String((await chunks.next()).value));
      }
      expect(seen).toEqual(["data: one\n\n", "data: two\n\n", "data: [DONE]\n\n"]);
      expect((await chunks.next()).done).toBe(true);
    });

    it("passes large bodies both ways byte by byte", async () => {
      const body = pattern(1 << 20);
      const answer = pattern(3_000_017);
      upstream.answer = (_, response) => response.end(answer);
      const got = await send(proxy.baseUrl, { headers: { "content-length": body.length }, body });
      expect(upstream.received[0]?.body.equals(body)).toBe(true);
      expect(got.body.equals(answer)).toBe(true);
    });

    it("answers with the picker's immediate response as it is", async () => {
      picker.script = {
        destination: upstream.hostPort,
        immediate: {
          status: 429,
          headers: { set: [{ name: "x-llm-d-request-dropped-reason", value: "rejected-saturated" }] },
          body: Buffer.from("full"),
        },
      };
      const got = await send(proxy.baseUrl, { headers: json, body: "{}" });
      expect([got.status, got.body.toString()]).toEqual([429, "full"]);
      expect(got.headers["x-llm-d-request-dropped-reason"]).toBe("rejected-saturated");
      expect(upstream.received).toEqual([]);
    });

    it("applies header mutations to request and response", async () => {
      picker.script = {
        destination: upstream.hostPort,
        request: {
          set: [
            { name: "x-set", value: "new" },
            { name: "x-more", value: "b", append: true },
          ],
          remove: ["x-secret"],
        },
        response: { set: [{ name: "x-answer", value: "yes" }], remove: ["x-internal"] },
      };
      upstream.answer = (_, response) => response.writeHead(200, { "x-internal": "1", "x-answer": "no" }).end("ok");
      const headers = { "x-set": "old", "x-secret": "s", "x-more": "a" };
      const got = await send(proxy.baseUrl, { headers, body: "{}" });
      const [received] = upstream.received;
      expect(received?.headers["x-set"]).toBe("new");
      expect(received?.headers["x-secret"]).toBeUndefined();
      expect(received?.headers["x-more"]?.toString().replaceAll(" ", "")).toBe("a,b");
      expect(received?.headers["x-gateway-destination-endpoint"]).toBe(upstream.hostPort);
      expect(got.headers["x-answer"]).toBe("yes");
      expect(got.headers["x-internal"]).toBeUndefined();
    });

    it("keeps repeated headers", async () => {
      upstream.answer = (_, response) => response.writeHead(200, { "set-cookie": ["a=1", "b=2"] }).end("ok");
      const got = await send(proxy.baseUrl, { headers: { "x-tag": ["one", "two"] }, body: "{}" });
      expect(got.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
      expect(upstream.received[0]?.headers["x-tag"]?.toString().replaceAll(" ", "")).toBe("one,two");
    });

    it("sends the body that the picker made in place of the client's", async () => {
      const requestBody = Buffer.from('{"model":"rewritten","more":true}');
      picker.script = { destination: upstream.hostPort, request: { remove: ["content-length"] }, requestBody };
      upstream.answer = (_, response) => response.end("ok");
      await send(proxy.baseUrl, { headers: json, body: '{"model":"m"}' });
      expect(upstream.received[0]?.body.equals(requestBody)).toBe(true);
    });

    it("passes trailers of the response through the picker", async () => {
      picker.script = {
        destination: upstream.hostPort,
        responseTrailers: { set: [{ name: "x-picker", value: "seen" }] },
      };
      upstream.answer = (_, response) => {
        response.writeHead(200, { trailer: "x-sum" });
        response.write("body");
        response.addTrailers({ "x-sum": "42" });
        response.end();
      };
      const got = await sendHttp2(proxy.baseUrl, { headers: json, body: "{}" });
      expect(got.body.toString()).toBe("body");
      expect(got.trailers["x-sum"]).toBe("42");
      expect(got.trailers["x-picker"]).toBe("seen");
      expect(shapeOf(last()).slice(-3)).toEqual(["<headers", "<body", "<trailers"]);
    });

    it("serves HTTP/2 clients on the same port", async () => {
      upstream.answer = (_, response) => response.writeHead(200, { ...json, "x-a": ["1", "2"] }).end('{"h":2}');
      const [first, second] = await Promise.all([
        sendHttp2(proxy.baseUrl, { headers: json, body: "{}" }),
        sendHttp2(proxy.baseUrl, { method: "GET", path: "/v1/models" }),
      ]);
      expect([first.status, first.body.toString()]).toEqual([200, '{"h":2}']);
      expect(second.status).toBe(200);
      expect(first.headers["x-a"]?.toString().replaceAll(" ", "")).toBe("1,2");
    });

    it("aborts upstream and cancels the picker's stream when the client leaves in mid-stream", async () => {
      upstream.answer = (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: one\n\n");
      };
      const { response, abort } = await open(proxy.baseUrl, { headers: json, body: "{}" });
      await new Promise((resolve) => response.once("data", resolve));
      abort();
      expect(await upstream.ended(upstream.received.length - 1)).toBe("aborted");
      expect(await last()?.closed).toBe(constants.NGHTTP2_CANCEL);
      expect(shapeOf(last())).not.toContain("<end");
    });

    it("breaks the client's response when the model server breaks off", async () => {
      let breakOff = (): unknown => undefined;
      upstream.answer = (_, response) => {
        breakOff = () => response.socket?.resetAndDestroy();
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: one\n\n");
      };
      const { response } = await open(proxy.baseUrl, { headers: json, body: "{}" });
      await new Promise((resolve) => response.once("data", resolve));
      breakOff();
      await expect(bodyOf(response)).rejects.toThrow(/aborted|reset|hang up/i);
      const code = await last()?.closed;
      if (traits.tellsBrokenUpstream) expect(code).toBe(constants.NGHTTP2_CONNECT_ERROR);
      expect(shapeOf(last())).not.toContain("<end");
    });

    it("answers 503 through the picker when the model server cannot be reached", async () => {
      picker.script = { destination: await deadHostPort() };
      const got = await send(proxy.baseUrl, { headers: json, body: "{}" });
      expect(got.status).toBe(503);
      if (traits.jsonErrors)
        expect(JSON.parse(got.body.toString())).toHaveProperty("error.code", "upstream_unreachable");
      expect(headerOf(last(), "response", ":status")).toBe("503");
      expect(shapeOf(last()).at(-1)).toMatch(/^<(body )?end$|^<headers end$/);
    });

    it("answers 503 when the picker names no destination", async () => {
      picker.script = { destination: undefined };
      const got = await send(proxy.baseUrl, {
        headers: { ...json, "x-gateway-destination-endpoint": upstream.hostPort },
        body: "{}",
      });
      expect(upstream.received).toEqual([]);
      expect(got.status).toBe(503);
    });

    (traits.fallbackList ? it : it.skip)("tries the next destination when a connection is refused", async () => {
      const body = pattern(200_000);
      picker.script = { destination: `${await deadHostPort()}, ${upstream.hostPort}` };
      upstream.answer = (_, response) => response.end("second");
      const got = await send(proxy.baseUrl, { headers: json, body });
      expect([got.status, got.body.toString()]).toEqual([200, "second"]);
      expect(upstream.received[0]?.body.equals(body)).toBe(true);
    });

    it("passes the rest without the picker when it ends its stream with OK", async () => {
      picker.script = { destination: upstream.hostPort, leavesAfterRequest: true };
      upstream.answer = (_, response) => response.writeHead(200, json).end('{"input_tokens":3}');
      const got = await send(proxy.baseUrl, { path: "/v1/messages/count_tokens", headers: json, body: "{}" });
      expect([got.status, got.body.toString()]).toEqual([200, '{"input_tokens":3}']);
    });

    it.each([
      { name: "ends its stream with an error", script: { status: 13 } },
      { name: "breaks the order of replies", script: { breaksOrder: true } },
    ])("answers 500 when the picker $name", async ({ script }) => {
      picker.script = { destination: upstream.hostPort, ...script };
      const got = await send(proxy.baseUrl, { headers: json, body: "{}" });
      expect(got.status).toBe(500);
      if (traits.jsonErrors)
        expect(JSON.parse(got.body.toString())).toHaveProperty("error.code", "endpoint_picker_failed");
    });

    it("breaks a response that has begun when the picker evicts it", async () => {
      picker.script = { destination: upstream.hostPort, evict: { status: 429, body: Buffer.from("evicted") } };
      upstream.answer = (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: one\n\n");
      };
      const { response } = await open(proxy.baseUrl, { headers: json, body: "{}" });
      await expect(bodyOf(response)).rejects.toThrow(/aborted|reset|hang up/i);
      expect(await upstream.ended(upstream.received.length - 1)).toBe("aborted");
    });

    it("stops reading a model server whose client does not read, and loses nothing", async () => {
      const piece = pattern(1 << 16);
      const pieces = 512;
      let written = 0;
      upstream.answer = (_, response) => {
        const more = (): void => {
          while (written < pieces) {
            written += 1;
            if (!response.write(piece)) {
              response.once("drain", more);
              return;
            }
          }
          response.end();
        };
        more();
      };
      const { response } = await open(proxy.baseUrl, { headers: json, body: "{}" });
      response.pause();
      let before = -1;
      for (let quiet = 0; quiet < 3; quiet = written === before ? quiet + 1 : 0) {
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(written).toBeLessThan(pieces * 0.75);
      const reading = bodyOf(response);
      response.resume();
      const body = await reading;
      expect(body.length).toBe(pieces * piece.length);
      for (let at = 0; at < body.length; at += piece.length) {
        if (!body.subarray(at, at + piece.length).equals(piece)) throw new Error(`piece at ${at} differs`);
      }
    });
  });
}
