import type { FlowRequest } from "../flow-request.ts";
import { Flow } from "./flow.ts";

/** Forgotten flows kept to be used again. */
const maxSpare = 4096;

/** The flows of one band: one for each fairness id, or for each pair of objective and fairness id. */
export class FlowTable {
  readonly #byObjective = new Map<string, Map<string, Flow>>();
  readonly #isByObjective: boolean;
  readonly #spare: Flow[] = [];
  #size = 0;

  constructor(isByObjective: boolean) {
    this.#isByObjective = isByObjective;
  }

  get size(): number {
    return this.#size;
  }

  get({ objective, fairnessId }: FlowRequest): Flow | undefined {
    return this.#byObjective.get(this.#isByObjective ? objective : "")?.get(fairnessId);
  }

  provide(request: FlowRequest): Flow {
    const objective = this.#isByObjective ? request.objective : "";
    let flows = this.#byObjective.get(objective);
    const known = flows?.get(request.fairnessId);
    if (known !== undefined) return known;
    if (flows === undefined) {
      flows = new Map();
      this.#byObjective.set(objective, flows);
    }
    const flow = this.#spare.pop() ?? new Flow();
    flow.objective = objective;
    flow.fairnessId = request.fairnessId;
    flows.set(request.fairnessId, flow);
    this.#size += 1;
    return flow;
  }

  /** @param flow an empty one, which may become another flow after this */
  forget(flow: Flow): void {
    const flows = this.#byObjective.get(flow.objective);
    if (flows?.get(flow.fairnessId) !== flow) return;
    flows.delete(flow.fairnessId);
    if (flows.size === 0) this.#byObjective.delete(flow.objective);
    this.#size -= 1;
    if (this.#spare.length >= maxSpare) return;
    flow.rank = 0;
    flow.rankedAtMs = 0;
    flow.idleSinceMs = undefined;
    this.#spare.push(flow);
  }
}
