import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers one request; the body has been read where it is given. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** A request as the model server got it. */
export type Received = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
};

/** A model server that does what a test says. */
export type ScriptedUpstream = {
  readonly hostPort: string;
  answer: Answer;
  readonly received: Received[];
  /** Resolves when the connection of the n-th request (from 0) is closed, or its response is whole. */
  ended(index: number): Promise<"whole" | "aborted">;
  /** Begins again with request 0. */
  forget(): void;
  close(): Promise<void>;
};

export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const received: Received[] = [];
  const endings: Promise<"whole" | "aborted">[] = [];
  const upstream = { answer: ((_request, response) => response.end()) as Answer };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const { promise, resolve } = Promise.withResolvers<"whole" | "aborted">();
    endings.push(promise);
    response.on("close", () => resolve(response.writableFinished ? "whole" : "aborted"));
    response.on("error", () => undefined);
    request.on("error", () => undefined);
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { method = "", url: path = "", headers, rawHeaders } = request;
      received.push({ method, path, headers, rawHeaders, body });
      upstream.answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(upstream, {
    hostPort: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    ended: (index: number) => endings[index] ?? Promise.reject(new Error(`no request ${index}`)),
    forget: () => {
      received.length = 0;
      endings.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

/** An address on which nothing listens: a port that was free a moment ago. */
export async function deadHostPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `127.0.0.1:${port}`;
}
