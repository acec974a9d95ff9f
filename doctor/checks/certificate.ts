import type { Milliseconds } from "#units";
import type { CertificateFacts, Facts } from "../facts.ts";
import { findingsOf, type Finding } from "../finding.ts";

const certificate = findingsOf("certificate");

const dayMs: Milliseconds = 86_400_000;
/** Time in which somebody will look at it. */
const soonMs: Milliseconds = 7 * dayMs;

const renew = "renew tls.crt and tls.key in the directory of --cert-path; the picker takes them without a restart";
const dateOf = (ms: Milliseconds): string => new Date(ms).toISOString().slice(0, 10);

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");

type Presented = Extract<CertificateFacts["answer"], { readonly kind: "certificate" }>;

function validity({ notBeforeMs, notAfterMs }: Presented, nowMs: Milliseconds): Finding {
  if (nowMs > notAfterMs) return certificate.wrong(`the certificate expired on ${dateOf(notAfterMs)}`, renew);
  if (nowMs < notBeforeMs) {
    return certificate.wrong(
      `the certificate is not valid before ${dateOf(notBeforeMs)}`,
      "correct the clock of this machine or of the one that issued it",
    );
  }
  if (notAfterMs - nowMs < soonMs) {
    return certificate.warning(`the certificate expires on ${dateOf(notAfterMs)}`, renew);
  }
  return certificate.ok(`the certificate is valid until ${dateOf(notAfterMs)}`);
}

function naming({ host }: CertificateFacts, { names, nameProblem, selfSigned }: Presented): Finding {
  const has = names.length === 0 ? "it has no subjectAltName" : `it is for ${names.join(", ")}`;
  if (nameProblem === undefined) return certificate.ok(`the certificate covers ${host}`);
  const message = `the certificate does not cover ${host}: ${has}`;
  return selfSigned
    ? certificate.warning(
        `${message}; it is self-signed, so a gateway that verifies it refuses the picker`,
        `issue a certificate with subjectAltName ${host} and give its directory to --cert-path, or leave the verification off in the gateway`,
      )
    : certificate.wrong(message, `issue one with subjectAltName ${host} and the name that the gateway dials`);
}

export function checkCertificate({ picker, nowMs }: Facts): readonly Finding[] {
  const facts = picker?.certificate;
  if (facts === undefined) return [];
  const { answer, host, port } = facts;
  if (answer.kind === "plaintext") {
    if (isLoopback(host)) return [certificate.ok(`the ext-proc port ${port} serves without TLS, on this machine only`)];
    return [
      certificate.warning(
        `the ext-proc port ${port} serves without TLS`,
        "leave --secure-serving on, unless the gateway is in the same pod or a mesh encrypts for it",
      ),
    ];
  }
  if (answer.kind === "failed") {
    return [
      certificate.wrong(
        `no TLS with the ext-proc port at ${host}:${port}: ${answer.error}`,
        "let the gateway and the doctor reach --grpc-port, and check that --secure-serving is on",
      ),
    ];
  }
  const protocol =
    answer.protocol === "h2"
      ? []
      : [
          certificate.wrong(
            `the ext-proc port agreed on ${answer.protocol ?? "no application protocol"} instead of h2`,
            "take the proxy out that terminates TLS before the picker, or let it offer h2 (ALPN)",
          ),
        ];
  return [validity(answer, nowMs), naming(facts, answer), ...protocol];
}
