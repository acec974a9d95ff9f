/** What `--tracing` loads, and what it says of variables that it cannot use. */
import { describe, expect, it } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endpointsText } from "./support/pool-files.ts";
import { becomes } from "./support/poll.ts";
import { attainEntry, startProgram, type Ended } from "./support/program.ts";
import { stopAfterTests } from "./support/started.ts";

/** Runs before the command and, at its end, names what it loaded of OpenTelemetry. */
const spy = `
import { registerHooks } from "node:module";
const loaded = new Set();
registerHooks({
  load(url, context, next) {
    const [, name] = /node_modules\\/(@opentelemetry\\/[^/]+)\\//.exec(url) ?? [];
    if (name !== undefined) loaded.add(name);
    return next(url, context);
  },
});
process.on("exit", () => process.stdout.write("loaded " + [...loaded].sort().join(" ") + "\\n"));
`;

describe("--tracing", () => {
  const started = stopAfterTests();

  async function pickerUntilItServes(flags: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
    const folder = await started.folder();
    const endpoints = join(folder, "endpoints.yaml");
    await writeFile(endpoints, endpointsText([]));
    const spyFile = join(folder, "spy.mjs");
    await writeFile(spyFile, spy);
    const ports = ["--grpc-port", "0", "--grpc-health-port", "0", "--metrics-port", "0", "--bind-address", "127.0.0.1"];
    const command = ["--import", spyFile, attainEntry, "picker", "--endpoints-file", endpoints, ...ports, ...flags];
    const picker = started.keep(startProgram(process.execPath, command, { env }));
    await becomes(
      "a picker that serves, or one that ended",
      () => picker.stderr.includes("picker serves") || !picker.isRunning,
    );
    if (picker.isRunning) picker.signal("SIGTERM");
    return picker.ended;
  }

  it.each([
    { name: "no flag", flags: [], env: {}, loads: false },
    { name: "--tracing=false", flags: ["--tracing=false"], env: {}, loads: false },
    {
      name: "--tracing, turned off by the environment",
      flags: ["--tracing"],
      env: { OTEL_SDK_DISABLED: "true" },
      loads: false,
    },
    { name: "--tracing", flags: ["--tracing"], env: {}, loads: true },
  ])("the OpenTelemetry SDK is loaded only when it is wanted: $name", async ({ flags, env, loads }) => {
    const { code, stdout } = await pickerUntilItServes(flags, env);
    expect(code).toBe(0);
    expect(stdout).toContain("loaded ");
    expect(stdout.includes("@opentelemetry/")).toBe(loads);
  });

  it("a variable that cannot be used is named, with what is allowed", async () => {
    const { code, stderr } = await pickerUntilItServes(["--tracing"], { OTEL_TRACES_SAMPLER: "jaeger_remote" });
    expect(code).toBe(2);
    expect(stderr).toContain('OTEL_TRACES_SAMPLER: found "jaeger_remote"; allowed: always_on,');
  });
});
