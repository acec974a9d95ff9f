import type { AlertName } from "../../../alerts/alert-name.ts";
import type { RuleCase } from "../promtool.ts";
import { burnSituations } from "./burn-situations.ts";
import { concurrencyOnlyCases, importantRefusedCases } from "./flow-cases.ts";
import { heldForZeroCases, queueOldCases } from "./flow-wait-cases.ts";
import { absentCases, exhaustedCases, noTrafficCases } from "./objective-cases.ts";
import { certificateCases, configCases, downCases, overloadedCases } from "./picker-cases.ts";
import { noEndpointsCases, staleCases, unknownObjectiveCases } from "./pool-cases.ts";
import { queueWaitCases } from "./queue-wait-cases.ts";
import { sheddingCases } from "./shedding-cases.ts";

/** Cases of firing and of silence for every alert, at target 0.99 of objective chat in pool p. */
export const casesByAlert: Readonly<Record<AlertName, readonly RuleCase[]>> = {
  AttainErrorBudgetBurn: burnSituations,
  AttainErrorBudgetExhausted: exhaustedCases,
  AttainSheddingHigh: sheddingCases,
  AttainObjectiveNoTraffic: noTrafficCases,
  AttainObjectiveMetricsAbsent: absentCases,
  AttainPoolNoEndpoints: noEndpointsCases,
  AttainEndpointScrapeStale: staleCases,
  AttainQueueWaitHigh: queueWaitCases,
  AttainQueueOld: queueOldCases,
  AttainImportantRefused: importantRefusedCases,
  AttainHeldForZero: heldForZeroCases,
  AttainFlowConcurrencyOnly: concurrencyOnlyCases,
  AttainUnknownObjective: unknownObjectiveCases,
  AttainPickerDown: downCases,
  AttainPickerOverloaded: overloadedCases,
  AttainConfigInvalid: configCases,
  AttainCertificateExpiring: certificateCases,
};
