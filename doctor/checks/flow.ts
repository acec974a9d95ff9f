import type { Facts, FlowFacts } from "../facts.ts";
import { findingsOf, type Finding } from "../finding.ts";

const flow = findingsOf("flow-control");

function kindInWords({ admission, enforcement }: FlowFacts): string {
  if (admission === "legacy") return "requests do not wait: flow control is off";
  return enforcement === "observe" ? "flow control observes, and refuses nothing" : "requests wait for room";
}

/** What a picker decides from when it lets requests wait, and whether that is all there is to see. */
export function checkFlow({ picker }: Facts): readonly Finding[] {
  if (picker?.answer.ok !== true) return [];
  const { flow: said, pool } = picker.answer;
  const what = `pool ${pool}: ${kindInWords(said)}`;
  if (said.mode !== "concurrency-only") return [flow.ok(what)];
  return [
    flow.warning(
      `${what}; no endpoint has fresh metrics, so the picker's own count of requests in flight decides alone, and load of other pickers and direct clients is not seen`,
      "repair the scrapes: pool-endpoints names who is not scraped; until then, with several pickers, set maxConcurrency of ledger-detector to each one's share",
    ),
  ];
}
