import { afterEach } from "@jest/globals";
import type {
  CloseCause,
  Listen,
  Services,
  StreamAcceptor,
  StreamOpening,
  StreamPeer,
  ServerStreamingMethod,
  Transport,
  TransportOptions,
  UnaryMethod,
} from "../../../picker/transport/contract.ts";

/** What the handler of one call saw. */
export class RecordedCall {
  readonly peer: StreamPeer;
  readonly opening: StreamOpening;
  readonly messages: Buffer[] = [];
  readonly closes: CloseCause[] = [];
  readonly halfClosed = Promise.withResolvers<void>();
  readonly closed = Promise.withResolvers<CloseCause>();
  readonly received = Promise.withResolvers<void>();
  constructor(peer: StreamPeer, opening: StreamOpening) {
    this.peer = peer;
    this.opening = opening;
  }
}

/** Bytes of each reply of `/test.Service/Flood`. */
export const floodBytes = 64 * 1024;

/** The services under test, with what their handlers saw. */
export class Recorder {
  readonly calls: RecordedCall[] = [];
  readonly errors: Error[] = [];
  #waiting: PromiseWithResolvers<RecordedCall>[] = [];
  #unclaimed: RecordedCall[] = [];

  /** The next call that opens, each given out once. */
  async next(): Promise<RecordedCall> {
    const call = this.#unclaimed.shift();
    if (call !== undefined) return call;
    const waiter = Promise.withResolvers<RecordedCall>();
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  readonly services: Services = {
    duplex: new Map<string, StreamAcceptor>([
      ["/test.Service/Echo", this.#recording((call, message) => void call.peer.send([Buffer.from(message)]))],
      // Several buffers in one message, some of them empty.
      [
        "/test.Service/EchoParts",
        this.#recording((call, message) => {
          const copy = Buffer.from(message);
          const cut = copy.length >> 1;
          call.peer.send([copy.subarray(0, cut), Buffer.alloc(0), copy.subarray(cut)]);
        }),
      ],
      ["/test.Service/Flood", this.#recording((call) => void call.peer.send([Buffer.alloc(floodBytes, 7)]))],
      ["/test.Service/Hold", this.#recording(() => undefined, false)],
      // Views of the message itself.
      [
        "/test.Service/EchoViews",
        this.#recording((call, message) => void call.peer.send([message.subarray(0, 3), message.subarray(3)])),
      ],
      [
        "/test.Service/Broadcast",
        this.#recording((_call, message) => {
          for (const call of this.calls) call.peer.send([Buffer.from(message)]);
        }),
      ],
      // More than its peer will take, before the peer says anything.
      [
        "/test.Service/Choke",
        this.#recording(
          () => undefined,
          false,
          (peer) => {
            while (peer.send([Buffer.alloc(floodBytes)]));
          },
        ),
      ],
      ["/test.Service/Throw", throwing],
    ]),
    unary: new Map<string, UnaryMethod>([
      ["/test.Service/Reverse", (request) => Buffer.from(request.toReversed())],
      ["/test.Service/Refuse", () => ({ status: 5, message: "nö: 100%" })],
    ]),
    serverStreaming: new Map<string, ServerStreamingMethod>([
      [
        "/test.Service/Subscribe",
        (request, push) => {
          this.subscriptions++;
          push(Buffer.from(request));
          push(Buffer.from("second"));
          return () => {
            this.subscriptions--;
            this.unsubscribed.resolve();
          };
        },
      ],
    ]),
  };
  subscriptions = 0;
  readonly unsubscribed = Promise.withResolvers<void>();

  #recording(
    onMessage: (call: RecordedCall, message: Buffer) => void,
    endsOnHalfClose = true,
    onOpen: (peer: StreamPeer) => void = () => undefined,
  ): StreamAcceptor {
    return (peer, opening) => {
      const call = new RecordedCall(peer, opening);
      this.calls.push(call);
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#unclaimed.push(call);
      else waiter.resolve(call);
      onOpen(peer);
      return {
        onMessage(message) {
          call.messages.push(Buffer.from(message));
          call.received.resolve();
          onMessage(call, message);
        },
        onHalfClose() {
          call.halfClosed.resolve();
          if (endsOnHalfClose) peer.end(0);
        },
        onClose(cause) {
          call.closes.push(cause);
          call.closed.resolve(cause);
        },
      };
    };
  }
}

const throwing: StreamAcceptor = (_peer, opening) => {
  const place = opening.metadata("x-throw-in");
  const throwIn = (here: string) => (): void => {
    if (place === here) throw new Error(`secret of ${here}`);
  };
  throwIn("accept")();
  return { onMessage: throwIn("message"), onHalfClose: throwIn("half-close"), onClose: throwIn("close") };
};

export const defaultLimits = {
  maxMessageBytes: 2 * 1024 * 1024,
  maxMetadataBytes: 16 * 1024,
  maxUnsentBytes: 256 * 1024,
  maxConcurrentStreams: 10_000,
} as const;

/** A transport under test with its recorder; closed after the test. */
export type Running = { readonly transport: Transport; readonly recorder: Recorder };

const running: Transport[] = [];

/** Closes after each test what it started. */
export function closeAfterEach(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((transport) => transport.close()));
  });
}

export async function start(listen: Listen, options: Partial<TransportOptions> = {}): Promise<Running> {
  const recorder = new Recorder();
  const transport = await listen({
    host: "127.0.0.1",
    port: 0,
    tls: undefined,
    ...defaultLimits,
    services: recorder.services,
    onError: (error) => recorder.errors.push(error),
    ...options,
  });
  running.push(transport);
  return { transport, recorder };
}
