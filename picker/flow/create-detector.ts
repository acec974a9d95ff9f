import { unreachable } from "#errors";
import type { InFlightView } from "../scheduling/plugin.ts";
import { StaticCapacity } from "./capacity/capacity.ts";
import { ConcurrencyDetector } from "./capacity/concurrency-detector.ts";
import { LearnedCapacity } from "./capacity/learned-capacity.ts";
import { LedgerDetector } from "./capacity/ledger-detector.ts";
import type { SaturationDetector } from "./capacity/saturation-detector.ts";
import {
  PriorityHoldback,
  SoftReflectiveCeiling,
  StaticUsageLimit,
  type UsageLimitPolicy,
} from "./capacity/usage-limit-policy.ts";
import { UtilizationDetector } from "./capacity/utilization-detector.ts";
import type { DetectorSettings, UsageLimitSettings } from "./settings.ts";

/** The detector of the settings, over the ledger. */
export function createDetector(settings: DetectorSettings, inFlight: InFlightView): SaturationDetector {
  switch (settings.type) {
    case "ledger-detector": {
      const { capacity } = settings;
      const limit =
        capacity.kind === "learned" ? new LearnedCapacity(capacity.options) : new StaticCapacity(capacity.maxRequests);
      return new LedgerDetector(inFlight, limit, settings);
    }
    case "utilization-detector":
      return new UtilizationDetector(inFlight, new StaticCapacity(settings.maxRequestsWithoutMetrics), settings);
    case "concurrency-detector":
      return new ConcurrencyDetector(inFlight, settings);
    default:
      return unreachable(settings);
  }
}

/** The usage-limit policy of the settings. */
export function createUsageLimit(settings: UsageLimitSettings): UsageLimitPolicy {
  switch (settings.type) {
    case "static-usage-limit-policy":
      return new StaticUsageLimit(settings.ceiling);
    case "priority-holdback-policy":
      return new PriorityHoldback(settings);
    case "soft-reflective-ceiling-policy":
      return new SoftReflectiveCeiling();
    default:
      return unreachable(settings);
  }
}
