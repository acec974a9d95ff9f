import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  type CertificateDirectory,
  CertificateError,
  type CertificatePair,
  openCertificateDirectory,
  pairProblem,
  certificateExpiryMs,
  selfSignedPair,
} from "../../../../src/shell/certificate.ts";

describe("selfSignedPair", () => {
  it("says itself until when it is valid", async () => {
    const pair = await selfSignedPair();
    expect(certificateExpiryMs(pair)).toBe(Date.parse(new X509Certificate(pair.certificate).validTo));
  });

  it("is for this machine and the given names, and matches its key", async () => {
    const pair = await selfSignedPair(["picker.default.svc", "10.0.0.7", "fd00::7"]);
    const certificate = new X509Certificate(pair.certificate);
    for (const host of ["localhost", "picker.default.svc"]) expect(certificate.checkHost(host)).toBe(host);
    for (const address of ["127.0.0.1", "::1", "10.0.0.7", "fd00::7"])
      expect(certificate.checkIP(address)).toBe(address);
    expect(certificate.checkHost("elsewhere")).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(certificate.validFromDate.getTime()).toBeLessThan(Date.now());
    expect(certificate.validToDate.getTime()).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000);
    expect(pairProblem(pair)).toBeUndefined();
  });
});

describe("certificate directory", () => {
  let directory: string;
  let first: CertificatePair;
  let second: CertificatePair;
  let open: CertificateDirectory | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "certificate-"));
    [first, second] = await Promise.all([selfSignedPair(), selfSignedPair()]);
    await write(first);
  });
  afterEach(async () => {
    open?.close();
    await rm(directory, { recursive: true });
  });

  const write = async (pair: Partial<CertificatePair>): Promise<void> => {
    if (pair.certificate !== undefined) await writeFile(join(directory, "tls.crt"), pair.certificate);
    if (pair.key !== undefined) await writeFile(join(directory, "tls.key"), pair.key);
  };
  const watch = async (): Promise<{ pairs: CertificatePair[]; problems: string[]; loaded: CertificateDirectory }> => {
    const pairs: CertificatePair[] = [];
    const problems: string[] = [];
    open = await openCertificateDirectory({
      directory,
      pollMs: undefined,
      onPair: (pair) => pairs.push(pair),
      onProblem: (error) => problems.push(error.message),
    });
    return { pairs, problems, loaded: open };
  };

  it("tells a changed pair, once", async () => {
    const { pairs, problems, loaded } = await watch();
    expect(loaded.current).toEqual(first);
    await loaded.reload();
    await write(second);
    await loaded.reload();
    await loaded.reload();
    expect(pairs).toEqual([second]);
    expect(loaded.current).toEqual(second);
    expect(problems).toEqual([]);
  });

  it.each([
    { name: "a key of another certificate", bad: async () => write({ key: second.key }), says: "tls.key" },
    { name: "a broken certificate", bad: async () => write({ certificate: "junk" }), says: "tls.crt" },
    { name: "a broken key", bad: async () => write({ key: "junk" }), says: "tls.key" },
    { name: "a missing file", bad: async () => rm(join(directory, "tls.key")), says: "ENOENT" },
  ])("keeps the previous pair on $name, tells it once, and recovers", async ({ bad, says }) => {
    const { pairs, problems, loaded } = await watch();
    await bad();
    await loaded.reload();
    await loaded.reload();
    expect(loaded.current).toEqual(first);
    expect(pairs).toEqual([]);
    expect(problems).toEqual([expect.stringContaining(says)]);
    expect(problems[0]).toContain(directory);
    await write(second);
    await loaded.reload();
    expect(pairs).toEqual([second]);
  });

  it("keeps the previous pair when the new one is not taken", async () => {
    const problems: string[] = [];
    open = await openCertificateDirectory({
      directory,
      pollMs: undefined,
      onPair: () => {
        throw new Error("not taken");
      },
      onProblem: (error) => problems.push(error.message),
    });
    await write(second);
    await open.reload();
    expect(open.current).toEqual(first);
    expect(problems).toEqual(["not taken"]);
  });

  it("looks by itself", async () => {
    const changed = Promise.withResolvers<CertificatePair>();
    const onProblem = (): void => undefined;
    open = await openCertificateDirectory({ directory, pollMs: 5, onPair: changed.resolve, onProblem });
    await write(second);
    expect(await changed.promise).toEqual(second);
  });

  it("refuses to start with a bad or missing pair, naming the directory", async () => {
    await write({ key: second.key });
    await expect(watch()).rejects.toThrow(CertificateError);
    await rm(join(directory, "tls.crt"));
    await expect(watch()).rejects.toThrow(directory);
  });
});
