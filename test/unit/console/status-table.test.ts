import { describe, expect, it } from "@jest/globals";
import { renderStatus, type StatusView } from "../../../console/status-table.ts";

const view: StatusView = {
  title: "title",
  objectives: [
    {
      name: "chat",
      priority: 0,
      target: 0.99,
      thresholds: { ttftMs: 500, tpotMs: 50 },
      met: 98,
      missed: 2,
      excluded: 1,
      untargeted: 2,
      attainment: 0.98,
      budgetRemaining: -1,
      inFlight: 4,
      ttftSeconds: { p50: 0.0583, p99: 0.4991 },
      tpotSeconds: { p50: 0.02875, p99: 0.0398 },
      e2eSeconds: { p50: 1.15, p99: 1.98 },
    },
    {
      name: "quiet",
      priority: 0,
      thresholds: {},
      met: 0,
      missed: 0,
      excluded: 0,
      untargeted: 0,
      inFlight: 0,
      ttftSeconds: {},
      tpotSeconds: {},
      e2eSeconds: {},
    },
  ],
  endpoints: [
    {
      name: "default/a",
      hostPort: "127.0.0.1:8001",
      state: "stale",
      picks: 7,
      inFlight: 1,
      waitingRequests: 2,
      runningRequests: 3,
      kvCacheUsageRatio: 0.25,
    },
    { name: "default/b", hostPort: "127.0.0.1:8002", state: "unknown", picks: 0, inFlight: 0 },
  ],
  notes: ["a note"],
};

const lineWith = (text: string, name: string): string => text.split("\n").find((line) => line.includes(name)) ?? "";

describe("renderStatus", () => {
  const plain = renderStatus(view, { colour: false });

  it("shows attainment against its target, latencies against their thresholds, each in the unit of its column", () => {
    const row = lineWith(plain, "chat");
    for (const cell of ["✘ 98.00 %", "99.0 %", "-100 %", "58.3 / 499 ≤ 500", "28.8 / 39.8 ≤ 50", "1.15 / 1.98"]) {
      expect(row).toContain(cell);
    }
  });

  it("says unknown where nothing is known, never zero", () => {
    expect(lineWith(plain, "quiet").match(/–/g)).toHaveLength(6);
    expect(lineWith(plain, "default/b").match(/–/g)).toHaveLength(3);
  });

  it("fits a terminal of 132 columns", () => {
    for (const line of plain.split("\n")) expect(line.length).toBeLessThanOrEqual(132);
  });

  it("has no escape codes without colour, and marks what is wrong with it", () => {
    expect(plain).not.toContain("\u001B");
    expect(renderStatus(view, { colour: true })).toContain("\u001B[31m✘ 98.00 %");
  });
});
