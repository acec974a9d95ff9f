import { defineGauge } from "../spec.ts";

const stable = { stability: "stable", owner: "picker" } as const;

/** The InferencePool as a whole. */
export const poolMetrics = {
  saturationRatio: defineGauge({
    ...stable,
    name: "attain_pool_saturation_ratio",
    unit: "ratio",
    help: "Share of the capacity of the endpoints that can be reached that is taken, as flow control sees it; absent without endpoints.",
    labels: ["pool"],
  }),
  endpoints: defineGauge({
    ...stable,
    name: "attain_pool_endpoints",
    unit: "none",
    help: "Endpoints of the pool by state.",
    labels: ["pool", "state"],
    values: { state: ["fresh", "stale", "unknown"] },
  }),
  snapshotAgeSeconds: defineGauge({
    stability: "beta",
    owner: "picker",
    name: "attain_pool_snapshot_age_seconds",
    unit: "seconds",
    help: "Age of the pool snapshot that requests are scheduled over.",
    labels: ["pool"],
  }),
};
