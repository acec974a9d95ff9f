import { connect } from "node:net";
import { Agent, request } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { jsonReply, ListenError, startAdminServer, type AdminRoute, type AdminServer } from "#shell";

const servers: AdminServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
});

async function serve(routes: Readonly<Record<string, AdminRoute>>, onError?: (path: string, error: Error) => void) {
  const server = await startAdminServer({
    host: "127.0.0.1",
    port: 0,
    routes: new Map(Object.entries(routes)),
    ...(onError && { onError }),
  });
  servers.push(server);
  return server;
}

type Reply = {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
};

const ask = (port: number, path: string, options: { method?: string; agent?: Agent } = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    })
      .on("error", reject)
      .end();
  });

const text = (body: string): AdminRoute => ({ handle: () => ({ status: 200, contentType: "text/plain", body }) });

describe("startAdminServer", () => {
  it("answers by exact path, whole, with type and length", async () => {
    const { port } = await serve({ "/metrics": text("é\n") });
    expect(await ask(port, "/metrics")).toMatchObject({
      status: 200,
      body: "é\n",
      headers: { "content-type": "text/plain", "content-length": "3" },
    });
    for (const path of ["/", "/metrics/", "/metric", "//metrics", "/__proto__"]) {
      expect(await ask(port, path)).toMatchObject({ status: 404, body: '{"error":"not found"}\n' });
    }
  });

  it("hands the query to the route", async () => {
    const { port } = await serve({ "/q": { handle: (query) => jsonReply(200, query.getAll("verdict")) } });
    expect((await ask(port, "/q?verdict=missed&verdict=a%20b")).body).toBe('["missed","a b"]\n');
    expect((await ask(port, "/q")).body).toBe("[]\n");
  });

  it("answers HEAD like GET without the body, and refuses other methods", async () => {
    const { port } = await serve({ "/metrics": text("page") });
    expect(await ask(port, "/metrics", { method: "HEAD" })).toMatchObject({
      status: 200,
      body: "",
      headers: { "content-length": "4" },
    });
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect(await ask(port, "/metrics", { method })).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    }
  });

  it("answers 500 without details when a route throws, and tells the caller", async () => {
    const told: string[] = [];
    const { port } = await serve(
      { "/bad": { handle: () => Promise.reject(new Error("secret path")) } },
      (path, error) => told.push(`${path} ${error.message}`),
    );
    const reply = await ask(port, "/bad");
    expect(reply).toMatchObject({ status: 500, body: '{"error":"internal error"}\n' });
    expect(told).toEqual(["/bad secret path"]);
  });

  it("makes one answer at a time where it is asked to, for all who wait", async () => {
    const gate = Promise.withResolvers<void>();
    let made = 0;
    const page = async () => {
      const number = ++made;
      await gate.promise;
      return { status: 200, contentType: "text/plain", body: `page ${number}` };
    };
    const open: AdminRoute = { handle: () => (gate.resolve(), jsonReply(200, "open")) };
    const { port } = await serve({ "/metrics": { singleFlight: true, handle: page }, "/open": open });
    // Requests on one connection reach their routes in order, before the first is answered.
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
    const answers = await new Promise<string>((resolve) => {
      let received = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(get("/metrics").repeat(3) + get("/open")));
      socket.setEncoding("utf8").on("data", (data: string) => {
        received += data;
        if (!received.includes('"open"')) return;
        resolve(received);
        socket.destroy();
      });
    });
    expect(answers.match(/page \d/g)).toEqual(["page 1", "page 1", "page 1"]);
    expect((await ask(port, "/metrics")).body).toBe("page 2");
  });

  it("refuses headers beyond 8 KiB", async () => {
    const { port } = await serve({ "/metrics": text("page") });
    const status = await new Promise<string>((resolve) => {
      const socket = connect(port, "127.0.0.1", () =>
        socket.write(`GET /metrics HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(9000)}\r\n\r\n`),
      );
      socket.once("data", (data) => resolve(data.toString("latin1").split("\r\n", 1)[0] ?? ""));
      socket.on("error", () => undefined);
    });
    expect(status).toContain(" 431 ");
  });

  it("ends kept connections when it closes", async () => {
    const server = await serve({ "/metrics": text("page") });
    const agent = new Agent({ keepAlive: true });
    await ask(server.port, "/metrics", { agent });
    await server.close();
    await expect(ask(server.port, "/metrics")).rejects.toThrow("ECONNREFUSED");
    agent.destroy();
  });

  it("lets an answer in progress finish when it closes, and keeps its connection no longer", async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const server = await serve({
      "/slow": {
        handle: async () => {
          begun.resolve();
          await gate.promise;
          return { status: 200, contentType: "text/plain", body: "done" };
        },
      },
    });
    const agent = new Agent({ keepAlive: true });
    const reply = ask(server.port, "/slow", { agent });
    await begun.promise;
    const closed = server.close();
    gate.resolve();
    expect(await reply).toMatchObject({ status: 200, body: "done", headers: { connection: "close" } });
    await closed;
    agent.destroy();
  });

  it("says which port cannot be opened", async () => {
    const { port } = await serve({});
    const error: unknown = await startAdminServer({ host: "127.0.0.1", port, routes: new Map() }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(ListenError);
    expect((error as ListenError).message).toContain(`127.0.0.1:${port}`);
  });
});
