import { once } from "node:events";
import { get, request, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { startAdminServer, type AdminServer, type EventClient } from "#shell";

const servers: AdminServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
});

async function serve(open: (client: EventClient) => boolean) {
  const page = { status: 200, contentType: "text/plain", body: "page", etag: '"1"', headers: { "x-a": "b" } };
  const server = await startAdminServer({
    host: "127.0.0.1",
    port: 0,
    routes: new Map([["/page", { handle: () => page }]]),
    events: new Map([["/events", { open }]]),
  });
  servers.push(server);
  return server;
}

const ask = (port: number, path: string, options: object = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, ...options }, resolve)
      .on("error", reject)
      .end();
  });

/** Reads until the text has come. */
async function readUntil(response: IncomingMessage, text: string): Promise<string> {
  let read = "";
  response.setEncoding("utf8");
  for await (const chunk of response.iterator({ destroyOnReturn: false })) {
    read += chunk as string;
    if (read.includes(text)) break;
  }
  return read;
}

describe("an event route of the admin server", () => {
  it("sends events as they come, and hears when the client goes", async () => {
    const clients: EventClient[] = [];
    const gone = Promise.withResolvers<void>();
    const { port } = await serve((client) => {
      clients.push(client);
      client.onGone(gone.resolve);
      return client.send('{"a":1}');
    });
    const response = await ask(port, "/events?x=1");
    expect(response.headers).toMatchObject({ "content-type": "text/event-stream", "cache-control": "no-store" });
    expect(await readUntil(response, "1}")).toBe('data: {"a":1}\n\n');
    clients[0]!.send("2");
    expect(await readUntil(response, "2")).toBe("data: 2\n\n");
    response.destroy();
    await gone.promise;
    expect(clients[0]!.send("3")).toBe(false);
  });

  it("says when there is no room", async () => {
    const { port } = await serve(() => false);
    const { statusCode, headers } = await ask(port, "/events");
    expect([statusCode, headers["retry-after"]]).toEqual([503, "5"]);
  });

  it("takes GET only", async () => {
    const { port } = await serve(() => true);
    for (const method of ["HEAD", "POST"]) {
      const { statusCode, headers } = await ask(port, "/events", { method });
      expect([statusCode, headers.allow]).toEqual([405, "GET"]);
    }
  });

  it("cuts off a client that does not read", async () => {
    const opened = Promise.withResolvers<EventClient>();
    const gone = Promise.withResolvers<void>();
    const { port } = await serve((client) => {
      client.onGone(gone.resolve);
      opened.resolve(client);
      return client.send("first");
    });
    const asked = get({ host: "127.0.0.1", port, path: "/events" }).on("error", () => undefined);
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    response.pause().on("error", () => undefined);
    const client = await opened.promise;
    const event = "x".repeat(1 << 20);
    let sent = 0;
    while (client.send(event)) expect(++sent).toBeLessThan(100);
    await gone.promise;
  });

  it("ends its streams when the server closes, without waiting for the grace", async () => {
    const server = await serve((client) => client.send("first"));
    const response = await ask(server.port, "/events");
    await readUntil(response, "first");
    const ended = once(response, "end");
    response.resume();
    await server.close(60_000);
    await ended;
  });
});

describe("a route with a version", () => {
  it("answers 304 to who has it, and its own headers to all", async () => {
    const { port } = await serve(() => false);
    const first = await ask(port, "/page");
    expect([first.statusCode, first.headers.etag, first.headers["x-a"]]).toEqual([200, '"1"', "b"]);
    const second = await ask(port, "/page", { headers: { "if-none-match": '"1"' } });
    expect([second.statusCode, second.headers["content-length"]]).toEqual([304, undefined]);
    const other = await ask(port, "/page", { headers: { "if-none-match": '"2"' } });
    expect(other.statusCode).toBe(200);
  });
});
