import type { alertNamePrefix } from "#metrics";

/** Every alert there is, in the order of the runbook. */
export const alertNames = [
  "AttainErrorBudgetBurn",
  "AttainErrorBudgetExhausted",
  "AttainSheddingHigh",
  "AttainObjectiveNoTraffic",
  "AttainObjectiveMetricsAbsent",
  "AttainPoolNoEndpoints",
  "AttainEndpointScrapeStale",
  "AttainQueueWaitHigh",
  "AttainQueueOld",
  "AttainImportantRefused",
  "AttainHeldForZero",
  "AttainFlowConcurrencyOnly",
  "AttainPickerDown",
  "AttainPickerOverloaded",
  "AttainConfigInvalid",
  "AttainCertificateExpiring",
  "AttainUnknownObjective",
] as const satisfies readonly `${typeof alertNamePrefix}${string}`[];

/** The name of one of our alerts. */
export type AlertName = (typeof alertNames)[number];
