import { endpoints } from "./endpoints.ts";
import { flowControl } from "./flow-control.ts";
import { objectiveDetail } from "./objective-detail.ts";
import type { Dashboard } from "./panel.ts";
import { pickerInternals } from "./picker-internals.ts";
import { pool } from "./pool.ts";
import { sloOverview } from "./slo-overview.ts";

/** Every dashboard, from the question of most people to that of few. */
export const allDashboards: readonly Dashboard[] = [
  sloOverview,
  objectiveDetail,
  pool,
  flowControl,
  pickerInternals,
  endpoints,
];
