import { once } from "node:events";
import { describe, expect, it } from "@jest/globals";
import type { Listen } from "../../../picker/transport/contract.ts";
import { type ClientCall, dial, dialRaw, echo, framed, open } from "./client.ts";
import { resetCodes } from "./resets.ts";
import { type RecordedCall, start } from "./server.ts";

const cancel = 8;

/** Points of a call at which its peer may go away. Each brings a call of Hold there. */
const points: Readonly<Record<string, (client: ClientCall, server: RecordedCall) => Promise<void>>> = {
  "after opening": async () => undefined,
  "after a message": async (client, server) => {
    client.send(Buffer.from("hello"));
    await server.received.promise;
  },
  "after a reply": async (client, server) => {
    server.peer.send([Buffer.from("reply")]);
    await client.received(1);
  },
  "with replies that cannot leave": async (_client, server) => {
    while (server.peer.send([Buffer.alloc(100_000)]));
  },
  "after the half-close": async (client, server) => {
    client.stream.end();
    await server.halfClosed.promise;
  },
  "after the half-close with replies that cannot leave": async (client, server) => {
    client.stream.end();
    await server.halfClosed.promise;
    while (server.peer.send([Buffer.alloc(100_000)]));
  },
  "after our end that cannot leave": async (_client, server) => {
    while (server.peer.send([Buffer.alloc(100_000)]));
    server.peer.end(0);
  },
};

const cases = Object.entries(points).flatMap(([point, reach]) =>
  resetCodes.map(({ code, cause }) => ({ point, reach, code, cause })),
);

function endedByThePeer(listen: Listen): void {
  it.each(cases)("a reset with $code $point closes the call once", async ({ point, reach, code, cause }) => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    const client = open(session, "Hold", { reading: !point.includes("cannot leave") });
    const server = await recorder.next();
    await reach(client, server);
    client.stream.close(code);
    expect(await server.closed.promise).toEqual(cause);
    expect(server.peer.send([Buffer.from("too late")])).toBe(false);
    server.peer.end(0);
    expect(await echo(session)).toBe("ping");
    expect(server.closes.length).toBe(1);
    expect(transport.openStreams).toBe(0);
  });

  it.each(resetCodes)("a reset with $code within a message closes the call once", async ({ code }) => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    const client = open(session, "Hold");
    const server = await recorder.next();
    client.stream.write(framed(Buffer.alloc(100)).subarray(0, 50));
    client.stream.close(code);
    // Node's client half-closes before it resets, which is an end within a message.
    expect((await server.closed.promise).kind).not.toBe("ended");
    expect(await echo(session)).toBe("ping");
    expect(server.closes.length).toBe(1);
  });

  it("a lost connection closes each of its calls once and no other", async () => {
    const { transport, recorder } = await start(listen);
    const socket = await dialRaw(transport);
    const lost = await dial(transport, { createConnection: () => socket });
    const kept = await dial(transport);
    open(lost, "Hold");
    const paused = await recorder.next();
    while (paused.peer.send([Buffer.alloc(100_000)]));
    open(lost, "Hold");
    const idle = await recorder.next();
    open(kept, "Hold");
    const other = await recorder.next();
    socket.destroy();
    expect(await idle.closed.promise).toEqual({ kind: "connection-lost" });
    expect(await paused.closed.promise).toEqual({ kind: "connection-lost" });
    expect(await echo(kept)).toBe("ping");
    expect(other.closes).toEqual([]);
    expect([idle.closes.length, paused.closes.length]).toEqual([1, 1]);
  });

  it("survives a connection on which every call is cancelled, as Envoy does", async () => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    for (let i = 0; i < 3000; i++) {
      const call = open(session, "Echo");
      call.send(Buffer.from("x"));
      await call.received(1);
      call.stream.close(cancel);
    }
    expect(await echo(session)).toBe("ping");
    expect(recorder.calls.length).toBe(3001);
    expect(recorder.calls.slice(0, 3000).every((call) => call.closes[0]?.kind === "cancelled")).toBe(true);
  }, 60_000);
}

function endedByUs(listen: Listen): void {
  it.each([
    { name: "without a reply", replies: 0 },
    { name: "after replies", replies: 3 },
  ])("our end reaches a peer that has not half-closed, $name", async ({ replies }) => {
    const { transport, recorder } = await start(listen);
    const client = open(await dial(transport), "Hold");
    const server = await recorder.next();
    for (let i = 0; i < replies; i++) server.peer.send([Buffer.from(`${i}`)]);
    server.peer.end(9, "no: 50% ü\n");
    server.peer.end(0);
    expect(server.peer.send([Buffer.from("x")])).toBe(false);
    expect(await client.ended).toMatchObject({ httpStatus: 200, status: 9, message: "no: 50% ü\n", rstCode: 0 });
    expect(client.messages.length).toBe(replies);
    expect(await server.closed.promise).toEqual({ kind: "ended" });
    expect(server.closes.length).toBe(1);
  });

  it("an end behind many replies leaves after them", async () => {
    const { transport, recorder } = await start(listen);
    const client = open(await dial(transport), "Hold", { reading: false });
    const server = await recorder.next();
    for (let i = 0; i < 20; i++) server.peer.send([Buffer.alloc(50_000, i)]);
    server.peer.end(0);
    client.read();
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(client.messages.map((message) => [message.length, message[0]])).toEqual(
      Array.from({ length: 20 }, (_, i) => [50_000, i]),
    );
  });

  it.each(["accept", "message", "half-close"])("a handler that throws in %s ends its own call only", async (place) => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    open(session, "Hold");
    const other = await recorder.next();
    const end = await open(session, "Throw", { headers: { "x-throw-in": place } }).finish(Buffer.from("x"));
    expect(end).toMatchObject({ status: 13 });
    expect(end.message).not.toContain("secret");
    expect(recorder.errors.map((error) => error.message)).toEqual([`secret of ${place}`]);
    expect(await echo(session)).toBe("ping");
    expect(other.closes).toEqual([]);
  });

  it("a handler that throws in close harms nobody", async () => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    const call = open(session, "Throw", { headers: { "x-throw-in": "close" } });
    await once(session, "remoteSettings");
    expect(await echo(session)).toBe("ping");
    call.stream.close(cancel);
    expect(await echo(session)).toBe("ping");
    expect(recorder.errors.map((error) => error.message)).toEqual(["secret of close"]);
  });
}

function endedByTime(listen: Listen): void {
  it("a deadline ends the call with DEADLINE_EXCEEDED", async () => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    const client = open(session, "Hold", { headers: { "grpc-timeout": "20m" } });
    const server = await recorder.next();
    expect(await server.closed.promise).toEqual({ kind: "deadline" });
    expect(await client.ended).toMatchObject({ status: 4 });
    server.peer.end(0);
    expect(await echo(session)).toBe("ping");
    expect(server.closes.length).toBe(1);
  });

  it("a deadline ends a call whose peer does not read", async () => {
    const { transport, recorder } = await start(listen);
    const client = open(await dial(transport), "Choke", { headers: { "grpc-timeout": "20m" }, reading: false });
    const server = await recorder.next();
    expect(await server.closed.promise).toEqual({ kind: "deadline" });
    client.read();
    expect(await client.ended).toMatchObject({ rstCode: cancel });
    expect(server.closes.length).toBe(1);
  });
}

export function endingContract(listen: Listen): void {
  describe("ending", () => {
    endedByThePeer(listen);
    endedByUs(listen);
    endedByTime(listen);
  });
}
