/** What flow control answers, as data: one row a way of ending without an endpoint. */
import type { RefusalReason } from "#objective";

/** Ways of ending that are answered, in the order of reports. */
export const refusalKinds = [
  "saturated",
  "infeasible",
  "late",
  "queue-full",
  "queue-full-no-endpoints",
  "displaced",
  "ttl-expired",
  "ttl-expired-no-endpoints",
  "evicted",
  "no-endpoints",
  "filtered-out",
  "no-band",
  "shutting-down",
  "shutting-down-queued",
] as const;

export type RefusalKind = (typeof refusalKinds)[number];

/** The `outcome` label of the field's flow-control metrics. Source: llm-d-router, pkg/epp/flowcontrol/types, QueueOutcome. */
export type FieldOutcome =
  | "RejectedCapacity"
  | "RejectedNoEndpoints"
  | "RejectedOther"
  | "EvictedTTL"
  | "EvictedNoEndpoints"
  | "EvictedContextCancelled"
  | "EvictedOther";

export type RefusalRule = {
  /** 429: there are endpoints, and none for this request now. 503: there is nothing to serve it. */
  readonly status: 429 | 503;
  /** Counts in attainment. */
  readonly reason: RefusalReason;
  /** Value of `x-llm-d-request-dropped-reason`; undefined where the field sends none. */
  readonly droppedReason: string | undefined;
  /** undefined: the request had left the field's queue, or never came to it. */
  readonly fieldOutcome: FieldOutcome | undefined;
  /**
   * What `retry-after` is made of: `drain`, the time until there is room; `cold-start`, the time until there is an endpoint;
   * `elsewhere`, a second, since another replica may answer at once.
   */
  readonly retry: "drain" | "cold-start" | "elsewhere";
  readonly message: string;
};

const saturated = {
  status: 429,
  droppedReason: "rejected-saturated",
  retry: "drain",
} as const;
const noEndpoints = {
  status: 503,
  reason: "no_endpoints",
  droppedReason: "rejected-no-endpoints",
  retry: "cold-start",
} as const;
const expired = {
  status: 429,
  droppedReason: "rejected-ttl-expired",
  fieldOutcome: "EvictedTTL",
  retry: "drain",
} as const;
const shuttingDown = {
  status: 503,
  reason: "shutting_down",
  droppedReason: "rejected-shutting-down",
  retry: "elsewhere",
  message: "the endpoint picker is shutting down",
} as const;

/**
 * Statuses and dropped reasons are the field's, except that nothing is answered with 500 and that a shed names its reason.
 * `displaced` takes the word the field reserves for it.
 * Source: llm-d-router, pkg/epp/flowcontrol and requestcontrol/admission.go.
 */
export const refusalRules: Readonly<Record<RefusalKind, RefusalRule>> = {
  saturated: {
    ...saturated,
    reason: "shed",
    fieldOutcome: undefined,
    message: "the model servers are saturated and this request is sheddable",
  },
  infeasible: {
    ...saturated,
    reason: "shed",
    fieldOutcome: "RejectedOther",
    message: "the queue is too long for this request to be served in time",
  },
  late: {
    ...expired,
    reason: "shed",
    message: "this request waited until it could no longer be served in time",
  },
  "queue-full": {
    ...saturated,
    reason: "queue_full",
    fieldOutcome: "RejectedCapacity",
    message: "the model servers are saturated and the queue is full",
  },
  "queue-full-no-endpoints": {
    ...noEndpoints,
    fieldOutcome: "RejectedNoEndpoints",
    message: "no model server is available and the queue is full",
  },
  displaced: {
    status: 429,
    reason: "evicted",
    droppedReason: "evicted-priority",
    fieldOutcome: "EvictedOther",
    retry: "drain",
    message: "the queue is full and a request of higher priority took this one's place",
  },
  "ttl-expired": {
    ...expired,
    reason: "ttl_expired",
    message: "this request waited in the queue for as long as it may",
  },
  "ttl-expired-no-endpoints": {
    ...noEndpoints,
    fieldOutcome: "EvictedNoEndpoints",
    message: "no model server became available while this request waited",
  },
  evicted: {
    status: 429,
    reason: "evicted",
    droppedReason: "evicted",
    fieldOutcome: undefined,
    retry: "drain",
    message: "request evicted by flow control",
  },
  "no-endpoints": {
    ...noEndpoints,
    fieldOutcome: undefined,
    message: "no model server is available for this request",
  },
  "filtered-out": {
    ...saturated,
    reason: "no_endpoints",
    fieldOutcome: undefined,
    message: "no model server can take this request",
  },
  "no-band": {
    status: 503,
    reason: "queue_full",
    droppedReason: undefined,
    fieldOutcome: "RejectedOther",
    retry: "drain",
    message: "there is no queue for requests of this priority",
  },
  "shutting-down": { ...shuttingDown, fieldOutcome: "RejectedOther" },
  "shutting-down-queued": { ...shuttingDown, fieldOutcome: "EvictedOther" },
};

/** A client that left while it waited: recorded, and there is nobody to answer. Counted as `client-gone`, not as refused. */
export const goneWhileQueued = {
  status: 503,
  droppedReason: "rejected-context-cancelled",
  fieldOutcome: "EvictedContextCancelled",
} as const;
