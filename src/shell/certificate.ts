import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { CodedError, messageOf, toError } from "#errors";
import type { Milliseconds } from "#units";

/** PEM text of a certificate (with its chain) and of its private key. */
export type CertificatePair = { readonly certificate: string; readonly key: string };

/** A certificate directory that cannot be used; the message names the file and what is wrong with it. */
export class CertificateError extends CodedError<{
  readonly code: "CERTIFICATE_UNUSABLE";
  readonly directory: string;
}> {}

const dayMs: Milliseconds = 86_400_000;
const lifetimeMs: Milliseconds = 3650 * dayMs;
const localNames: readonly string[] = ["localhost", "127.0.0.1", "::1"];

/**
 * A new self-signed certificate (ECDSA P-256, ten years from yesterday) for localhost, the loopback addresses, this
 * machine's name and `names` (DNS names or IP addresses).
 */
export async function selfSignedPair(names: readonly string[] = []): Promise<CertificatePair> {
  const all = [...new Set([...localNames, hostname(), ...names])];
  const notBeforeDate = new Date(Date.now() - dayMs);
  const made = await generate([{ name: "commonName", value: "attain" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate,
    notAfterDate: new Date(notBeforeDate.getTime() + lifetimeMs),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: all.map((name) => (isIP(name) > 0 ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  return { certificate: made.cert, key: made.private };
}

/** What is wrong with a pair, in words; undefined when certificate and key are readable and belong together. */
export function pairProblem(pair: CertificatePair): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pair.certificate);
  } catch (error) {
    return `tls.crt is no PEM certificate: ${messageOf(error)}`;
  }
  try {
    return certificate.checkPrivateKey(createPrivateKey(pair.key)) ? undefined : "tls.key does not belong to tls.crt";
  } catch (error) {
    return `tls.key is no PEM private key: ${messageOf(error)}`;
  }
}

/** Unix time at which a readable certificate's validity ends. */
export const certificateExpiryMs = ({ certificate }: CertificatePair): Milliseconds =>
  Date.parse(new X509Certificate(certificate).validTo);

async function readPair(directory: string): Promise<CertificatePair> {
  const [certificate, key] = await Promise.all([
    readFile(join(directory, "tls.crt"), "utf8"),
    readFile(join(directory, "tls.key"), "utf8"),
  ]);
  return { certificate, key };
}

/** A watched directory of tls.crt and tls.key. */
export interface CertificateDirectory {
  /** The last good pair. */
  readonly current: CertificatePair;
  /** Looks now. Never rejects: a bad pair is told to `onProblem`. */
  reload(): Promise<void>;
  /** Stops looking. */
  close(): void;
}

export type CertificateDirectoryOptions = {
  readonly directory: string;
  /** Time between two looks; undefined: only `reload` looks. Polling, since a mounted secret changes behind a symbolic link. */
  readonly pollMs: Milliseconds | undefined;
  /** A new good pair. */
  readonly onPair: (pair: CertificatePair) => void;
  /** A bad pair, told once for each content; the previous one stays. */
  readonly onProblem: (error: Error) => void;
};

/** Reads the directory. Rejects with {@link CertificateError} when the first pair is bad or missing. */
export async function openCertificateDirectory(options: CertificateDirectoryOptions): Promise<CertificateDirectory> {
  const { directory } = options;
  let current: CertificatePair;
  try {
    current = await readPair(directory);
  } catch (cause) {
    throw unusable(directory, messageOf(cause), cause);
  }
  const problem = pairProblem(current);
  if (problem !== undefined) throw unusable(directory, problem);
  return new PolledDirectory(options, current);
}

function unusable(directory: string, problem: string, cause?: unknown): CertificateError {
  const message = `no usable certificate in ${directory}: ${problem} (tls.crt and tls.key are expected there, as PEM)`;
  return new CertificateError({ code: "CERTIFICATE_UNUSABLE", directory }, message, { cause });
}

class PolledDirectory implements CertificateDirectory {
  readonly #options: CertificateDirectoryOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  #current: CertificatePair;
  /** What was last found bad: the pair's text, or the reason why there is none. */
  #lastProblem: string | undefined = undefined;

  constructor(options: CertificateDirectoryOptions, current: CertificatePair) {
    this.#options = options;
    this.#current = current;
    this.#timer = options.pollMs === undefined ? undefined : setInterval(() => void this.reload(), options.pollMs);
    this.#timer?.unref();
  }

  get current(): CertificatePair {
    return this.#current;
  }

  async reload(): Promise<void> {
    const { directory, onPair } = this.#options;
    try {
      const found = await readPair(directory);
      if (found.certificate === this.#current.certificate && found.key === this.#current.key) {
        this.#lastProblem = undefined;
        return;
      }
      const problem = pairProblem(found);
      if (problem !== undefined) return this.#report(found.certificate + found.key, unusable(directory, problem));
      onPair(found);
      this.#current = found;
      this.#lastProblem = undefined;
    } catch (error) {
      this.#report(messageOf(error), toError(error));
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #report(content: string, error: Error): void {
    if (content === this.#lastProblem) return;
    this.#lastProblem = content;
    this.#options.onProblem(error);
  }
}
