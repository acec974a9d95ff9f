/** A real Chromium, and what a page did in it. */
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Nothing that Chromium wants from the network of its own accord. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A page, and what went wrong on it. */
export type OpenedPage = {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught exceptions, and requests that failed. */
  readonly complaints: string[];
  /** Hosts that the page asked, with their ports. */
  readonly hosts: ReadonlySet<string>;
};

/** Chromium until it is stopped. */
export interface Browser {
  /** A page in a context of its own. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenedPage>;
  stop(): Promise<void>;
}

async function openPage(context: BrowserContext, url: string): Promise<OpenedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.goto(url);
  return { page, complaints, hosts };
}

/** @throws where Debian's chromium is not installed */
export async function startBrowser(): Promise<Browser> {
  await access(executablePath).catch(() => {
    throw new Error(`${executablePath} is not there: install Debian's package "chromium" (apt-get install chromium)`);
  });
  const home = await mkdtemp(join(tmpdir(), "attain-chromium-"));
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home } as Record<string, string>;
  const browser = await chromium.launch({ executablePath, args, env });
  return {
    open: async (url, options = {}) => openPage(await browser.newContext(options), url),
    stop: async () => {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
