import type { RuleCase } from "../promtool.ts";
import { minutes, requests } from "../samples.ts";

const fast = "AttainErrorBudgetBurn critical fast";
const slow = "AttainErrorBudgetBurn critical slow";
const fastTicket = "AttainErrorBudgetBurn warning fast";
const slowTicket = "AttainErrorBudgetBurn warning slow";

/**
 * When an outage of all requests pages, in minutes: threshold × long window, up to the next evaluation, and `for`.
 * Worked out by hand: threshold = min(share × 28 d / window × budget, 0.8), share 2 % in 1 h, 5 % in 6 h.
 */
const outages = [
  { target: 0.5, pages: 308, alert: slow, stepMinutes: 4, healthyMinutes: 392 },
  { target: 0.8, pages: 308, alert: slow, stepMinutes: 4, healthyMinutes: 392 },
  { target: 0.9, pages: 52, alert: fast, stepMinutes: 1, healthyMinutes: 120 },
  { target: 0.95, pages: 44, alert: fast, stepMinutes: 1, healthyMinutes: 120 },
  { target: 0.99, pages: 11, alert: fast, stepMinutes: 0.5, healthyMinutes: 70 },
  { target: 0.999, pages: 3.5, alert: fast, stepMinutes: 0.5, healthyMinutes: 70 },
  { target: 0.9999, pages: 3, alert: fast, stepMinutes: 0.5, healthyMinutes: 70 },
] as const;

const perStep = 600;

const outageCases = (target: number): readonly RuleCase[] =>
  outages
    .filter((row) => row.target === target)
    .map(({ pages, alert, stepMinutes: step, healthyMinutes: healthy }) => ({
      name: `an outage pages after ${pages} minutes`,
      step: minutes(step),
      inputs: requests([
        [healthy / step, perStep, 0],
        [pages / step + 1, 0, perStep],
      ]),
      checks: [
        { at: minutes(healthy + pages - step), firing: [], among: "critical" },
        { at: minutes(healthy + pages), firing: [alert], among: "critical" },
      ],
    }));

/** Misses a constant share after so many healthy hours. Step 1 hour: only the windows from 2 hours up are seen. */
function steady(
  name: string,
  { share, healthy }: { readonly share: number; readonly healthy: number },
  checks: readonly { readonly at: number; readonly firing: readonly string[] }[],
): RuleCase {
  const missed = Math.round(share * 1_000_000);
  return {
    name,
    step: "1h",
    inputs: requests([
      [healthy, 1_000_000, 0],
      [checks.at(-1)!.at, 1_000_000 - missed, missed],
    ]),
    checks: checks.map(({ at, firing }) => ({ at: `${healthy + at}h`, firing, among: "warning" })),
  };
}

/**
 * Tickets. Burn 1.5 passes the 3-day threshold (1 × budget) after 48 h, and `for` is 3 h. Burn 4 passes the 1-day
 * threshold (2.8 × budget, at most 0.8) after 16.8 h, and `for` is 1 h; for target 0.5 after 19.2 h.
 */
export const burnCases = (target: number): readonly RuleCase[] => {
  const budget = 1 - target;
  const quick = target === 0.5 ? { share: 1, hours: 21 } : { share: 4 * budget, hours: 18 };
  return [
    ...outageCases(target),
    steady("a slow burn becomes a ticket after two days", { share: 1.5 * budget, healthy: 72 }, [
      { at: 51, firing: [] },
      { at: 52, firing: [slowTicket] },
    ]),
    steady("a faster burn becomes a ticket within the day", { share: quick.share, healthy: 72 }, [
      { at: quick.hours - 1, firing: [] },
      { at: quick.hours, firing: [fastTicket] },
    ]),
    steady("a burn just below the budget is silent", { share: 0.97 * budget, healthy: 1 }, [{ at: 40, firing: [] }]),
    {
      name: "healthy traffic is silent, whether or not a missed series was ever made",
      step: "3m",
      inputs: requests([[130, perStep, 0]]).slice(0, 1),
      checks: [
        { at: "6h", firing: [] },
        {
          at: "6h",
          expression: 'objective:attain_requests_missed:ratio{window="6h"}',
          sample: {
            labels: 'objective:attain_requests_missed:ratio{pool="p",objective="chat",window="6h"}',
            value: 0,
          },
        },
      ],
    },
  ];
};
