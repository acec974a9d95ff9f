import { once } from "node:events";
import { connect } from "node:http2";
import { frameHeader, GrpcFrameReader } from "#grpc";

const statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;

/** Asks grpc.health.v1 of the whole server; undefined where nobody answers. */
export async function checkHealth(port: number): Promise<(typeof statuses)[number] | undefined> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => undefined);
  try {
    const call = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const reader = new GrpcFrameReader(1024);
    call.on("error", () => undefined);
    call.on("data", (chunk: Buffer) => reader.push(chunk));
    call.end(frameHeader(0));
    await once(call, "close");
    // HealthCheckResponse: field 1, a varint; left out when it is 0.
    const message = reader.next();
    return message && statuses[message[1] ?? 0];
  } finally {
    session.destroy();
  }
}
