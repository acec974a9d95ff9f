/** The two gRPC ports: ext-proc (with health beside it) and health alone. */
import {
  certificateExpiryMs,
  openCertificateDirectory,
  selfSignedPair,
  type CertificateDirectory,
  type Logger,
} from "#shell";
import type { Milliseconds } from "#units";
import type { Services, StreamAcceptor, Transport, TransportOptions } from "../transport/contract.ts";
import { HealthBoard } from "../transport/health-board.ts";
import { healthServices } from "../transport/health.ts";
import { listenHttp2 } from "../transport/http2.ts";

export type ServerOptions = {
  readonly host: string;
  readonly grpcPort: number;
  readonly healthPort: number;
  readonly secureServing: boolean;
  readonly certificatePath: string | undefined;
  readonly reloadsCertificate: boolean;
  readonly maxMessageBytes: number;
  readonly drainTimeoutMs: Milliseconds;
  readonly log: Logger;
  /** Told of the certificate that is served, at the start and after each reload: Unix time at which its validity ends. */
  readonly onCertificate: (expiryMs: Milliseconds) => void;
};

export interface Servers {
  readonly grpcPort: number;
  readonly healthPort: number;
  openStreams(): number;
  /** Health turns NOT_SERVING, streams end on their own for the drain timeout, then everything is closed. */
  close(): Promise<void>;
}

const maxMetadataBytes = 64 * 1024;
const maxUnsentBytes = 1024 * 1024;
const maxConcurrentStreams = 100_000;
const certificatePollMs: Milliseconds = 5000;

/** Certificate of the ext-proc port, followed where it comes from a directory. */
async function openCertificate(options: ServerOptions, use: (pair: { certificate: string; key: string }) => void) {
  const { certificatePath, reloadsCertificate, log } = options;
  if (!options.secureServing) return { pair: undefined, close: () => {} };
  if (certificatePath === undefined) {
    const pair = await selfSignedPair();
    options.onCertificate(certificateExpiryMs(pair));
    return { pair, close: () => {} };
  }
  const directory: CertificateDirectory = await openCertificateDirectory({
    directory: certificatePath,
    pollMs: reloadsCertificate ? certificatePollMs : undefined,
    onPair: (pair) => {
      use(pair);
      options.onCertificate(certificateExpiryMs(pair));
      log.info("certificate reloaded", { directory: certificatePath });
    },
    onProblem: (error) => log.error("certificate reload refused, the previous one stays", { error: error.message }),
  });
  options.onCertificate(certificateExpiryMs(directory.current));
  return { pair: directory.current, close: () => directory.close() };
}

/**
 * Opens both ports. SERVING is said only once the ext-proc port takes connections.
 * @throws CertificateError, ListenError
 */
export async function openServers(
  options: ServerOptions,
  duplex: ReadonlyMap<string, StreamAcceptor>,
): Promise<Servers> {
  const { host, grpcPort, healthPort, maxMessageBytes, drainTimeoutMs } = options;
  const board = new HealthBoard(["listening"]);
  const health = healthServices(board);
  const services: Services = { ...health, duplex };
  let main: Transport | undefined;
  const certificate = await openCertificate(options, (pair) => main?.setCertificate(pair));
  const onError = (error: Error): void => options.log.error("stream failed", { error: error.stack ?? error.message });
  const limits = { maxMessageBytes, maxMetadataBytes, maxUnsentBytes, maxConcurrentStreams, onError };
  const mainOptions: TransportOptions = { host, port: grpcPort, tls: certificate.pair, services, ...limits };
  const opened = await listenHttp2(mainOptions);
  main = opened;
  let side: Transport;
  try {
    side = await listenHttp2({ host, port: healthPort, tls: undefined, services: health, ...limits });
  } catch (error) {
    certificate.close();
    await opened.close();
    throw error;
  }
  board.set("listening", true);
  return {
    grpcPort: opened.port,
    healthPort: side.port,
    openStreams: () => opened.openStreams,
    close: async () => {
      board.drain();
      await opened.drain(drainTimeoutMs);
      certificate.close();
      await Promise.all([opened.close(), side.close()]);
    },
  };
}
