import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { connect, type IncomingHttpHeaders } from "node:http2";

export type Sent = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | string;
};

export type Got = {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly trailers: IncomingMessage["trailers"];
  readonly body: Buffer;
};

/** A response whose body is still to be read, and the means to leave. */
export type Opened = { readonly response: IncomingMessage; readonly abort: () => void };

/** Sends one request over HTTP/1.1 and resolves with the response headers. */
export function open(
  baseUrl: string,
  { method = "POST", path = "/v1/chat/completions", headers = {}, body }: Sent,
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, baseUrl);
    const agent = new Agent({ keepAlive: false });
    const outgoing = request(url, { method, headers, agent }, (response) => {
      response.on("error", () => undefined);
      resolve({ response, abort: () => outgoing.destroy() });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** The rest of a body; rejects when the connection breaks before its end. */
export function bodyOf(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () => resolve(Buffer.concat(chunks)));
    response.on("error", reject);
  });
}

/** Sends one request over HTTP/1.1 and reads the whole response. */
export async function send(baseUrl: string, sent: Sent): Promise<Got> {
  const { response } = await open(baseUrl, sent);
  const body = await bodyOf(response);
  return { status: response.statusCode ?? 0, headers: response.headers, trailers: response.trailers, body };
}

/** Sends one request over HTTP/2: with prior knowledge, or by ALPN and whatever certificate. */
export function sendHttp2(
  baseUrl: string,
  { method = "POST", path = "/v1/chat/completions", headers = {}, body }: Sent,
): Promise<{
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}> {
  return new Promise((resolve, reject) => {
    const session = connect(baseUrl, { rejectUnauthorized: false });
    session.on("error", reject);
    const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: body === undefined });
    let got: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on("response", (head) => (got = head));
    stream.on("trailers", (end) => (trailers = end));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => {
      session.close();
      resolve({ status: Number(got[":status"]), headers: got, trailers, body: Buffer.concat(chunks) });
    });
    if (body !== undefined) stream.end(body);
  });
}
