import { setTimeout as sleep } from "node:timers/promises";
import type { Bytes, Milliseconds } from "#units";
import type { ExchangeOutcome } from "../exchange-event.ts";
import { ExchangeSession, type AccessEntry, type ExchangeRoom } from "./exchange-session.ts";
import { ExtprocClient } from "./extproc-client.ts";
import { listen } from "./listener.ts";
import { UpstreamPools } from "./upstream.ts";

export type GatewayOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The endpoint picker's ext-proc port. `tls` undefined: plaintext. */
  readonly extproc: {
    readonly host: string;
    readonly port: number;
    readonly tls?: { readonly rejectUnauthorized: boolean } | undefined;
  };
  /** TLS for clients, HTTP/2 and HTTP/1.1 by ALPN; undefined: plaintext. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  /** Called once a request, when it has ended. */
  readonly onAccess?: (entry: AccessEntry) => void;
  /** For connections to the picker and to model servers; 2 s when not given. */
  readonly connectTimeoutMs?: Milliseconds;
  /** How long the picker may owe the reply to headers, queueing included; 1000 s when not given. */
  readonly messageTimeoutMs?: Milliseconds;
  /** Of one request; 64 KiB when not given. */
  readonly maxHeaderBytes?: Bytes;
  /** Of one message of the picker; 16 MiB when not given. */
  readonly maxMessageBytes?: Bytes;
};

/** Counts since the start, and what is open now. */
export type GatewayStats = {
  readonly connections: number;
  readonly inFlight: number;
  readonly requests: number;
  readonly outcomes: Readonly<Record<ExchangeOutcome, number>>;
};

export type Gateway = {
  readonly port: number;
  readonly stats: GatewayStats;
  /** Accepts nothing more, waits for what is in flight for at most `graceMs` (0 when not given), then ends everything. */
  close(graceMs?: Milliseconds): Promise<void>;
};

const pollMs: Milliseconds = 10;

/**
 * Starts a reverse proxy that asks an endpoint picker about every request, as Envoy does with its ext_proc filter and
 * both bodies in FULL_DUPLEX_STREAMED. Without the picker nothing passes (503).
 * @throws GatewayListenError where the port cannot be opened
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const connectTimeoutMs = options.connectTimeoutMs ?? 2000;
  const outcomes: Record<ExchangeOutcome, number> = {
    responded: 0,
    immediate: 0,
    "no-destination": 0,
    "upstream-unreachable": 0,
    "upstream-broken": 0,
    "processor-failed": 0,
    "client-gone": 0,
  };
  const counts = { requests: 0, inFlight: 0 };
  const extproc = new ExtprocClient({
    host: options.extproc.host,
    port: options.extproc.port,
    tls: options.extproc.tls,
    connectTimeoutMs,
    maxMessageBytes: options.maxMessageBytes ?? 16 * 1024 * 1024,
  });
  const upstreams = new UpstreamPools(connectTimeoutMs);
  const room: ExchangeRoom = {
    extproc,
    upstreams,
    messageTimeoutMs: options.messageTimeoutMs ?? 1_000_000,
    onEnd: (entry) => {
      counts.inFlight -= 1;
      outcomes[entry.outcome] += 1;
      options.onAccess?.(entry);
    },
  };
  const listener = await listen(
    {
      host: options.host,
      port: options.port,
      tls: options.tls,
      maxHeaderBytes: options.maxHeaderBytes ?? 64 * 1024,
      maxConcurrentStreams: 1000,
    },
    (request, response) => {
      counts.requests += 1;
      counts.inFlight += 1;
      // oxlint-disable-next-line no-new -- it lives on the events of its three peers
      new ExchangeSession(room, request, response);
    },
  );
  return {
    port: listener.port,
    get stats() {
      return { connections: listener.connections, ...counts, outcomes: { ...outcomes } };
    },
    async close(graceMs = 0) {
      listener.stopAccepting();
      for (let waitedMs = 0; counts.inFlight > 0 && waitedMs < graceMs; waitedMs += pollMs) await sleep(pollMs);
      listener.closeConnections();
      extproc.close();
      await upstreams.close();
    },
  };
}
