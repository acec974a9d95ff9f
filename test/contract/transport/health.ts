import { describe, expect, it } from "@jest/globals";
import protobuf from "protobufjs";
import type { Listen } from "../../../picker/transport/contract.ts";
import { HealthBoard } from "../../../picker/transport/health-board.ts";
import { healthServices } from "../../../picker/transport/health.ts";
import { type ClientCall, dial, open } from "./client.ts";
import { healthProto } from "./health-proto.ts";
import { start } from "./server.ts";

const proto = protobuf.parse(healthProto).root;
const requestType = proto.lookupType("grpc.health.v1.HealthCheckRequest");
const replyType = proto.lookupType("grpc.health.v1.HealthCheckResponse");
const listType = proto.lookupType("grpc.health.v1.HealthListResponse");

const requestFor = (service: string): Buffer => Buffer.from(requestType.encode({ service }).finish());
const statusIn = (message: Buffer | undefined): unknown =>
  replyType.toObject(replyType.decode(message!), { enums: String })["status"];
const statuses = (call: ClientCall): unknown[] => call.messages.map(statusIn);

export function healthContract(listen: Listen): void {
  describe("health", () => {
    it("answers Check for every name, before, in and after service", async () => {
      const board = new HealthBoard(["synced"]);
      const { transport } = await start(listen, { services: healthServices(board) });
      const session = await dial(transport);
      const check = async (service: string): Promise<unknown> => {
        const call = open(session, "/grpc.health.v1.Health/Check");
        expect(await call.finish(requestFor(service))).toMatchObject({ status: 0 });
        return statusIn(call.messages[0]);
      };
      expect(await check("")).toBe("NOT_SERVING");
      expect(await check("liveness")).toBe("SERVING");
      board.set("synced", true);
      const names = [
        "",
        "liveness",
        "readiness",
        "inference-extension",
        "envoy.service.ext_proc.v3.ExternalProcessor",
        "x",
      ];
      expect(await Promise.all(names.map(check))).toEqual(names.map(() => "SERVING"));
      board.drain();
      expect(await Promise.all(names.map(check))).toEqual(
        names.map((name) => (name === "liveness" ? "SERVING" : "NOT_SERVING")),
      );
      expect(await open(session, "/grpc.health.v1.Health/Check").finish(Buffer.from([0xff]))).toMatchObject({
        status: 13,
      });
    });

    it("answers List", async () => {
      const board = new HealthBoard([]);
      const { transport } = await start(listen, { services: healthServices(board) });
      const call = open(await dial(transport), "/grpc.health.v1.Health/List");
      expect(await call.finish(Buffer.alloc(0))).toMatchObject({ status: 0 });
      const list = listType.toObject(listType.decode(call.messages[0]!), { enums: String })["statuses"] as object;
      expect(list).toMatchObject({ "": { status: "SERVING" }, readiness: { status: "SERVING" } });
      expect(Object.keys(list).length).toBe(5);
    });

    it("pushes each change to Watch and forgets a watcher that left", async () => {
      const board = new HealthBoard(["synced"]);
      const { transport } = await start(listen, { services: healthServices(board) });
      const session = await dial(transport);
      const [watch, other] = [
        open(session, "/grpc.health.v1.Health/Watch"),
        open(session, "/grpc.health.v1.Health/Watch"),
      ];
      watch.send(requestFor("readiness"));
      other.send(requestFor("liveness"));
      await Promise.all([watch.received(1), other.received(1)]);
      board.set("synced", true);
      board.set("synced", true);
      await watch.received(2);
      board.drain();
      await watch.received(3);
      expect(statuses(watch)).toEqual(["NOT_SERVING", "SERVING", "NOT_SERVING"]);
      expect(statuses(other)).toEqual(["SERVING"]);
      await transport.drain(60_000);
      expect(await watch.ended).toMatchObject({ status: 14 });
    });
  });
}
