import { describe, expect, it } from "@jest/globals";
import { liveDecisions } from "../../../../picker/live/decisions.ts";
import { livePicker } from "../../../support/live-picker.ts";

const clock = { nowMs: () => 10_000, wallMs: () => 1_700_000_010_000 };

describe("liveDecisions", () => {
  it("says why a request missed, by how much and where the time went", () => {
    const { log, respond } = livePicker();
    respond("late", 5000, 700);
    expect(liveDecisions(log, clock, undefined)).toMatchObject([
      {
        sequence: 0,
        id: "late",
        endedAtWallMs: 1_700_000_005_000,
        objective: "chat",
        verdict: "missed",
        reason: "ttft",
        longestWait: "firstByte",
        endpoint: "default/a",
        ttftSeconds: 0.7,
        tpotSeconds: 0.01,
        queueSeconds: 0,
        outputTokens: 11,
      },
    ]);
    expect(liveDecisions(log, clock, undefined)[0]!.overSeconds).toBeCloseTo(0.2, 9);
  });

  it("names no wait for a refusal, and none for a request that was met", () => {
    const { log, respond, refuse } = livePicker();
    respond("good", 5000, 100);
    refuse("refused", 6000);
    const none = { longestWait: undefined, overSeconds: undefined };
    expect(liveDecisions(log, clock, undefined)).toMatchObject([
      { id: "refused", reason: "no_endpoints", refusal: "no_endpoints", responseStatus: undefined, ...none },
      { id: "good", verdict: "met", reason: undefined, ...none },
    ]);
  });

  it("brings only what is new, newest first", () => {
    const { log, respond } = livePicker();
    for (const second of [1, 2, 3, 4]) respond(`r${second}`, second * 1000, 100);
    expect(liveDecisions(log, clock, 3000).map(({ id }) => id)).toEqual(["r4", "r3"]);
  });

  it("keeps a miss in sight under a flood of met requests, and stays bounded", () => {
    const { log, respond } = livePicker();
    respond("the miss", 1000, 900);
    for (let request = 0; request < 500; request++) respond(`r${request}`, 2000, 100);
    const decisions = liveDecisions(log, clock, undefined);
    expect(decisions.map(({ id }) => id)).toContain("the miss");
    expect(decisions).toHaveLength(61);
    const sequences = decisions.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => b - a));
  });
});
