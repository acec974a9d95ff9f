import type { Refusal } from "../refusal/refusal.ts";

/** The answer where unknown objectives are refused. The name is the client's own text, so it is not repeated. */
export const unknownObjectiveRefusal: Refusal = {
  kind: "refuse",
  status: 400,
  reason: "invalid",
  droppedReason: undefined,
  message: "the request names an inference objective that this pool does not have",
  retryAfterSeconds: undefined,
};
