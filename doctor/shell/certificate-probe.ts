import { once } from "node:events";
import { checkServerIdentity, connect, type TLSSocket } from "node:tls";
import { isIP } from "node:net";
import { messageOf } from "#errors";
import type { Milliseconds } from "#units";
import type { CertificateFacts } from "../facts.ts";

const timeoutMs: Milliseconds = 3000;

/** `DNS:a, IP Address:b` as Node writes it. */
const namesOf = (subjectAltName: string | undefined): readonly string[] =>
  (subjectAltName ?? "")
    .split(", ")
    .filter((name) => name !== "")
    .map((name) => name.replace(/^(?:DNS|IP Address):/, ""));

function answerOf(socket: TLSSocket, host: string): CertificateFacts["answer"] {
  const certificate = socket.getPeerCertificate();
  return {
    kind: "certificate",
    names: namesOf(certificate.subjectaltname),
    nameProblem: checkServerIdentity(host, certificate)?.message,
    notBeforeMs: Date.parse(certificate.valid_from),
    notAfterMs: Date.parse(certificate.valid_to),
    selfSigned: JSON.stringify(certificate.subject) === JSON.stringify(certificate.issuer),
    protocol: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : undefined,
  };
}

/** Looks at the certificate of a TLS port without verifying it: what it says is judged elsewhere. */
export async function probeCertificate(host: string, port: number): Promise<CertificateFacts> {
  const socket = connect({
    host,
    port,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2"],
    ...(isIP(host) === 0 && { servername: host }),
  });
  socket.on("error", () => undefined);
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(timeoutMs) });
    return { host, port, answer: answerOf(socket, host) };
  } catch (error) {
    return { host, port, answer: { kind: "failed", error: messageOf(error) } };
  } finally {
    socket.destroy();
  }
}
