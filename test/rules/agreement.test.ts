import { expect, it } from "@jest/globals";
import {
  attainmentRatio,
  burnRate,
  errorBudgetRemaining,
  judge,
  verdicts,
  type Attainment,
  type RequestObservation,
  type RequestOutcome,
  type Verdict,
} from "#objective";
import { seededRandom } from "#random";
import { describeWithPromtool, failuresOf, type Check, type Input } from "./promtool.ts";
import { chat, onlyRecordings, rulesFor } from "./rules-under-test.ts";

const target = 0.95;
const { level, objective } = chat(target);
const random = seededRandom(4);

const outcomes: readonly RequestOutcome[] = [
  ...Array.from({ length: 30 }, (): RequestOutcome => ({ kind: "completed" })),
  { kind: "refused", reason: "shed" },
  { kind: "upstream-error" },
  { kind: "client-gone" },
  { kind: "invalid" },
  { kind: "unobserved" },
];

/** A request like any: mostly completed and streamed, its first token around the threshold of 500 ms now and then. */
const observation = (): RequestObservation => ({
  outcome: outcomes[Math.floor(random() * outcomes.length)]!,
  elapsedMs: 600 + random() * 2000,
  ttftMs: random() < 0.95 ? random() * 520 : undefined,
  tpotMs: random() * 80,
  streamed: random() < 0.9,
});

type Counts = Readonly<Record<Verdict, number>>;
const none: Counts = { met: 0, missed: 0, excluded: 0, untargeted: 0 };
const minutesInAll = 90;

/** What one picker has counted after each minute, the first of them before any request. */
function counted(): readonly Counts[] {
  const after = [none];
  for (let minute = 0; minute < minutesInAll; minute++) {
    const counts = { ...after.at(-1)! };
    for (let i = 0; i < 5 + Math.floor(random() * 20); i++) counts[judge(observation(), level, objective).verdict]++;
    after.push(counts);
  }
  return after;
}

const pickers = { a: counted(), b: counted() };

const inputs: readonly Input[] = Object.entries(pickers).flatMap(([instance, counts]) =>
  verdicts.map((verdict) => ({
    series: `attain_objective_requests_total{pool="p",objective="chat",verdict="${verdict}",instance="${instance}"}`,
    values: counts.map((all) => all[verdict]).join(" "),
  })),
);

/** What was judged in the last so many minutes. */
function judgedIn(minutes: number): Attainment {
  const grown = (verdict: Verdict): number =>
    Object.values(pickers).reduce(
      (sum, counts) => sum + counts[minutesInAll]![verdict] - counts[Math.max(0, minutesInAll - minutes)]![verdict],
      0,
    );
  return { met: grown("met"), missed: grown("missed") };
}

/** The recorded value is this one, up to rounding. */
const agrees = (selector: string, value: number): Check => ({
  at: `${minutesInAll}m`,
  expression: `sum(abs(${selector} - ${value}) < bool 1e-12)`,
  sample: { labels: "{}", value: 1 },
});

describeWithPromtool("judge and the recording rules", () => {
  it("say the same of the same requests", async () => {
    const period = judgedIn(minutesInAll);
    const checks = [
      { window: "5m", minutes: 5 },
      { window: "30m", minutes: 30 },
      { window: "1h", minutes: 60 },
      { window: "6h", minutes: minutesInAll },
    ].flatMap(({ window, minutes }) => {
      const counts = judgedIn(minutes);
      const of = (name: string): string => `objective:${name}{window="${window}"}`;
      return [
        agrees(of("attain_requests_missed:increase"), counts.missed),
        agrees(of("attain_requests_judged:increase"), counts.met + counts.missed),
        agrees(of("attain_requests_missed:ratio"), 1 - attainmentRatio(counts)!),
        agrees(of("attain_error_budget:burn_rate"), burnRate(counts, target)!),
      ];
    });
    const remaining = agrees("objective:attain_error_budget:remaining_ratio", errorBudgetRemaining(period, target)!);
    expect(Math.min(period.met, period.missed)).toBeGreaterThan(50);
    expect(
      await failuresOf(onlyRecordings(rulesFor(target)), [
        { name: "agreement", step: "1m", inputs, checks: [...checks, remaining] },
      ]),
    ).toEqual({});
  }, 60_000);
});
