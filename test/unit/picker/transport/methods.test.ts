import { describe, expect, it } from "@jest/globals";
import type { Services, StreamPeer } from "../../../../picker/transport/contract.ts";
import { mergeServices, methodsOf } from "../../../../picker/transport/methods.ts";

const opening = { metadata: () => undefined, timeoutMs: undefined };
const none: Services = { duplex: new Map(), unary: new Map(), serverStreaming: new Map() };
const unary = (path: string): Services => ({ ...none, unary: new Map([[path, (request) => request]]) });

/** A peer that keeps what it is told; takes `room` messages before it is slow. */
function fakePeer(room: number): StreamPeer & { readonly told: unknown[] } {
  const told: unknown[] = [];
  return {
    told,
    send: (payload) => told.push(payload.map(String)) <= room,
    end: (status, message) => void told.push({ status, message }),
  };
}

describe("methodsOf", () => {
  it("refuses two methods of one path", () => {
    const twice: Services = { ...unary("/a/B"), serverStreaming: new Map([["/a/B", () => () => undefined]]) };
    expect(() => methodsOf(twice)).toThrow("/a/B");
  });

  it("ends a subscription whose peer reads too slowly, and stops it when the call closes", () => {
    let stopped = 0;
    let push = (_message: Buffer): void => undefined;
    const methods = methodsOf({
      ...none,
      serverStreaming: new Map([
        [
          "/a/Watch",
          (_request, pushed) => {
            push = pushed;
            return () => stopped++;
          },
        ],
      ]),
    });
    const peer = fakePeer(1);
    const { accept, subscription } = methods.get("/a/Watch")!;
    expect(subscription).toBe(true);
    const handler = accept(peer, opening);
    handler.onMessage(Buffer.alloc(0));
    handler.onHalfClose();
    push(Buffer.from("1"));
    push(Buffer.from("2"));
    expect(peer.told).toMatchObject([["1"], ["2"], { status: 8 }]);
    handler.onClose({ kind: "ended" });
    expect(stopped).toBe(1);
  });

  it("refuses a second request message of a subscription", () => {
    const methods = methodsOf({ ...none, serverStreaming: new Map([["/a/Watch", () => () => undefined]]) });
    const peer = fakePeer(9);
    const handler = methods.get("/a/Watch")!.accept(peer, opening);
    handler.onMessage(Buffer.alloc(0));
    handler.onMessage(Buffer.alloc(0));
    expect(peer.told).toMatchObject([{ status: 13 }]);
  });
});

describe("mergeServices", () => {
  it("serves the methods of all", () => {
    expect([...methodsOf(mergeServices([unary("/a/B"), none, unary("/a/C")])).keys()]).toEqual(["/a/B", "/a/C"]);
  });
});
