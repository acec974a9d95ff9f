import { once } from "node:events";
import { connect } from "node:http2";
import { frameHeader, GrpcFrameReader } from "#grpc";
import type { Milliseconds } from "#units";

/** HealthCheckResponse.ServingStatus by number. Source: grpc/health/v1/health.proto. */
const statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;
const timeoutMs: Milliseconds = 3000;
const longestReply = 1024;

/** Asks grpc.health.v1 of the whole server, in plaintext; undefined where nobody answers in time. */
export async function askHealth(host: string, port: number): Promise<(typeof statuses)[number] | undefined> {
  const session = connect(`http://${host.includes(":") ? `[${host}]` : host}:${port}`);
  session.on("error", () => undefined);
  try {
    const call = session.request(
      {
        ":method": "POST",
        ":path": "/grpc.health.v1.Health/Check",
        "content-type": "application/grpc",
        te: "trailers",
      },
      { signal: AbortSignal.timeout(timeoutMs) },
    );
    const reader = new GrpcFrameReader(longestReply);
    call.on("error", () => undefined);
    call.on("data", (chunk: Buffer) => reader.push(chunk));
    call.end(frameHeader(0));
    await once(call, "close");
    const message = reader.next();
    // Field 1, a varint; left out when it is 0.
    return message && statuses[message[1] ?? 0];
  } finally {
    session.destroy();
  }
}
