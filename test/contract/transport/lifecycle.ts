import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "@jest/globals";
import type { Listen } from "../../../picker/transport/contract.ts";
import { selfSignedPair } from "../../../src/shell/certificate.ts";
import { dial, dialRaw, echo, open } from "./client.ts";
import { defaultLimits, start } from "./server.ts";

const fingerprint = (socket: unknown): string => (socket as TLSSocket).getPeerCertificate().fingerprint256;

function secured(listen: Listen): void {
  it("speaks TLS, and a new certificate is for new connections only", async () => {
    const [first, second] = [await selfSignedPair(), await selfSignedPair()];
    const { transport } = await start(listen, { tls: first });
    const before = await dial(transport, { ca: first.certificate });
    expect(before.alpnProtocol).toBe("h2");
    expect(fingerprint(before.socket)).toBe(new X509Certificate(first.certificate).fingerprint256);
    transport.setCertificate(second);
    const after = await dial(transport, { ca: second.certificate });
    expect(fingerprint(after.socket)).toBe(new X509Certificate(second.certificate).fingerprint256);
    expect(await echo(before)).toBe("ping");
    expect(await echo(after, "x".repeat(300_000))).toBe("x".repeat(300_000));
    expect(() => transport.setCertificate({ certificate: "none", key: "none" })).toThrow();
    expect(await echo(await dial(transport, { ca: second.certificate }))).toBe("ping");
  });

  it("is not harmed by peers that do not speak TLS", async () => {
    const pair = await selfSignedPair();
    const { transport } = await start(listen, { tls: pair });
    const socket = await dialRaw(transport);
    socket.resume();
    socket.end("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    await once(socket, "close");
    expect(await echo(await dial(transport, { ca: pair.certificate }))).toBe("ping");
  });
}

function draining(listen: Listen): void {
  it("lets open calls finish, takes no new connection, and resolves when they have ended", async () => {
    const { transport, recorder } = await start(listen);
    const [session, idle] = [await dial(transport), await dial(transport)];
    const call = open(session, "Hold");
    const server = await recorder.next();
    const goaway = once(session, "goaway");
    const idleClosed = once(idle, "close");
    const order: string[] = [];
    const drained = transport.drain(60_000).then(() => order.push("drained"));
    await Promise.all([goaway, idleClosed]);
    await expect(dial(transport)).rejects.toThrow("ECONNREFUSED");
    expect(server.closes).toEqual([]);
    void call.ended.then(() => order.push("ended"));
    server.peer.send([Buffer.from("still here")]);
    server.peer.end(0);
    expect(await call.ended).toMatchObject({ status: 0 });
    await drained;
    expect(call.messages.map(String)).toEqual(["still here"]);
    expect(order.toSorted()).toEqual(["drained", "ended"]);
    expect(transport.openStreams).toBe(0);
  });

  it("aborts with UNAVAILABLE what is still open after the grace", async () => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    const reading = open(session, "Hold");
    const server = await recorder.next();
    open(session, "Hold", { reading: false });
    const stalled = await recorder.next();
    while (stalled.peer.send([Buffer.alloc(100_000)]));
    await transport.drain(30);
    expect(server.closes).toMatchObject([{ kind: "aborted", status: 14 }]);
    expect(stalled.closes).toMatchObject([{ kind: "aborted", status: 14 }]);
    expect(await reading.ended).toMatchObject({ status: 14 });
    await transport.close();
    expect([server.closes.length, stalled.closes.length]).toEqual([1, 1]);
  });

  it("does not wait for subscriptions", async () => {
    const { transport, recorder } = await start(listen);
    const call = open(await dial(transport), "Subscribe");
    call.send(Buffer.from("first"));
    await call.received(2);
    await transport.drain(60_000);
    expect(await call.ended).toMatchObject({ status: 14 });
    expect(recorder.subscriptions).toBe(0);
  });

  it("resolves at once without calls, also twice", async () => {
    const { transport } = await start(listen);
    await Promise.all([transport.drain(60_000), transport.drain(60_000)]);
    await transport.drain(60_000);
  });

  it("close ends every call once, also those whose peers do not read", async () => {
    const { transport, recorder } = await start(listen);
    const session = await dial(transport);
    open(session, "Hold");
    const server = await recorder.next();
    open(session, "Hold", { reading: false });
    const stalled = await recorder.next();
    while (stalled.peer.send([Buffer.alloc(100_000)]));
    const drained = transport.drain(60_000);
    await transport.close();
    await drained;
    await transport.close();
    expect([server.closes.length, stalled.closes.length]).toEqual([1, 1]);
    await expect(dial(transport)).rejects.toThrow();
  });
}

export function lifecycleContract(listen: Listen): void {
  describe("life cycle", () => {
    secured(listen);
    draining(listen);

    it("names host and port when it cannot listen", async () => {
      const { transport } = await start(listen);
      const { port } = transport;
      const services = { duplex: new Map(), unary: new Map(), serverStreaming: new Map() };
      const again = listen({ host: "127.0.0.1", port, tls: undefined, ...defaultLimits, services });
      await expect(again).rejects.toThrow(`127.0.0.1:${port}`);
      const tls = { certificate: "none", key: "none" };
      await expect(listen({ host: "127.0.0.1", port: 0, tls, ...defaultLimits, services })).rejects.toThrow(
        "127.0.0.1:0",
      );
    });
  });
}
