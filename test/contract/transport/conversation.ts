import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Listen } from "../../../picker/transport/contract.ts";
import { dial, echo, framed, open } from "./client.ts";
import { start } from "./server.ts";

/** Deterministic bytes that differ at every offset. */
function patterned(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 17 + seed) & 255;
  return bytes;
}

export function conversationContract(listen: Listen): void {
  describe("conversation", () => {
    it.each(["Echo", "EchoParts", "EchoViews"])(
      "%s gives back every message, however the bytes are split",
      async (method) => {
        const { transport } = await start(listen);
        const session = await dial(transport);
        const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 70_000 })), {
          minLength: 1,
          maxLength: 12,
        });
        const cuts = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 8 });
        await fc.assert(
          fc.asyncProperty(lengths, cuts, async (lengths, cuts) => {
            const sent = lengths.map((length, i) => patterned(length, i));
            const call = open(session, method);
            const bytes = Buffer.concat(sent.map(framed));
            for (let at = 0, i = 0; at < bytes.length; i++) {
              const next = at + cuts[i % cuts.length]!;
              call.stream.write(bytes.subarray(at, next));
              at = next;
            }
            const end = await call.finish();
            expect(end).toMatchObject({ httpStatus: 200, status: 0 });
            expect(call.messages.length).toBe(sent.length);
            for (let i = 0; i < sent.length; i++) expect(call.messages[i]!.equals(sent[i]!)).toBe(true);
          }),
          { numRuns: 25 },
        );
      },
    );

    it.each([1, 5, 16_383, 65_536, 1_000_000])("a message of %d bytes comes back whole", async (length) => {
      const { transport } = await start(listen);
      const call = open(await dial(transport), "Echo");
      const message = patterned(length, 3);
      expect(await call.finish(message)).toMatchObject({ status: 0 });
      expect(call.messages.length).toBe(1);
      expect(call.messages[0]!.equals(message)).toBe(true);
    });

    it("keeps many streams of several connections apart", async () => {
      const { transport, recorder } = await start(listen);
      const connections = await Promise.all([dial(transport), dial(transport), dial(transport)]);
      const calls = Array.from({ length: 300 }, (_, i) => open(connections[i % 3]!, "Echo"));
      for (let round = 0; round < 3; round++) {
        for (const [i, call] of calls.entries()) call.send(Buffer.from(`${i}/${round}`));
      }
      await Promise.all(calls.map((call) => call.received(3)));
      expect(transport.openStreams).toBe(300);
      const ends = await Promise.all(calls.map((call) => call.finish()));
      expect(new Set(ends.map((end) => end.status))).toEqual(new Set([0]));
      for (const [i, call] of calls.entries())
        expect(call.messages.map(String)).toEqual([`${i}/0`, `${i}/1`, `${i}/2`]);
      await Promise.all(recorder.calls.map((call) => call.closed.promise));
      expect(transport.openStreams).toBe(0);
    });

    it("replies before the half-close and after it", async () => {
      const { transport, recorder } = await start(listen);
      const call = open(await dial(transport), "Hold");
      const server = await recorder.next();
      server.peer.send([Buffer.from("early")]);
      await call.received(1);
      call.stream.end();
      await server.halfClosed.promise;
      server.peer.send([Buffer.from("late")]);
      server.peer.end(0);
      await call.ended;
      expect(call.messages.map(String)).toEqual(["early", "late"]);
      expect(await server.closed.promise).toEqual({ kind: "ended" });
    });

    it("gives the metadata by lower-case name, and the time-out", async () => {
      const { transport, recorder } = await start(listen);
      const session = await dial(transport);
      open(session, "Hold", { headers: { "X-Some": "thing", "grpc-timeout": "90S" } });
      const { opening } = await recorder.next();
      expect(opening.metadata("x-some")).toBe("thing");
      expect(opening.metadata("x-other")).toBeUndefined();
      expect(opening.timeoutMs).toBe(90_000);
      open(session, "Hold");
      expect((await recorder.next()).opening.timeoutMs).toBeUndefined();
    });

    it("serves unary methods", async () => {
      const { transport } = await start(listen);
      const session = await dial(transport);
      const reverse = open(session, "Reverse");
      expect(await reverse.finish(Buffer.from("abc"))).toMatchObject({ httpStatus: 200, status: 0 });
      expect(reverse.messages.map(String)).toEqual(["cba"]);
      const refuse = open(session, "Refuse");
      expect(await refuse.finish(Buffer.from(""))).toMatchObject({ status: 5, message: "nö: 100%" });
      expect(await open(session, "Reverse").finish()).toMatchObject({ status: 13 });
    });

    it("serves subscriptions until the client leaves", async () => {
      const { transport, recorder } = await start(listen);
      const session = await dial(transport);
      const call = open(session, "Subscribe");
      call.send(Buffer.from("first"));
      call.stream.end();
      await call.received(2);
      expect(call.messages.map(String)).toEqual(["first", "second"]);
      expect(recorder.subscriptions).toBe(1);
      call.stream.close(8);
      await recorder.unsubscribed.promise;
      expect(recorder.subscriptions).toBe(0);
      expect(await open(session, "Subscribe").finish()).toMatchObject({ status: 13 });
    });

    it("answers what is no call of ours without a handler", async () => {
      const { transport, recorder } = await start(listen);
      const session = await dial(transport);
      const endOf = async (method: string, headers: Record<string, string>): Promise<unknown> =>
        open(session, method, { headers }).finish();
      expect(await endOf("Nothing", {})).toMatchObject({ httpStatus: 200, status: 12 });
      expect(await endOf("Echo", { "content-type": "application/json" })).toMatchObject({ httpStatus: 415 });
      expect(await endOf("Echo", { "content-type": "application/grpc-web" })).toMatchObject({ httpStatus: 415 });
      expect(await endOf("Echo", { ":method": "PUT" })).toMatchObject({ httpStatus: 405 });
      expect(await endOf("Echo", { "grpc-encoding": "gzip" })).toMatchObject({ status: 12 });
      expect(await endOf("Echo", { "grpc-timeout": "soon" })).toMatchObject({ status: 13 });
      expect(recorder.calls.length).toBe(0);
      expect(await echo(session)).toBe("ping");
      expect(await endOf("Echo", { "content-type": "application/grpc+proto" })).toMatchObject({ status: 0 });
    });
  });
}
