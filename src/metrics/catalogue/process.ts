import { defineCounter, defineGauge } from "../spec.ts";

const stable = { stability: "stable", owner: "shell" } as const;
const beta = { stability: "beta", owner: "shell" } as const;

/** What every process of Attain says of itself. The `process_` names are Prometheus's own. */
export const processMetrics = {
  cpuSecondsTotal: defineCounter({
    ...stable,
    name: "process_cpu_seconds_total",
    unit: "seconds",
    help: "User and system CPU time of the process.",
    labels: [],
  }),
  residentMemoryBytes: defineGauge({
    ...stable,
    name: "process_resident_memory_bytes",
    unit: "bytes",
    help: "Resident memory of the process.",
    labels: [],
  }),
  startTimeSeconds: defineGauge({
    ...stable,
    name: "process_start_time_seconds",
    unit: "seconds",
    help: "Start of the process since the Unix epoch.",
    labels: [],
  }),
  buildInfo: defineGauge({
    ...stable,
    name: "attain_build_info",
    unit: "none",
    help: "The running version and commit, always 1.",
    labels: ["version", "commit"],
  }),
  configurationReloadsTotal: defineCounter({
    ...beta,
    name: "attain_configuration_reloads_total",
    unit: "none",
    help: "Reloads of a configuration file that took effect.",
    labels: ["file"],
  }),
  configurationReloadFailuresTotal: defineCounter({
    ...beta,
    name: "attain_configuration_reload_failures_total",
    unit: "none",
    help: "Reloads of a configuration file that were refused; what was loaded before stays in force.",
    labels: ["file"],
  }),
  certificateExpiryTimestampSeconds: defineGauge({
    ...beta,
    name: "attain_certificate_expiry_timestamp_seconds",
    unit: "seconds",
    help: "End of the served certificate's validity since the Unix epoch; absent where TLS is off.",
    labels: [],
  }),
};
