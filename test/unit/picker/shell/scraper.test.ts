import { createServer as createTlsServer } from "node:https";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { selfSignedPair } from "#shell";
import { engineSelector } from "../../../../picker/state/engine-config.ts";
import {
  startScraper,
  type Scraper,
  type ScraperOptions,
  type ScrapeTarget,
} from "../../../../picker/shell/scraper.ts";
import { ManualTime } from "../../src/shell/manual-timers.ts";

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));
  return (server.address() as AddressInfo).port;
}
const serve = (handler: Handler): Promise<number> => listen(createServer(handler));

const page = (waiting: number): string => `vllm:num_requests_waiting{model_name="m"} ${waiting}\n`;
const answers: Handler = (_request, response) => response.end(page(1));

const target = (id: string, port: number, labels: ScrapeTarget["labels"] = {}): ScrapeTarget => ({
  id,
  address: "127.0.0.1",
  port,
  hostPort: `127.0.0.1:${port}`,
  labels,
});

/** Reports in order, as `id value` or `id reason`; `next` waits for the next one. */
function harness(own: Partial<ScraperOptions> = {}) {
  const time = new ManualTime();
  const reports: string[] = [];
  let taken = 0;
  let wake = (): void => undefined;
  const report = (text: string): void => {
    reports.push(text);
    wake();
  };
  const next = async (): Promise<string> => {
    while (reports.length <= taken) await new Promise<void>((resolve) => (wake = resolve));
    return reports[taken++]!;
  };
  const scraper: Scraper = startScraper({
    source: { scheme: "http", path: "/metrics", insecureSkipVerify: true },
    engineOf: engineSelector({ engineLabelKey: "engine", defaultEngine: "vllm", engineConfigs: [] }),
    clock: time,
    timers: time,
    random: () => 0.5,
    intervalMs: 200,
    onMetrics: ({ id }, { waitingRequests, observedAtMs }) => report(`${id} ${waitingRequests} at ${observedAtMs}`),
    onFailure: ({ id }, reason) => report(`${id} ${reason}`),
    ...own,
  });
  cleanups.push(() => scraper.stop());
  return { time, scraper, next, reports };
}

describe("startScraper", () => {
  it("scrapes a target at once within its interval and then every interval, over one connection", async () => {
    let waiting = 0;
    const sockets = new Set<unknown>();
    const port = await serve(({ socket, url, method }, response) => {
      sockets.add(socket);
      response.end(url === "/metrics" && method === "GET" ? page(++waiting) : "");
    });
    const { time, scraper, next } = harness();
    scraper.setTargets([target("a", port)]);
    time.advance(99);
    expect(waiting).toBe(0);
    time.advance(1);
    expect(await next()).toBe("a 1 at 100");
    time.advance(199);
    expect(time.pending).toBe(1);
    time.advance(1);
    expect(await next()).toBe("a 2 at 300");
    expect(sockets.size).toBe(1);
  });

  it("spreads targets over the interval", () => {
    const starts = [0.1, 0.9, 0.5];
    const { time, scraper } = harness({ random: () => starts.shift() ?? 0.5 });
    const delays: number[] = [];
    const after = time.after.bind(time);
    time.after = (delayMs, run) => {
      delays.push(delayMs);
      return after(delayMs, run);
    };
    scraper.setTargets([target("a", 1), target("b", 2), target("c", 3)]);
    expect(delays).toEqual([20, 180, 100]);
  });

  it("keeps the beat when an answer took long, and never asks twice at once", async () => {
    let open = 0;
    let answer = (): void => undefined;
    const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const port = await serve((_request, response) => {
      open++;
      expect(open).toBe(1);
      answer = () => {
        open--;
        response.end(page(1));
      };
      asked.shift()?.resolve();
    });
    const { time, scraper, next } = harness();
    const first = asked[0]!.promise;
    const second = asked[1]!.promise;
    scraper.setTargets([target("a", port)]);
    time.advance(100);
    await first;
    time.advance(900);
    answer();
    expect(await next()).toBe("a 1 at 1000");
    time.advance(0);
    await second;
    answer();
    expect(await next()).toBe("a 1 at 1000");
  });

  it.each<{ name: string; handler: Handler; want: string }>([
    { name: "status", handler: (_request, response) => response.writeHead(503).end("busy"), want: "a status" },
    {
      name: "redirect",
      handler: (_request, response) => response.writeHead(302, { location: "/" }).end(),
      want: "a status",
    },
    { name: "other page", handler: (_request, response) => response.end("<html></html>"), want: "a unrecognized" },
    { name: "broken connection", handler: ({ socket }) => socket.destroy(), want: "a unreachable" },
    {
      name: "long page, announced",
      handler: (_request, response) => response.end("x".repeat(5000)),
      want: "a too_large",
    },
    {
      name: "long page, unannounced",
      handler: (_request, response) => {
        for (let i = 0; i < 100; i++) response.write("x".repeat(1000));
        response.end();
      },
      want: "a too_large",
    },
  ])("reports a $name and recovers", async ({ handler, want }) => {
    let isBad = true;
    const port = await serve((request, response) => (isBad ? handler : answers)(request, response));
    const { time, scraper, next } = harness({ maxPageBytes: 4000 });
    scraper.setTargets([target("a", port)]);
    time.advance(100);
    expect(await next()).toBe(want);
    isBad = false;
    time.advance(200);
    expect(await next()).toBe("a 1 at 300");
  });

  it("reports a server that cannot be reached", async () => {
    const port = await serve(answers);
    await cleanups.pop()?.();
    const { time, scraper, next } = harness();
    scraper.setTargets([target("a", port)]);
    time.advance(100);
    expect(await next()).toBe("a unreachable");
  });

  it.each<{ name: string; handler: Handler }>([
    { name: "never answers", handler: () => undefined },
    { name: "never finishes", handler: (_request, response) => void response.write(page(1)) },
  ])("gives up on a server that $name, without holding up another", async ({ handler }) => {
    const asked = Promise.withResolvers<void>();
    const slow = await serve((request, response) => {
      handler(request, response);
      asked.resolve();
    });
    const quick = await serve(answers);
    const { time, scraper, next } = harness({ timeoutMs: 1000 });
    scraper.setTargets([target("slow", slow), target("quick", quick)]);
    time.advance(100);
    await asked.promise;
    for (const atMs of [100, 300, 500, 700, 900]) {
      expect(await next()).toBe(`quick 1 at ${atMs}`);
      time.advance(200);
    }
    const both = [await next(), await next()];
    expect(both.toSorted()).toEqual(["quick 1 at 1100", "slow timeout"]);
  });

  it("runs at most so many at once, and failing ones apart", async () => {
    let open = 0;
    let most = 0;
    const held: (() => void)[] = [];
    let asked = Promise.withResolvers<void>();
    const hold: Handler = (_request, response) => {
      most = Math.max(most, ++open);
      held.push(() => {
        open--;
        response.end(page(1));
      });
      if (held.length === 2) asked.resolve();
    };
    const port = await serve(hold);
    const { time, scraper, next } = harness({ maxConcurrent: 2, maxConcurrentFailing: 1 });
    scraper.setTargets(["a", "b", "c", "d"].map((id) => target(id, port)));
    time.advance(100);
    await asked.promise;
    asked = Promise.withResolvers<void>();
    for (const release of held.splice(0)) release();
    const first = [await next(), await next()];
    await asked.promise;
    for (const release of held.splice(0)) release();
    const second = [await next(), await next()];
    expect([...first, ...second].toSorted()).toEqual(["a", "b", "c", "d"].map((id) => `${id} 1 at 100`));
    expect(most).toBe(2);
  });

  it("does not let a target that failed hold up one that is well", async () => {
    let asked = Promise.withResolvers<void>();
    const slow = await serve(() => asked.resolve());
    const quick = await serve(answers);
    const { time, scraper, next } = harness({ timeoutMs: 1000, maxConcurrent: 1, maxConcurrentFailing: 1 });
    scraper.setTargets([target("slow", slow), target("quick", quick)]);
    time.advance(100);
    await asked.promise;
    asked = Promise.withResolvers<void>();
    time.advance(1000);
    expect(await next()).toBe("slow timeout");
    expect(await next()).toBe("quick 1 at 1100");
    time.advance(0);
    await asked.promise;
    for (const atMs of [1300, 1500, 1700]) {
      time.advance(200);
      expect(await next()).toBe(`quick 1 at ${atMs}`);
    }
  });

  it("stops asking targets that are gone, and asks one at its new address", async () => {
    const old = await serve((_request, response) => response.end(page(1)));
    const moved = await serve((_request, response) => response.end(page(2)));
    const { time, scraper, next, reports } = harness();
    scraper.setTargets([target("a", old), target("b", old)]);
    time.advance(100);
    await next();
    await next();
    scraper.setTargets([target("a", moved)]);
    time.advance(100);
    expect(await next()).toBe("a 2 at 200");
    scraper.setTargets([]);
    time.advance(1000);
    expect(time.pending).toBe(0);
    expect(reports).toHaveLength(3);
  });

  it("takes the engine from the target's labels, as they are now", async () => {
    const port = await serve((_request, response) => response.end(`${page(1)}sglang:num_queue_reqs 7\n`));
    const { time, scraper, next } = harness();
    scraper.setTargets([target("a", port)]);
    time.advance(100);
    expect(await next()).toBe("a 1 at 100");
    scraper.setTargets([target("a", port, { engine: "sglang" })]);
    time.advance(200);
    expect(await next()).toBe("a 7 at 300");
  });

  it("asks for the path at the port of the source, at the source's own interval", async () => {
    const port = await serve(({ url }, response) => response.end(url === "/stats" ? page(5) : ""));
    const source = { scheme: "http", path: "/stats", port, insecureSkipVerify: true, interval: 400 } as const;
    const { time, scraper, next } = harness({ source });
    scraper.setTargets([target("a", 1)]);
    time.advance(200);
    expect(await next()).toBe("a 5 at 200");
    time.advance(399);
    expect(time.pending).toBe(1);
    time.advance(1);
    expect(await next()).toBe("a 5 at 600");
  });

  it("speaks TLS, and refuses an unknown certificate only where it is told to verify", async () => {
    const { certificate: cert, key } = await selfSignedPair();
    const port = await listen(createTlsServer({ cert, key }, answers));
    for (const { insecureSkipVerify, want } of [
      { insecureSkipVerify: true, want: "a 1 at 100" },
      { insecureSkipVerify: false, want: "a unreachable" },
    ]) {
      const { time, scraper, next } = harness({ source: { scheme: "https", path: "/metrics", insecureSkipVerify } });
      scraper.setTargets([target("a", port)]);
      time.advance(100);
      expect(await next()).toBe(want);
    }
  });

  it("stops without a report of what was in flight", async () => {
    const asked = Promise.withResolvers<void>();
    const port = await serve(() => asked.resolve());
    const { time, scraper, reports } = harness();
    scraper.setTargets([target("a", port)]);
    time.advance(100);
    await asked.promise;
    await scraper.stop();
    expect(reports).toEqual([]);
    expect(time.pending).toBe(0);
  });
});
