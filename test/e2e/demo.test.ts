/** The demo as a user runs it, in both of its forms. */
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { startAttain } from "./support/program.ts";
import { stopAfterTests } from "./support/started.ts";

const count = z.int().nonnegative();
const ratio = z.number().min(0).max(1).nullable();
const quantiles = z.object({ p50: z.number().positive().nullable(), p99: z.number().positive().nullable() });

/** The promised shape; further keys are allowed. */
const demoReport = z.object({
  gateway: z.enum(["embedded", "envoy"]),
  requests: z.object({ sent: count, completed: count, failed: count }),
  objectives: z.array(
    z.object({
      name: z.string(),
      judged: count,
      met: count,
      missed: count,
      excluded: count,
      attainment: ratio,
      clientAttainment: ratio,
      ttftSeconds: quantiles,
      tpotSeconds: quantiles,
    }),
  ),
  endpoints: z.array(z.object({ name: z.string(), picks: count })),
  ledger: z.object({ inFlight: count }),
  picker: z.object({ cpuSeconds: z.number().positive(), rssBytes: count }),
});

describe("attain demo", () => {
  const started = stopAfterTests();

  it.each([
    { gateway: "embedded", flags: [] },
    { gateway: "envoy", flags: ["--envoy"] },
  ])("runs by itself with the $gateway gateway and reports", async ({ gateway, flags }) => {
    const args = ["demo", "--for", "8s", "--json", "--port", "0", ...flags];
    const { code, stdout, stderr } = await started.keep(startAttain(args)).ended;
    expect([code, stderr]).toEqual([0, ""]);
    const report = demoReport.parse(JSON.parse(stdout));
    const { requests, objectives, endpoints } = report;
    expect(report).toMatchObject({ gateway, ledger: { inFlight: 0 }, requests: { failed: 0 } });
    expect(requests.completed).toBe(requests.sent);
    expect(requests.sent).toBeGreaterThan(20);
    expect(endpoints.length).toBe(3);
    const picks = endpoints.reduce((sum, { picks }) => sum + picks, 0);
    expect(picks).toBeGreaterThanOrEqual(requests.completed);

    expect(objectives.map(({ name }) => name)).toEqual(["chat", "batch"]);
    for (const { judged, met, missed, attainment, clientAttainment } of objectives) {
      expect(judged).toBe(met + missed);
      expect(judged).toBeGreaterThan(0);
      expect(attainment).toBe(met / judged);
      expect(clientAttainment).not.toBeNull();
    }
    expect(objectives.reduce((sum, { judged, excluded }) => sum + judged + excluded, 0)).toBe(requests.sent);
    const [chat] = objectives;
    expect(chat?.ttftSeconds.p50).toBeGreaterThan(0);
    expect(chat?.tpotSeconds.p50).toBeGreaterThan(0);
  });
});
