import type { Input, RuleCase } from "../promtool.ts";
import { counter, gauge, type Phase } from "../samples.ts";

const step = "30s";
type Modes = "normal" | "concurrency_only" | "no_endpoints";
const mode = (name: Modes, phases: readonly Phase[], instance = "a"): Input =>
  gauge(`attain_flow_mode{pool="p",mode="${name}",instance="${instance}"}`, phases);
const blind = "AttainFlowConcurrencyOnly warning";

/** A picker that has no fresh scrape from minute 5 on. A window of 2 minutes is full of it at 7, and `for` is 5. */
export const concurrencyOnlyCases: readonly RuleCase[] = [
  {
    name: "one picker of two without a fresh scrape",
    step,
    inputs: [
      mode("concurrency_only", [
        [10, 0],
        [30, 1],
        [10, 0],
      ]),
      mode("normal", [
        [10, 1],
        [30, 0],
        [10, 1],
      ]),
      mode("concurrency_only", [[50, 0]], "b"),
      mode("normal", [[50, 1]], "b"),
    ],
    checks: [
      { at: "11m30s", firing: [] },
      { at: "12m", firing: [blind] },
      { at: "19m30s", firing: [blind] },
      { at: "20m", firing: [] },
    ],
  },
  {
    name: "a picker without a fresh scrape, while two of its own scrapes in a row fail now and then",
    step,
    inputs: [
      {
        series: 'attain_flow_mode{pool="p",mode="concurrency_only",instance="a"}',
        values: "1 1 1 1 1 1 1 stale _ _ ".repeat(2).trim(),
      },
    ],
    checks: [{ at: "7m", firing: [blind] }],
  },
  {
    name: "fresh scrapes every other minute",
    step,
    inputs: [
      {
        series: 'attain_flow_mode{pool="p",mode="concurrency_only",instance="a"}',
        values: "1 1 0 0 ".repeat(10).trim(),
      },
    ],
    checks: [{ at: "19m", firing: [] }],
  },
  {
    name: "a pool without endpoints",
    step,
    inputs: [mode("no_endpoints", [[40, 1]]), mode("concurrency_only", [[40, 0]]), mode("normal", [[40, 0]])],
    checks: [{ at: "15m", firing: [] }],
  },
];

const left = (outcome: string, phases: readonly Phase[], instance = "a", objective = "chat"): Input =>
  counter(
    `attain_flow_outcomes_total{pool="p",objective="${objective}",outcome="${outcome}",instance="${instance}"}`,
    phases,
  );
const ofPriority = (priority: number, objective = "chat", instance = "a"): Input =>
  gauge(`attain_objective_info{pool="p",objective="${objective}",priority="${priority}",instance="${instance}"}`, [
    [80, 1],
  ]);
const refused = "AttainImportantRefused warning";

/** More than 1 % of ten minutes, and six or more; `for` is 5. */
export const importantRefusedCases: readonly RuleCase[] = [
  {
    name: "a fiftieth refused, by two reasons and two pickers",
    step,
    inputs: [
      ofPriority(2),
      ofPriority(2, "chat", "b"),
      left("dispatched", [[40, 49]]),
      left("saturated", [[40, 1]]),
      left("dispatched", [[40, 49]], "b"),
      left("ttl_expired", [[40, 1]], "b"),
    ],
    checks: [
      { at: "6m", firing: [] },
      { at: "6m30s", firing: [refused] },
      { at: "15m", firing: [refused] },
    ],
  },
  {
    name: "twelve refused of a thousand in ten minutes, all at once",
    step,
    inputs: [
      ofPriority(0),
      left("dispatched", [[75, 50]]),
      left("displaced", [
        [39, 0],
        [1, 12],
        [35, 0],
      ]),
    ],
    checks: [
      { at: "24m30s", firing: [] },
      { at: "25m", firing: [refused] },
      { at: "29m30s", firing: [refused] },
      { at: "30m", firing: [] },
    ],
  },
  {
    name: "eight refused of a thousand, and eight more twelve minutes later, at two pickers",
    step,
    inputs: [
      ofPriority(0),
      left("dispatched", [[80, 25]]),
      left("dispatched", [[80, 25]], "b"),
      left("queue_full", [
        [39, 0],
        [1, 8],
        [23, 0],
        [1, 8],
        [16, 0],
      ]),
    ],
    checks: [
      { at: "25m", firing: [] },
      { at: "29m30s", firing: [] },
      { at: "38m", firing: [] },
    ],
  },
  {
    name: "three refused, and three more twelve minutes later, of little traffic",
    step,
    inputs: [
      ofPriority(1),
      left("dispatched", [[75, 1]]),
      left("late", [
        [20, 0],
        [1, 3],
        [23, 0],
        [1, 3],
        [30, 0],
      ]),
    ],
    checks: [
      { at: "16m", firing: [] },
      { at: "28m", firing: [] },
      { at: "30m", firing: [] },
    ],
  },
  {
    name: "half of a sheddable objective refused",
    step,
    inputs: [
      ofPriority(-1, "batch"),
      ofPriority(2),
      left("dispatched", [[60, 50]]),
      left("saturated", [[60, 0]]),
      left("dispatched", [[60, 50]], "a", "batch"),
      left("saturated", [[60, 50]], "a", "batch"),
    ],
    checks: [{ at: "20m", firing: [] }],
  },
  {
    name: "refusals of an empty pool, of pickers that shut down, and clients that leave",
    step,
    inputs: [
      ofPriority(2),
      left("dispatched", [[60, 10]]),
      ...["no_endpoints", "ttl_expired_no_endpoints", "queue_full_no_endpoints"].map((one) => left(one, [[60, 10]])),
      ...["shutting_down", "shutting_down_queued", "client_gone"].map((one) => left(one, [[60, 10]])),
    ],
    checks: [{ at: "20m", firing: [] }],
  },
];
