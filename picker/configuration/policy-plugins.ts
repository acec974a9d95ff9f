import { z } from "zod";
import { defineCarried } from "../scheduling/define.ts";
import { onlyDefault, onlyDefaultDuration } from "./not-yet.ts";

const noParameters = z.strictObject({});

/** The field's flow-control defaults: they may be written out, and say what holds without them. */
export const policies = [
  defineCarried("saturation-detector", {
    type: "utilization-detector",
    stability: "beta",
    parameters: z.strictObject({
      queueDepthThreshold: onlyDefault(5),
      kvCacheUtilThreshold: onlyDefault(0.8),
      metricsStalenessThreshold: onlyDefaultDuration(200),
      headroom: onlyDefault(0),
    }),
  }),
  defineCarried("ordering-policy", { type: "fcfs-ordering-policy", stability: "beta", parameters: noParameters }),
  defineCarried("fairness-policy", {
    type: "global-strict-fairness-policy",
    stability: "beta",
    parameters: noParameters,
  }),
  defineCarried("usage-limit-policy", {
    type: "static-usage-limit-policy",
    stability: "beta",
    parameters: z.strictObject({ threshold: onlyDefault(1) }),
  }),
];
