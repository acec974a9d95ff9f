import { describe, expect, it } from "@jest/globals";
import { createLogger, type LoggerOptions } from "#shell";

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: "info", destination: { write: (line) => lines.push(line) }, ...options });
  return { log, lines, objects: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe("createLogger", () => {
  it("writes one JSON object a line with level, time, message and fields", () => {
    const { log, lines, objects } = capture({ base: { command: "picker" } });
    log.info("pool changed", { endpoints: 3, added: ["a", "b"], ready: true, gone: undefined });
    expect(lines[0]?.endsWith("}\n")).toBe(true);
    expect(objects()).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        command: "picker",
        endpoints: 3,
        added: ["a", "b"],
        ready: true,
        msg: "pool changed",
      },
    ]);
  });

  it("writes only what its level lets through, and the level can change", () => {
    const { log, objects } = capture({ level: "warn" });
    const said = () => objects().map(({ msg }) => msg);
    log.info("one");
    log.warn("two");
    expect([log.isEnabled("info"), log.isEnabled("error")]).toEqual([false, true]);
    log.level = "debug";
    log.debug("three");
    log.trace("four");
    log.level = "silent";
    log.error("five");
    expect(said()).toEqual(["two", "three"]);
  });

  it("gives children the fields of their parent", () => {
    const { log, objects } = capture({ base: { command: "picker" } });
    log.child({ part: "scraper" }).warn("slow", { endpoint: "a" });
    expect(objects()[0]).toMatchObject({ command: "picker", part: "scraper", endpoint: "a" });
  });

  it.each(["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key"])(
    "blanks %s, even where the type was forced",
    (name) => {
      const { log, lines } = capture();
      log.info("request", { [name]: "secret-value" });
      expect(lines[0]).not.toContain("secret-value");
    },
  );

  it("writes short lines for a terminal", () => {
    const { log, lines } = capture({ format: "text" });
    log.warn("scrape failed", { endpoint: "default/a", reason: "no answer", tries: 2 });
    log.info("ready");
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3}/, "TIME"))).toEqual([
      'TIME WARN  scrape failed endpoint=default/a reason="no answer" tries=2\n',
      "TIME INFO  ready\n",
    ]);
  });
});
