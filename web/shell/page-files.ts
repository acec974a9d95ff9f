/** The live page's files as the metrics port serves them: page modules without their types, uPlot as it is installed. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AdminRoute } from "#shell";

/** One file by its name within the page's folder. */
export type PageFile = { readonly name: string; readonly contentType: string; readonly body: string };

const folder = fileURLToPath(new URL("../page/", import.meta.url));
const contentTypes: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  ts: "text/javascript; charset=utf-8",
};
const contentTypeOf = (name: string): string | undefined => contentTypes[name.slice(name.lastIndexOf(".") + 1)];

/** Node calls its stripping experimental when a program asks for it, on stderr, where a command writes its failures. */
function stripped(source: string): string {
  const emitWarning = Reflect.get(process, "emitWarning");
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A module as a browser reads it: without types, and with a path where a package was named. */
export const browserModule = (source: string): string =>
  stripped(source).replaceAll(/\bfrom "uplot"/g, 'from "./uplot.js"');

function pageFile(name: string): readonly PageFile[] {
  const contentType = contentTypeOf(name);
  if (contentType === undefined) return [];
  const text = readFileSync(join(folder, name), "utf8");
  return [{ name, contentType, body: name.endsWith(".ts") ? browserModule(text) : text }];
}

function chartFiles(): readonly PageFile[] {
  const dist = dirname(createRequire(import.meta.url).resolve("uplot"));
  const read = (file: string, name: string): PageFile => ({
    name,
    contentType: contentTypeOf(name)!,
    body: readFileSync(join(dist, file), "utf8"),
  });
  return [read("uPlot.esm.js", "uplot.js"), read("uPlot.min.css", "uplot.css")];
}

/** Every file of the page, in the order of their names. */
export const readPageFiles = (): readonly PageFile[] =>
  [...readdirSync(folder).flatMap(pageFile), ...chartFiles()].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Nothing but our own files runs or is asked for, and nobody frames the page. */
const contentSecurityPolicy = [
  "default-src 'none'",
  ...["script-src", "style-src", "img-src", "connect-src"].map((directive) => `${directive} 'self'`),
  ...["base-uri", "form-action", "frame-ancestors"].map((directive) => `${directive} 'none'`),
].join("; ");

const startFile = "index.html";
/** In the start file, where the folder of the other files goes. */
const folderMark = "{{folder}}";

/** Paths → files. All but `/` carry a digest of the whole page in their path, so browsers keep them for good. */
export function pageRoutes(files: readonly PageFile[]): ReadonlyMap<string, AdminRoute> {
  const digest = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
  const route = ({ contentType, body }: PageFile, headers: Readonly<Record<string, string>>): AdminRoute => {
    const reply = { status: 200, contentType, body: Buffer.from(body), etag: `"${digest}"`, headers };
    return { handle: () => reply };
  };
  const routes = new Map<string, AdminRoute>();
  for (const file of files) {
    if (file.name === startFile) {
      const start = { ...file, body: file.body.replaceAll(folderMark, `/live/${digest}`) };
      const headers = {
        "cache-control": "no-cache",
        "content-security-policy": contentSecurityPolicy,
        "referrer-policy": "no-referrer",
      };
      routes.set("/", route(start, headers));
    } else {
      const headers = { "cache-control": "public, max-age=31536000, immutable" };
      routes.set(`/live/${digest}/${file.name}`, route(file, headers));
    }
  }
  return routes;
}

/** The live page, for the metrics port. Reads and strips its files when it is called. */
export const livePage = (): ReadonlyMap<string, AdminRoute> => pageRoutes(readPageFiles());
