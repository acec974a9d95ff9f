/** Hostile bytes on every port: what is no HTTP/2, no TLS, or no HTTP at all. */
import { connect } from "node:net";
import { data, preface, settings } from "../../../contract/transport/raw-frames.ts";
import {
  oneOf,
  randomBytes,
  wholeNumber,
  withConnection,
  answerOf,
  type Answer,
  type HostileInput,
  type Target,
} from "./input.ts";
import { RawStream } from "../../../support/extproc-raw-client.ts";

/**
 * Writes bytes and, unless it waits for an answer, half-closes, for which Node's HTTP/1.1 server drops an answer that is not
 * ready. The connection must then be closed from the other side, with whatever it said before.
 */
const sendBytes = (port: number, bytes: Buffer, waits = false): Promise<Buffer> =>
  new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => (waits ? socket.write(bytes) : socket.end(bytes)));
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(received)));
  });

type PortOf = Exclude<keyof Target, "shared">;

const closes =
  (port: PortOf | readonly PortOf[], bytes: (random: () => number) => Buffer): HostileInput["play"] =>
  async (target, random) => {
    await sendBytes(target[typeof port === "string" ? port : oneOf(random, port)], bytes(random));
    return { kind: "closed", code: 0 };
  };

/** The status of the last HTTP/1.1 answer to these bytes. */
const asksHttp =
  (request: (random: () => number) => string | Buffer): HostileInput["play"] =>
  async ({ metricsPort }, random): Promise<Answer> => {
    const text = (await sendBytes(metricsPort, Buffer.from(request(random) as string), true)).toString("latin1");
    const status = text
      .match(/HTTP\/1\.1 (\d{3})/g)
      ?.at(-1)
      ?.slice(-3);
    return status === undefined ? { kind: "closed", code: 0 } : { kind: "http", status: Number(status) };
  };

function frame(type: number, flags: number, stream: number, payload: Buffer, length = payload.length): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

const begun = (...frames: readonly Buffer[]): Buffer => Buffer.concat([preface, settings, ...frames]);
const four = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const times = (count: number, make: (i: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => make(i)));

const grpcPorts = ["grpcPort", "healthPort"] as const;
const get = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}connection: close\r\n\r\n`;
const healthPath = "/grpc.health.v1.Health/Check";

const brokenFrames: readonly (readonly [name: string, bytes: (random: () => number) => Buffer])[] = [
  ["data on no stream", () => begun(data(0, Buffer.alloc(9)))],
  ["data on a stream that was never opened", () => begun(data(77, Buffer.alloc(9)))],
  ["headers that are no HPACK", (random) => begun(frame(1, 4, 1, randomBytes(random, 60)))],
  [
    "a frame longer than frames may be",
    (random) => begun(frame(wholeNumber(random, 10), 0, 1, Buffer.alloc(20_000), 0xff_ff_ff)),
  ],
  ["a window that grows by nothing", () => begun(frame(8, 0, 0, four(0)))],
  ["a window beyond 2^31", () => begun(frame(8, 0, 0, four(0x7f_ff_ff_ff)), frame(8, 0, 0, four(0x7f_ff_ff_ff)))],
  ["settings that do not exist", (random) => begun(frame(4, 0, 0, randomBytes(random, 60)))],
  ["settings of an odd length", () => begun(frame(4, 0, 0, Buffer.alloc(7)))],
  ["2,000 settings", () => begun(times(2000, () => settings))],
  ["5,000 pings", () => begun(times(5000, (i) => frame(6, 0, 0, Buffer.concat([four(i), four(i)]))))],
  [
    "continuations without an end",
    () =>
      begun(
        frame(1, 0, 1, Buffer.from([0x82])),
        times(3000, () => frame(9, 0, 1, Buffer.alloc(100, 0x82))),
      ),
  ],
  ["a stream that depends on itself", () => begun(frame(2, 0, 1, Buffer.concat([four(1), Buffer.from([1])])))],
  ["a push from a client", () => begun(frame(5, 4, 1, Buffer.concat([four(2), Buffer.from([0x82])])))],
  [
    "frames of random bytes",
    (random) =>
      begun(
        ...Array.from({ length: 30 }, () =>
          frame(
            wholeNumber(random, 16),
            wholeNumber(random, 256),
            wholeNumber(random, 6),
            randomBytes(random, wholeNumber(random, 40)),
          ),
        ),
      ),
  ],
];

export const hostileSockets: readonly HostileInput[] = [
  ...brokenFrames.map(([name, bytes]): HostileInput => ({ name, play: closes(grpcPorts, bytes), allowed: ["closed"] })),
  {
    name: "random bytes instead of a preface",
    play: closes(["grpcPort", "healthPort", "tlsPort", "metricsPort"], (random) =>
      randomBytes(random, 1 + wholeNumber(random, 3000)),
    ),
    allowed: ["closed"],
  },
  {
    name: "half a preface",
    play: closes(grpcPorts, (random) => preface.subarray(0, 1 + wholeNumber(random, preface.length - 1))),
    allowed: ["closed"],
  },
  {
    name: "nothing at all",
    play: closes(["grpcPort", "healthPort", "tlsPort", "metricsPort"], () => Buffer.alloc(0)),
    allowed: ["closed"],
  },
  { name: "HTTP/1.1 on a gRPC port", play: closes(grpcPorts, () => Buffer.from(get("/"))), allowed: ["closed"] },
  { name: "plaintext on the TLS port", play: closes("tlsPort", () => begun()), allowed: ["closed"] },
  {
    name: "a TLS record that is none",
    play: closes("tlsPort", (random) => Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0]), randomBytes(random, 512)])),
    allowed: ["closed"],
  },
  {
    name: "a health request of random bytes",
    play: ({ healthPort }, random) =>
      withConnection(healthPort, (session) =>
        answerOf(new RawStream(session, { ":path": healthPath }).write(randomBytes(random, 30)).halfClose()),
      ),
    allowed: ["grpc 3", "grpc 5", "grpc 8", "grpc 12", "grpc 13"],
  },
  {
    name: "a health request of nothing",
    play: ({ healthPort }) =>
      withConnection(healthPort, (session) => answerOf(new RawStream(session, { ":path": healthPath }).halfClose())),
    allowed: ["grpc 13"],
  },
  {
    name: "ext-proc on the health port",
    play: ({ healthPort }) => withConnection(healthPort, (session) => answerOf(new RawStream(session).halfClose())),
    allowed: ["grpc 12"],
  },
  {
    name: "pages that do not exist",
    play: asksHttp((random) =>
      get(
        oneOf(random, [
          "/index.html",
          "/metrics/",
          "/../../etc/passwd",
          "//metrics",
          "/debug",
          "/%00",
          "/debug/requests%3f",
        ]),
      ),
    ),
    allowed: ["http 404"],
  },
  {
    name: "queries that are none",
    play: asksHttp((random) =>
      get(
        `/debug/requests?${oneOf(random, ["limit=-1", "limit=1e9", "limit=x", "verdict=%3Cscript%3E", "limit=5001", "verdict="])}`,
      ),
    ),
    allowed: ["http 400"],
  },
  {
    name: "methods that are not allowed",
    play: asksHttp((random) => get("/metrics").replace("GET", oneOf(random, ["POST", "DELETE", "TRACE"]))),
    allowed: ["http 405"],
  },
  { name: "a path of 20 kB", play: asksHttp(() => get(`/${"x".repeat(20_000)}`)), allowed: ["http 431"] },
  {
    name: "HTTP that contradicts itself",
    play: asksHttp((random) =>
      get(
        "/metrics",
        oneOf(random, [
          "content-length: 5\r\ntransfer-encoding: chunked\r\n",
          "a\0b: c\r\n",
          " folded\r\n",
          "content-length: -1\r\n",
        ]),
      ),
    ),
    allowed: ["http 400"],
  },
  {
    name: "an Accept header that is none",
    play: asksHttp((random) =>
      get(
        "/metrics",
        `accept: ${oneOf(random, [";;;", ",".repeat(5000), "application/openmetrics-text;q=x", "*".repeat(5000)])}\r\n`,
      ),
    ),
    allowed: ["http 200"],
  },
];
