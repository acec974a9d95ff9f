import { describe, expect, it } from "@jest/globals";
import type { AdminReply } from "#shell";
import { browserModule, livePage, pageRoutes, readPageFiles } from "../../../web/shell/page-files.ts";

const files = readPageFiles();
const routes = livePage();

/** The reply of a path, without a server around it. */
async function reply(path: string): Promise<AdminReply & { readonly text: string }> {
  const found = await routes.get(path)!.handle(new URLSearchParams(), undefined);
  return { ...found, text: Buffer.from(found.body).toString() };
}

describe("the live page's files", () => {
  it("are the start file, and the others below a digest of them all", async () => {
    expect([...routes.keys()].filter((path) => path === "/")).toHaveLength(1);
    const others = [...routes.keys()].filter((path) => path !== "/");
    expect(others).toHaveLength(files.length - 1);
    for (const path of others) expect(path).toMatch(/^\/live\/[0-9a-f]{16}\/[a-z-]+\.(ts|js|css|svg)$/);
    expect(new Set(others.map((path) => path.split("/")[2])).size).toBe(1);
    for (const path of others) {
      const { status, headers, etag } = await reply(path);
      expect([status, headers!["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
      expect(etag).toMatch(/^"[0-9a-f]{16}"$/);
    }
  });

  it("change all their addresses when one of them changes", () => {
    const [first, ...rest] = files;
    const changed = pageRoutes([{ ...first!, body: `${first!.body} ` }, ...rest]);
    expect([...changed.keys()].filter((path) => routes.has(path))).toEqual(["/"]);
  });

  it("are found where the start file names them, and it asks to be checked each time", async () => {
    const { text, headers } = await reply("/");
    expect(headers!["cache-control"]).toBe("no-cache");
    const named = [...text.matchAll(/(?:src|href)="(\/live\/[^"]+)"/g)].map(([, path]) => path!);
    expect(named).toHaveLength(4);
    for (const path of named) expect(routes.has(path)).toBe(true);
    expect(text).not.toContain("{{");
  });

  it("import only what is served", () => {
    const names = new Set(files.map(({ name }) => name));
    const modules = files.filter(({ name }) => name.endsWith(".ts"));
    expect(modules.length).toBeGreaterThan(10);
    for (const { name, body } of modules) {
      const imported = [...body.matchAll(/^(?:import|export)\b[^"]*\bfrom "([^"]+)"/gm)].map(([, from]) => from!);
      for (const from of imported) {
        expect(`${name}: ${from}`).toMatch(/: \.\/[a-z-]+\.(ts|js)$/);
        expect(names).toContain(from.slice(2));
      }
    }
  });

  it("ask nobody else for anything: no address of another host, no inline script or style", async () => {
    const { text, headers } = await reply("/");
    expect(headers!["content-security-policy"]).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style| style="| on[a-z]+="/);
    const ours = files.filter(({ name }) => !name.startsWith("uplot"));
    const hosts = ours.flatMap(({ body }) => [...body.matchAll(/https?:\/\/[^"'\s)]+/g)].map(([address]) => address));
    expect(new Set(hosts)).toEqual(new Set(["http://www.w3.org/2000/svg"]));
  });

  it.each([
    ["ts", "text/javascript; charset=utf-8"],
    ["js", "text/javascript; charset=utf-8"],
    ["css", "text/css; charset=utf-8"],
    ["svg", "image/svg+xml"],
    ["html", "text/html; charset=utf-8"],
  ])("say what a .%s file is", (extension, contentType) => {
    const types = files.filter(({ name }) => name.endsWith(`.${extension}`)).map((file) => file.contentType);
    expect(new Set(types)).toEqual(new Set([contentType]));
  });
});

describe("browserModule", () => {
  it("leaves no type and no package name, and nothing on stderr", () => {
    const emitWarning = Reflect.get(process, "emitWarning");
    const warnings: unknown[] = [];
    process.emitWarning = (warning: string | Error) => void warnings.push(warning);
    try {
      const source = 'import uPlot from "uplot";\nimport { a, type B } from "./b.ts";\nexport const c = a as B;\n';
      expect(browserModule(source).replaceAll(/ +/g, " ")).toBe(
        'import uPlot from "./uplot.js";\nimport { a, } from "./b.ts";\nexport const c = a ;\n',
      );
      expect(warnings).toEqual([]);
    } finally {
      process.emitWarning = emitWarning;
    }
  });
});
