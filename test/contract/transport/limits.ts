import { once } from "node:events";
import { describe, expect, it } from "@jest/globals";
import type { Listen } from "../../../picker/transport/contract.ts";
import { dial, dialRaw, echo, framed, open } from "./client.ts";
import { preface, settings } from "./raw-frames.ts";
import { floodBytes, start } from "./server.ts";

/** The client's window for each stream, by the standard. */
const clientWindowBytes = 65_535;

function messageLimits(listen: Listen): void {
  it("takes a message of the limit and refuses one byte more", async () => {
    const { transport, recorder } = await start(listen, { maxMessageBytes: 1000 });
    const session = await dial(transport);
    const good = open(session, "Echo");
    expect(await good.finish(Buffer.alloc(1000))).toMatchObject({ status: 0 });
    const bad = open(session, "Echo");
    bad.send(Buffer.from("fine"), Buffer.alloc(1001));
    expect(await bad.ended).toMatchObject({ status: 8, message: expect.stringContaining("1001") });
    expect(bad.messages.map(String)).toEqual(["fine"]);
    const cause = await recorder.calls[1]!.closed.promise;
    expect(cause).toMatchObject({ kind: "aborted", status: 8 });
    expect(await echo(session)).toBe("ping");
    expect(recorder.calls.map((call) => call.closes.length)).toEqual([1, 1, 1]);
  });

  it.each([
    { name: "a compressed message", bytes: Buffer.from([1, 0, 0, 0, 0]), status: 12 },
    { name: "unknown flags", bytes: Buffer.from([2, 0, 0, 0, 0]), status: 13 },
    { name: "an end within a message", bytes: Buffer.from([0, 0, 0, 0, 9, 1]), status: 13 },
    { name: "an end within a prefix", bytes: Buffer.from([0, 0]), status: 13 },
  ])("$name ends the call with $status", async ({ bytes, status }) => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    const call = open(session, "Echo");
    call.stream.end(bytes);
    expect(await call.ended).toMatchObject({ status });
    expect(await recorder.calls[0]!.closed.promise).toMatchObject({ kind: "aborted", status });
    expect(recorder.calls[0]!.messages).toEqual([]);
    expect(await echo(session)).toBe("ping");
  });

  it("answers ten thousand empty messages", async () => {
    const { transport } = await start(listen);
    const call = open(await dial(transport), "Echo");
    call.stream.end(Buffer.alloc(10_000 * 5));
    expect(await call.ended).toMatchObject({ status: 0 });
    expect(call.messages.length).toBe(10_000);
  });

  it.each([
    { name: "one long entry", headers: { "x-long": "v".repeat(20_000) } },
    {
      name: "many entries",
      headers: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-${i}`, "v".repeat(40)])),
    },
    { name: "a name of a megabyte", headers: { ["x".repeat(1_000_000)]: "v" } },
  ])("refuses metadata of $name before a handler sees it", async ({ headers }) => {
    const { transport, recorder } = await start(listen);
    const kept = await dial(transport);
    const held = open(kept, "Hold");
    const other = await recorder.next();
    const session = await dial(transport, { maxSendHeaderBlockLength: 4_000_000 });
    const end = await open(session, "Echo", { headers }).ended;
    expect(end.status === 8 || end.rstCode !== 0).toBe(true);
    expect(recorder.calls.length).toBe(1);
    expect(await echo(kept)).toBe("ping");
    expect(other.closes).toEqual([]);
    held.stream.close(8);
  });

  it("refuses streams above the limit and takes new ones below it", async () => {
    const { transport, recorder } = await start(listen, { maxConcurrentStreams: 2 });
    // A client that does not wait for our settings learns the limit by a refusal.
    const session = await dial(transport);
    const calls = [open(session, "Hold"), open(session, "Hold"), open(session, "Hold")];
    await Promise.all([recorder.next(), recorder.next()]);
    expect(recorder.calls.length).toBe(2);
    for (const call of calls) call.stream.close(8);
    await Promise.all(recorder.calls.map((call) => call.closed.promise));
    expect(await echo(session)).toBe("ping");
  });
}

function stalledPeers(listen: Listen): void {
  it("holds a bounded number of bytes for peers that do not read, and serves the others", async () => {
    const maxUnsentBytes = 128 * 1024;
    const { transport, recorder } = await start(listen, { maxUnsentBytes });
    const session = await dial(transport);
    const other = await dial(transport);
    const asked = 200;
    const stalled = Array.from({ length: 16 }, () => open(session, "Flood", { reading: false }));
    const questions = Buffer.concat(Array.from({ length: asked }, () => framed(Buffer.alloc(500))));
    for (const call of stalled) call.stream.write(questions);
    const calls = await Promise.all(stalled.map(() => recorder.next()));
    await Promise.all(calls.map((call) => call.received.promise));
    // All questions fit into the stream windows, so they are behind us when these answers come.
    expect(await echo(session)).toBe("ping");
    expect(await echo(other)).toBe("ping");
    const answered = recorder.calls.slice(0, 16).map((call) => call.messages.length);
    const most = (maxUnsentBytes + clientWindowBytes + 2 * floodBytes) / floodBytes;
    expect(Math.min(...answered)).toBeGreaterThan(0);
    expect(Math.max(...answered)).toBeLessThanOrEqual(most);

    const woken = stalled[3]!;
    woken.read();
    expect(await woken.finish()).toMatchObject({ status: 0 });
    expect(woken.messages.length).toBe(asked);
    expect(woken.messages.every((message) => message.length === floodBytes)).toBe(true);
    expect(Math.max(...recorder.calls.slice(4, 16).map((call) => call.messages.length))).toBeLessThanOrEqual(most);
  }, 30_000);

  it("does not tell the half-close before the messages in front of it", async () => {
    const { transport, recorder } = await start(listen, { maxUnsentBytes: 1000 });
    const call = open(await dial(transport), "Flood", { reading: false });
    const half = recorder.next().then(async (server) => {
      await server.halfClosed.promise;
      return server.messages.length;
    });
    call.stream.end(Buffer.alloc(50 * 5));
    call.read();
    expect(await call.ended).toMatchObject({ status: 0 });
    expect(await half).toBe(50);
    expect(call.messages.length).toBe(50);
  });

  it("tells a handler when the peer reads too slowly", async () => {
    const { transport, recorder } = await start(listen, { maxUnsentBytes: 200_000 });
    open(await dial(transport), "Hold", { reading: false });
    const { peer } = await recorder.next();
    expect(peer.send([Buffer.alloc(100_000)])).toBe(true);
    expect(peer.send([Buffer.alloc(200_000)])).toBe(false);
  });
}

function hostilePeers(listen: Listen): void {
  it.each([
    { name: "garbage instead of the preface", bytes: Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(3)) },
    {
      name: "a frame longer than allowed",
      bytes: Buffer.concat([preface, settings, Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])]),
    },
    {
      name: "data on a stream that was never opened",
      bytes: Buffer.concat([preface, settings, Buffer.from([0, 0, 1, 0, 0, 0, 0, 0, 5, 1])]),
    },
    {
      name: "headers that are no HPACK",
      bytes: Buffer.concat([preface, settings, Buffer.from([0, 0, 2, 1, 4, 0, 0, 0, 1, 0xff, 0xff])]),
    },
  ])("closes a connection with $name and leaves the others alone", async ({ bytes }) => {
    const { transport, recorder } = await start(listen);
    const kept = await dial(transport);
    open(kept, "Hold");
    const other = await recorder.next();
    const socket = await dialRaw(transport);
    socket.resume();
    socket.write(bytes);
    await once(socket, "close");
    expect(await echo(kept)).toBe("ping");
    expect(other.closes).toEqual([]);
    expect(recorder.calls.length).toBe(2);
  });

  it("forgets a connection that breaks off within a frame", async () => {
    const { transport } = await start(listen);
    const socket = await dialRaw(transport);
    socket.resume();
    socket.end(Buffer.concat([preface, settings, Buffer.from([0, 1, 0, 1, 4])]));
    await once(socket, "close");
    expect(await echo(await dial(transport))).toBe("ping");
  });
}

export function limitsContract(listen: Listen): void {
  describe("limits", () => {
    messageLimits(listen);
    stalledPeers(listen);
    hostilePeers(listen);
  });
}
