import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { waitNames, waitOf, waitsOf, type Waits } from "../../../../picker/decision/waits.ts";
import { CandidateScores } from "../../../../picker/scheduling/candidate-scores.ts";
import { keptWith } from "../../../support/kept-decision.ts";

const scheduledFrom = (startedAtMs: number): CandidateScores => {
  const scores = new CandidateScores();
  scores.begin(startedAtMs, 1, 1);
  return scores;
};

const sum = (waits: Waits): number => waitNames.reduce((total, name) => total + (waitOf(waits, name) ?? 0), 0);

describe("waitsOf", () => {
  it("splits a whole request at its instants", () => {
    const kept = keptWith({
      arrivedAtMs: 1000,
      decidingAtMs: 1010,
      considered: scheduledFrom(1035),
      queuedMs: 20,
      decidedAtMs: 1040,
      firstByteAtMs: 1340,
      endedAtMs: 2340,
    });
    const waits = waitsOf(kept);
    const inMs = waitNames.map((name) => Math.round(waitOf(waits, name)! * 1000));
    expect(inMs).toEqual([10, 5, 20, 5, 300, 1000]);
  });

  it.each<{ name: string; part: Parameters<typeof keptWith>[0]; want: Partial<Waits> }>([
    {
      name: "a request that was gone before it was whole has only waited for itself",
      part: { decidingAtMs: undefined, decidedAtMs: undefined, firstByteAtMs: undefined, endedAtMs: 1500 },
      want: {
        receiveSeconds: 0.5,
        parseSeconds: undefined,
        queueSeconds: undefined,
        scheduleSeconds: undefined,
        firstByteSeconds: undefined,
        decodeSeconds: undefined,
      },
    },
    {
      name: "a body that could not be read was parsed and no more",
      part: { decidingAtMs: 1200, decidedAtMs: undefined, firstByteAtMs: undefined, endedAtMs: 1300 },
      want: { receiveSeconds: 0.2, parseSeconds: 0.1, scheduleSeconds: undefined, firstByteSeconds: undefined },
    },
    {
      name: "a request whose scores were not kept has parsing inside scheduling",
      part: { decidingAtMs: 1200, decidedAtMs: 1300, firstByteAtMs: undefined, endedAtMs: 1800 },
      want: { parseSeconds: undefined, queueSeconds: undefined, scheduleSeconds: 0.1, firstByteSeconds: 0.5 },
    },
    {
      name: "a refusal for want of an endpoint was scheduled until its end",
      part: {
        decidingAtMs: 1200,
        considered: scheduledFrom(1250),
        decidedAtMs: undefined,
        firstByteAtMs: undefined,
        endedAtMs: 1300,
      },
      want: { parseSeconds: 0.05, queueSeconds: 0, scheduleSeconds: 0.05, firstByteSeconds: undefined },
    },
  ])("$name", ({ part, want }) => expect(waitsOf(keptWith({ arrivedAtMs: 1000, ...part }))).toMatchObject(want));

  it("adds up to the elapsed time, however far a request came", () => {
    const spans = fc.array(fc.nat({ max: 5000 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(spans, fc.nat({ max: 5 }), fc.boolean(), (steps, reached, keepsScores) => {
        const at = steps.map((_, index) => 1000 + steps.slice(0, index).reduce((a, b) => a + b, 0));
        const [arrivedAtMs, decidingAtMs, startedAtMs, decidedAtMs, firstByteAtMs, endedAtMs] = at as [
          number,
          number,
          number,
          number,
          number,
          number,
        ];
        const kept = keptWith({
          arrivedAtMs,
          decidingAtMs: reached >= 1 ? decidingAtMs : undefined,
          considered: reached >= 2 && keepsScores ? scheduledFrom(startedAtMs) : undefined,
          decidedAtMs: reached >= 3 ? decidedAtMs : undefined,
          firstByteAtMs: reached >= 4 ? firstByteAtMs : undefined,
          endedAtMs,
        });
        expect(sum(waitsOf(kept))).toBeCloseTo((endedAtMs - arrivedAtMs) / 1000, 6);
      }),
    );
  });
});
