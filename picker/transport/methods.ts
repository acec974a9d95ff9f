import { grpcStatus } from "#grpc";
import type { ServerStreamingMethod, Services, StreamAcceptor, UnaryMethod } from "./contract.ts";

/** A method as a transport runs it. A subscription never ends by itself, so a drain must end it. */
export type Method = { readonly accept: StreamAcceptor; readonly subscription: boolean };

const ignore = (): void => undefined;
const noRequest = "the call ended without a request message";

function acceptUnary(method: UnaryMethod): StreamAcceptor {
  return (peer) => ({
    onMessage(message) {
      const reply = method(message);
      if (Buffer.isBuffer(reply)) {
        peer.send([reply]);
        peer.end(grpcStatus.OK);
      } else {
        peer.end(reply.status, reply.message);
      }
    },
    onHalfClose: () => peer.end(grpcStatus.INTERNAL, noRequest),
    onClose: ignore,
  });
}

function acceptServerStreaming(method: ServerStreamingMethod): StreamAcceptor {
  return (peer) => {
    let stop: (() => void) | undefined;
    return {
      onMessage(request) {
        if (stop !== undefined) return peer.end(grpcStatus.INTERNAL, "a second request message");
        stop = ignore;
        stop = method(request, (message) => {
          if (!peer.send([message])) peer.end(grpcStatus.RESOURCE_EXHAUSTED, "the subscriber reads too slowly");
        });
      },
      onHalfClose() {
        if (stop === undefined) peer.end(grpcStatus.INTERNAL, noRequest);
      },
      onClose: () => stop?.(),
    };
  };
}

/** Every method of the services by its full path. A path served twice is a bug. */
export function methodsOf(services: Services): ReadonlyMap<string, Method> {
  const methods = new Map<string, Method>();
  const add = (path: string, accept: StreamAcceptor, subscription: boolean): void => {
    if (methods.has(path)) throw new Error(`two methods are served as ${path}`);
    methods.set(path, { accept, subscription });
  };
  for (const [path, accept] of services.duplex) add(path, accept, false);
  for (const [path, method] of services.unary) add(path, acceptUnary(method), false);
  for (const [path, method] of services.serverStreaming) add(path, acceptServerStreaming(method), true);
  return methods;
}

/** The services of several sources as one, to be served on one port. */
export function mergeServices(all: readonly Services[]): Services {
  return {
    duplex: new Map(all.flatMap((services) => [...services.duplex])),
    unary: new Map(all.flatMap((services) => [...services.unary])),
    serverStreaming: new Map(all.flatMap((services) => [...services.serverStreaming])),
  };
}
