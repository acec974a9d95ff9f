import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { PickerCore } from "../../support/extproc-core.ts";
import type { ScriptedProxy } from "../../support/extproc-proxy.ts";
import { transcriptOf } from "../../support/extproc-transcript.ts";
import type { TranscriptCase } from "./cases/case.ts";
import { destinations } from "./cases/destinations.ts";
import { endings } from "./cases/endings.ts";
import { exchanges } from "./cases/exchanges.ts";
import { refusals } from "./cases/refusals.ts";

const approving = process.env["UPDATE_GOLDEN"] === "1";
const here = new URL("./", import.meta.url);
const cases = [...exchanges, ...destinations, ...refusals, ...endings];

function played({ options, play }: TranscriptCase): string {
  const core = new PickerCore(options);
  const proxies: ScriptedProxy[] = [];
  const open = (): ScriptedProxy => {
    const proxy = core.open();
    proxies.push(proxy);
    return proxy;
  };
  play(open, core);
  expect(core.inFlight().every((count) => count === 0)).toBe(true);
  expect(core.verdictCount()).toBe(core.arrived);
  return transcriptOf(core, proxies);
}

describe("conversations", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (name, one) => {
    const text = played(one);
    const golden = new URL(`${name}.txt`, here);
    if (approving) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, "utf8"));
  });

  it("are recorded for every case and no other", () => {
    const recorded = readdirSync(here).filter((file) => file.endsWith(".txt"));
    expect(recorded.toSorted()).toEqual(cases.map(({ name }) => `${name}.txt`).toSorted());
  });
});
