import type { Socket } from "node:net";
import { describe, expect, it } from "@jest/globals";
import type { Listen } from "../../../picker/transport/contract.ts";
import { dial, dialRaw, echo, framed } from "./client.ts";
import { callHeaders, data, preface, reset, settings } from "./raw-frames.ts";
import { type Running, start } from "./server.ts";

export const resetCodes = [
  { code: 0, cause: { kind: "cancelled" } },
  { code: 8, cause: { kind: "cancelled" } },
  { code: 2, cause: { kind: "reset", http2Code: 2 } },
  { code: 7, cause: { kind: "reset", http2Code: 7 } },
] as const;

async function greet({ transport }: Running): Promise<Socket> {
  const socket = await dialRaw(transport);
  socket.resume();
  socket.write(Buffer.concat([preface, settings]));
  return socket;
}

/** Resets of a peer that has not half-closed and never opens its windows: what Envoy does, and worse. */
export function resetContract(listen: Listen): void {
  describe("bare resets", () => {
    it.each(resetCodes)("with $code of an idle call", async ({ code, cause }) => {
      const running = await start(listen);
      const socket = await greet(running);
      socket.write(callHeaders(1, "Hold"));
      const server = await running.recorder.next();
      socket.write(reset(1, code));
      expect(await server.closed.promise).toEqual(cause);
      expect(await echo(await dial(running.transport))).toBe("ping");
      expect(server.closes.length).toBe(1);
      expect(running.transport.openStreams).toBe(0);
    });

    it.each(resetCodes)("with $code within a message", async ({ code, cause }) => {
      const running = await start(listen);
      const socket = await greet(running);
      const parts = framed(Buffer.alloc(100));
      socket.write(Buffer.concat([callHeaders(1, "Hold"), data(1, parts), data(1, parts.subarray(0, 50))]));
      const server = await running.recorder.next();
      await server.received.promise;
      socket.write(reset(1, code));
      expect(await server.closed.promise).toEqual(cause);
      expect(server.messages.length).toBe(1);
    });

    it.each(resetCodes)("with $code of a call whose replies cannot leave", async ({ code, cause }) => {
      const running = await start(listen);
      const socket = await greet(running);
      socket.write(callHeaders(1, "Hold"));
      const server = await running.recorder.next();
      while (server.peer.send([Buffer.alloc(50_000)]));
      socket.write(Buffer.concat([data(1, framed(Buffer.alloc(10))), reset(1, code)]));
      expect(await server.closed.promise).toEqual(cause);
      expect(running.transport.openStreams).toBe(0);
      expect(server.closes.length).toBe(1);
    });

    it.each(resetCodes)(
      "with $code of a call that we ended but whose replies cannot leave",
      async ({ code, cause }) => {
        const running = await start(listen);
        const socket = await greet(running);
        socket.write(callHeaders(1, "Hold"));
        const server = await running.recorder.next();
        while (server.peer.send([Buffer.alloc(50_000)]));
        server.peer.end(0);
        socket.write(reset(1, code));
        expect(await server.closed.promise).toEqual(cause);
        expect(running.transport.openStreams).toBe(0);
      },
    );

    it.each(resetCodes)("with $code in one packet with the opening and a message", async ({ code, cause }) => {
      const running = await start(listen);
      const socket = await greet(running);
      for (let stream = 1; stream < 40; stream += 2) {
        socket.write(
          Buffer.concat([callHeaders(stream, "Echo"), data(stream, framed(Buffer.from("x"))), reset(stream, code)]),
        );
      }
      socket.write(callHeaders(41, "Hold"));
      let last = await running.recorder.next();
      // Calls that were gone before we looked need no handler; those with one are told.
      while (running.recorder.calls.at(-1)!.messages.length > 0) last = await running.recorder.next();
      expect(last.closes).toEqual([]);
      const told = running.recorder.calls.filter((call) => call !== running.recorder.calls.at(-1));
      expect(await Promise.all(told.map((call) => call.closed.promise))).toEqual(told.map(() => cause));
      expect(running.recorder.errors).toEqual([]);
    });

    it("does not mind replies to a call that was reset in the same packet", async () => {
      const running = await start(listen);
      const socket = await greet(running);
      socket.write(callHeaders(1, "Hold"));
      const gone = await running.recorder.next();
      socket.write(callHeaders(3, "Broadcast"));
      const other = await running.recorder.next();
      socket.write(Buffer.concat([reset(1, 8), data(3, framed(Buffer.from("to all")))]));
      await other.received.promise;
      expect(await gone.closed.promise).toEqual({ kind: "cancelled" });
      expect(other.closes).toEqual([]);
      expect(running.recorder.errors).toEqual([]);
    });
  });
}
