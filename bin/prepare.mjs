// Installs the locked dependencies when the lock file is not the one that was installed. Runs on any Node from 18 on:
// it is what brings the pinned one.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const marker = `${root}node_modules/.installed-lock`;
const wanted = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");

const installed = () => {
  try {
    return readFileSync(marker, "utf8");
  } catch {
    return "";
  }
};

if (installed() !== wanted) {
  process.stderr.write("installing dependencies (once) …\n");
  // npm's own output goes to stderr: stdout belongs to the command that follows.
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
  writeFileSync(marker, wanted);
}
