import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { toPalette } from "../preview/palette-png.ts";
import type { Page } from "../preview/page.ts";

const run = promisify(execFile);

/** Opens the page in Chromium without a window and writes what it shows as PNG. Rejects when there is no Chromium. */
export async function screenshot({ html, size }: Page, file: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "attain-preview-"));
  try {
    const page = join(folder, "page.html");
    const shot = join(folder, "page.png");
    await writeFile(page, html);
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      "--virtual-time-budget=2000",
      "--disable-lcd-text",
      "--font-render-hinting=none",
    ];
    const window = `--window-size=${Math.ceil(size.width)},${Math.ceil(size.height)}`;
    await run("chromium", [
      ...flags,
      window,
      `--user-data-dir=${folder}`,
      `--screenshot=${shot}`,
      pathToFileURL(page).href,
    ]);
    await writeFile(file, toPalette(await readFile(shot)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
