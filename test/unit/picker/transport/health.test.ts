import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import protobuf from "protobufjs";
import { HealthBoard } from "../../../../picker/transport/health-board.ts";
import { decodeHealthRequest, encodeHealthList, encodeHealthReply } from "../../../../picker/transport/health-codec.ts";
import { healthProto } from "../../../contract/transport/health-proto.ts";

const proto = protobuf.parse(healthProto).root;
const requestType = proto.lookupType("grpc.health.v1.HealthCheckRequest");
const replyType = proto.lookupType("grpc.health.v1.HealthCheckResponse");
const listType = proto.lookupType("grpc.health.v1.HealthListResponse");

describe("HealthBoard", () => {
  it("serves once all conditions hold, and never after a drain began", () => {
    const board = new HealthBoard(["synced", "warm"]);
    const seen = (): unknown => [board.statusOf(""), board.statusOf("any name"), board.statusOf("liveness")];
    expect(seen()).toEqual([2, 2, 1]);
    board.set("synced", true);
    expect(board.unmet).toEqual(["warm"]);
    expect(seen()).toEqual([2, 2, 1]);
    board.set("warm", true);
    expect(seen()).toEqual([1, 1, 1]);
    board.set("synced", false);
    expect(seen()).toEqual([2, 2, 1]);
    board.set("synced", true);
    board.drain();
    board.set("synced", true);
    expect(seen()).toEqual([2, 2, 1]);
    expect(board.draining).toBe(true);
  });

  it("tells a watcher the status now and each change of it, until it leaves", () => {
    const board = new HealthBoard(["synced", "warm"]);
    const told: number[] = [];
    const leave = board.watch("readiness", (status) => told.push(status));
    board.set("synced", true);
    board.set("warm", true);
    board.set("warm", true);
    board.set("warm", false);
    board.set("warm", true);
    leave();
    board.drain();
    expect(told).toEqual([2, 1, 2, 1]);
  });
});

describe("health wire form", () => {
  it("reads what protobufjs writes", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (service) => {
        expect(decodeHealthRequest(Buffer.from(requestType.encode({ service }).finish()))).toBe(service);
      }),
    );
  });

  it.each([
    { name: "nothing", bytes: [], service: "" },
    {
      name: "unknown fields of each wire type",
      bytes: [16, 150, 1, 25, 1, 2, 3, 4, 5, 6, 7, 8, 34, 1, 9, 45, 1, 2, 3, 4, 10, 1, 97],
      service: "a",
    },
    { name: "the last of two values", bytes: [10, 1, 97, 10, 1, 98], service: "b" },
    { name: "field 1 of another wire type", bytes: [8, 1], service: "" },
    { name: "a length beyond the end", bytes: [10, 5, 97], service: undefined },
    { name: "a cut tag", bytes: [128], service: undefined },
    { name: "an endless varint", bytes: Array.from({ length: 12 }, () => 255), service: undefined },
    { name: "field number 0", bytes: [2, 0], service: undefined },
    { name: "a group", bytes: [11, 12], service: undefined },
    { name: "a cut fixed64", bytes: [17, 1, 2], service: undefined },
  ])("$name", ({ bytes, service }) => expect(decodeHealthRequest(Buffer.from(bytes))).toBe(service));

  it("never fails on any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodeHealthRequest(Buffer.from(bytes))));
  });

  it("writes what protobufjs reads", () => {
    expect(replyType.toObject(replyType.decode(encodeHealthReply(2)), { enums: String })).toEqual({
      status: "NOT_SERVING",
    });
    const board = new HealthBoard(["synced"]);
    const list = listType.toObject(listType.decode(encodeHealthList(board.list())), { enums: String })["statuses"];
    const not = { status: "NOT_SERVING" };
    expect(list).toEqual({
      "": not,
      liveness: { status: "SERVING" },
      readiness: not,
      "inference-extension": not,
      "envoy.service.ext_proc.v3.ExternalProcessor": not,
    });
  });
});
