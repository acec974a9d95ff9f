import { grpcStatus } from "#grpc";
import type { ServerStreamingMethod, Services, UnaryMethod } from "./contract.ts";
import type { HealthBoard } from "./health-board.ts";
import { decodeHealthRequest, encodeHealthList, encodeHealthReply } from "./health-codec.ts";

const malformed = { status: grpcStatus.INTERNAL, message: "malformed HealthCheckRequest" } as const;

/** The grpc.health.v1 service over a board. A malformed Watch request is watched as the empty name. */
export function healthServices(board: HealthBoard): Services {
  return {
    duplex: new Map(),
    unary: new Map<string, UnaryMethod>([
      [
        "/grpc.health.v1.Health/Check",
        (request) => {
          const service = decodeHealthRequest(request);
          return service === undefined ? malformed : encodeHealthReply(board.statusOf(service));
        },
      ],
      ["/grpc.health.v1.Health/List", () => encodeHealthList(board.list())],
    ]),
    serverStreaming: new Map<string, ServerStreamingMethod>([
      [
        "/grpc.health.v1.Health/Watch",
        (request, push) => board.watch(decodeHealthRequest(request) ?? "", (status) => push(encodeHealthReply(status))),
      ],
    ]),
  };
}
