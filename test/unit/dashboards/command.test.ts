import { expect, it } from "@jest/globals";
import { Command } from "commander";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allDashboards } from "../../../dashboards/all-dashboards.ts";
import { renderDashboard } from "../../../dashboards/grafana/render.ts";
import { registerRenderDashboards } from "../../../bin/commands/render-dashboards.ts";

const command = (): Command => {
  const render = new Command("render").exitOverride().configureOutput({ writeErr: () => undefined });
  registerRenderDashboards(render);
  for (const nested of render.commands) nested.exitOverride().configureOutput({ writeErr: () => undefined });
  return render;
};

it("writes one file a dashboard, with the runbook's address in it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "attain-dashboards-"));
  try {
    const flags = ["--out", join(folder, "new"), "--runbook-url", "https://wiki.example/r"];
    await command().parseAsync(["dashboards", ...flags], { from: "user" });
    const files = readdirSync(join(folder, "new"));
    expect(files.toSorted()).toEqual(allDashboards.map(({ name }) => `${name}.json`).toSorted());
    for (const dashboard of allDashboards) {
      const text = readFileSync(join(folder, "new", `${dashboard.name}.json`), "utf8");
      expect(text).toBe(renderDashboard(dashboard, { runbookUrl: "https://wiki.example/r" }));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("knows every dashboard by its name, and no other", async () => {
  const known = command()
    .commands[0]!.options.find(({ long }) => long === "--name")
    ?.argChoices?.toSorted();
  expect(known).toEqual(allDashboards.map(({ name }) => name).toSorted());
  await expect(command().parseAsync(["dashboards", "--name", "nope"], { from: "user" })).rejects.toThrow(/nope/);
});
