/** A collector in this process: takes OTLP traces over HTTP, decodes the protobuf itself, keeps what came. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import protobuf from "protobufjs";
import { z } from "zod";

const attribute = z.object({
  key: z.string(),
  value: z.object({
    stringValue: z.string().optional(),
    boolValue: z.boolean().optional(),
    intValue: z.string().transform(Number).optional(),
    doubleValue: z.number().optional(),
  }),
});
const attributes = z
  .array(attribute)
  .default([])
  .transform((list) =>
    Object.fromEntries(
      list.map(({ key, value: { stringValue, boolValue, intValue, doubleValue } }) => [
        key,
        stringValue ?? boolValue ?? intValue ?? doubleValue,
      ]),
    ),
  );
const hex = z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString("hex"));
const milliseconds = z.string().transform((nanoseconds) => Number(BigInt(nanoseconds) / 1000n) / 1000);
const span = z.object({
  traceId: hex,
  spanId: hex,
  parentSpanId: hex.optional(),
  traceState: z.string().optional(),
  name: z.string(),
  kind: z.string(),
  startTimeUnixNano: milliseconds,
  endTimeUnixNano: milliseconds,
  attributes,
  events: z.array(z.object({ timeUnixNano: milliseconds, name: z.string(), attributes })).default([]),
  status: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
});
const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(span) })),
    }),
  ),
});

/** A span as it arrived; instants are Unix milliseconds. */
export type ReceivedSpan = z.infer<typeof span>;

export type OtlpReceiver = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: ReceivedSpan[];
  /** Resource attributes of each request. */
  readonly resources: Readonly<Record<string, unknown>>[];
  /** Every byte that arrived, as text. */
  readonly text: () => string;
  /** What it answers; 200 unless set. */
  status: number;
  stop(): Promise<void>;
};

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const root = await protobuf.load(join(import.meta.dirname, "otlp.proto"));
  const message = root.lookupType("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest");
  const bodies: Buffer[] = [];
  const received = { status: 200, spans: [] as ReceivedSpan[], resources: [] as Readonly<Record<string, unknown>>[] };
  const take = (body: Buffer): void => {
    bodies.push(body);
    const { resourceSpans } = request.parse(message.toObject(message.decode(body), { enums: String, longs: String }));
    for (const { resource, scopeSpans } of resourceSpans) {
      received.resources.push(resource.attributes);
      for (const { spans } of scopeSpans) received.spans.push(...spans);
    }
  };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const isTraces = incoming.url === "/v1/traces" && incoming.headers["content-type"] === "application/x-protobuf";
      if (isTraces && received.status === 200) take(Buffer.concat(chunks));
      response.writeHead(isTraces ? received.status : 404, { "content-type": "application/x-protobuf" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(received, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => bodies.map((body) => body.toString("latin1")).join("\n"),
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
