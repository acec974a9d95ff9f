import type { RuleCase } from "../promtool.ts";
import { counter, requests, type Phase } from "../samples.ts";

const refused = (phases: readonly Phase[], reason: string, instance = "a", objective = "chat") =>
  counter(
    `attain_objective_missed_total{pool="p",objective="${objective}",reason="${reason}",instance="${instance}"}`,
    phases,
  );
const shedding = "AttainSheddingHigh critical";

/** Above 5.6 % of 30 minutes: a tenth refused reaches it after 17 minutes, `for` is 2.5. */
export const sheddingCases: readonly RuleCase[] = [
  {
    name: "a tenth refused, by two reasons and two pickers",
    step: "1m",
    inputs: [
      ...requests([
        [40, 300, 0],
        [25, 270, 30],
        [50, 300, 0],
      ]),
      ...requests(
        [
          [40, 300, 0],
          [25, 270, 30],
          [50, 300, 0],
        ],
        "b",
      ),
      refused(
        [
          [40, 0],
          [25, 30],
          [50, 0],
        ],
        "shed",
      ),
      refused(
        [
          [40, 0],
          [25, 30],
          [50, 0],
        ],
        "queue_full",
        "b",
      ),
    ],
    checks: [
      { at: "59m", firing: [] },
      { at: "60m", firing: [shedding] },
      // 17 of the last 30 minutes had refusals up to minute 78; then it is kept for 5.
      { at: "83m", firing: [shedding] },
      { at: "84m", firing: [] },
    ],
  },
  {
    name: "a tenth missed for other reasons",
    step: "1m",
    inputs: [...requests([[70, 540, 60]]), refused([[70, 60]], "upstream_error"), refused([[70, 60]], "no_endpoints")],
    checks: [{ at: "70m", firing: [] }],
  },
  {
    name: "refusals of another objective",
    step: "1m",
    inputs: [...requests([[70, 540, 0]]), refused([[70, 60]], "shed", "a", "batch")],
    checks: [{ at: "70m", firing: [] }],
  },
  {
    name: "five refused of five",
    step: "1m",
    inputs: [
      ...requests([
        [40, 0, 0],
        [5, 0, 1],
        [5, 0, 0],
      ]),
      refused(
        [
          [40, 0],
          [5, 1],
          [5, 0],
        ],
        "ttl_expired",
      ),
    ],
    checks: [{ at: "50m", firing: [] }],
  },
  {
    name: "five refused of five, and five more than half an hour before",
    step: "1m",
    inputs: [
      ...requests([
        [10, 0, 0],
        [5, 0, 1],
        [40, 0, 0],
        [5, 0, 1],
        [5, 0, 0],
      ]),
      refused(
        [
          [10, 0],
          [5, 1],
          [40, 0],
          [5, 1],
          [5, 0],
        ],
        "shed",
      ),
    ],
    checks: [{ at: "65m", firing: [] }],
  },
  {
    name: "six refused of six in 26 minutes, by two pickers in turn",
    step: "1m",
    inputs: [
      ...requests([
        [40, 0, 0],
        ...Array.from(
          { length: 6 },
          () =>
            [
              [1, 0, 1],
              [4, 0, 0],
            ] as const,
        ).flat(),
      ]),
      refused(
        [
          [40, 0],
          ...Array.from({ length: 3 }, (): Phase[] => [
            [1, 1],
            [9, 0],
          ]).flat(),
        ],
        "evicted",
      ),
      refused(
        [
          [45, 0],
          ...Array.from({ length: 3 }, (): Phase[] => [
            [1, 1],
            [9, 0],
          ]).flat(),
        ],
        "ttl_expired",
        "b",
      ),
    ],
    checks: [
      { at: "68m", firing: [] },
      { at: "69m", firing: [shedding] },
    ],
  },
];
