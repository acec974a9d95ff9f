import { type ServingStatus, servingStatus } from "./health-codec.ts";

/** The one service that says only that the process runs. */
const liveness = "liveness";
/** What `List` names. Every other name gets the same answer as the empty one. */
const listed: readonly string[] = [
  "",
  liveness,
  "readiness",
  "inference-extension",
  "envoy.service.ext_proc.v3.ExternalProcessor",
];

type Watcher = { readonly service: string; readonly tell: (status: ServingStatus) => void; told: ServingStatus };

/**
 * Whether the picker serves. `liveness` is SERVING as long as the process runs, so that a drain or a late start does not
 * get the pod killed; every other service, whatever its name, is SERVING when all conditions hold and no drain began.
 */
export class HealthBoard<Condition extends string = string> {
  readonly #unmet: Set<Condition>;
  readonly #watchers = new Set<Watcher>();
  #draining = false;

  /** @param conditions none of them holds yet */
  constructor(conditions: readonly Condition[]) {
    this.#unmet = new Set(conditions);
  }

  /** The conditions that do not hold. */
  get unmet(): readonly Condition[] {
    return [...this.#unmet];
  }

  get draining(): boolean {
    return this.#draining;
  }

  set(condition: Condition, holds: boolean): void {
    if (holds) this.#unmet.delete(condition);
    else this.#unmet.add(condition);
    this.#tell();
  }

  /** From now on NOT_SERVING, for good. */
  drain(): void {
    this.#draining = true;
    this.#tell();
  }

  statusOf(service: string): ServingStatus {
    if (service === liveness) return servingStatus.SERVING;
    return this.#unmet.size === 0 && !this.#draining ? servingStatus.SERVING : servingStatus.NOT_SERVING;
  }

  list(): readonly (readonly [service: string, status: ServingStatus])[] {
    return listed.map((service) => [service, this.statusOf(service)] as const);
  }

  /** Tells the status of a service now and at each change, until the returned function is called. */
  watch(service: string, tell: (status: ServingStatus) => void): () => void {
    const watcher: Watcher = { service, tell, told: this.statusOf(service) };
    this.#watchers.add(watcher);
    tell(watcher.told);
    return () => this.#watchers.delete(watcher);
  }

  #tell(): void {
    for (const watcher of this.#watchers) {
      const status = this.statusOf(watcher.service);
      if (status === watcher.told) continue;
      watcher.told = status;
      watcher.tell(status);
    }
  }
}
