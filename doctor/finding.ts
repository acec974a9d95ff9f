/** What a check says. */
export type FindingStatus = "ok" | "warning" | "wrong";

/**
 * - ok: as it should be
 * - warning: works, and will surprise somebody
 * - wrong: does not do what it is there for
 */
export type Finding = {
  /** Name of the check, stable, for programs. */
  readonly check: string;
  readonly status: FindingStatus;
  readonly message: string;
  /** Exactly what to change; undefined where nothing is to be done. */
  readonly fix: string | undefined;
};

/** Findings of one check. */
export type Findings = {
  ok(message: string): Finding;
  warning(message: string, fix: string): Finding;
  wrong(message: string, fix: string): Finding;
};

/** Makes the findings of one check. */
export const findingsOf = (check: string): Findings => ({
  ok: (message) => ({ check, status: "ok", message, fix: undefined }),
  warning: (message, fix) => ({ check, status: "warning", message, fix }),
  wrong: (message, fix) => ({ check, status: "wrong", message, fix }),
});
