import { emptySnapshot, hostPortOf, makeSnapshot, type Endpoint, type EndpointMetrics, type PoolSnapshot } from "#pool";
import type { Milliseconds } from "#units";
import { SlotAllocator } from "./slot-allocator.ts";

/** An endpoint as discovery knows it. */
export type DiscoveredEndpoint = Pick<Endpoint, "namespace" | "name" | "address" | "port" | "labels">;

export type SnapshotPublisherOptions = {
  readonly now: () => Milliseconds;
  /** True when nothing of the slot is in flight any more, so that it may be given to another endpoint. */
  readonly isIdle: (slot: number) => boolean;
  /** The endpoint left the pool and is not in the current snapshot: whoever keeps data by slot forgets it. */
  readonly onRemoved: (slot: number, endpoint: Endpoint) => void;
  /** There is something to publish; called once until the next {@link SnapshotPublisher.publish}. */
  readonly onDirty?: () => void;
};

const sameLabels = (a: Endpoint["labels"], b: Endpoint["labels"]): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};

/** `namespace/name`. */
export const endpointId = ({ namespace, name }: Pick<Endpoint, "namespace" | "name">): string => `${namespace}/${name}`;

/**
 * Gathers what discovery and scrapes report and turns a tick's worth of it into one snapshot. Endpoints that nothing was
 * reported of keep their object. A failed scrape reports no
 * values: the last ones stay and age by `observedAtMs`.
 */
export class SnapshotPublisher {
  readonly #options: SnapshotPublisherOptions;
  readonly #slots: SlotAllocator;
  /** In the order of discovery. */
  #endpoints = new Map<string, Endpoint>();
  #removed: Endpoint[] = [];
  #isDirty = false;
  #snapshot: PoolSnapshot = emptySnapshot;

  constructor(options: SnapshotPublisherOptions) {
    this.#options = options;
    this.#slots = new SlotAllocator(options.isIdle);
  }

  /** The latest published snapshot. */
  get snapshot(): PoolSnapshot {
    return this.#snapshot;
  }

  /** What the next snapshot will hold. */
  get endpoints(): readonly Endpoint[] {
    return [...this.#endpoints.values()];
  }

  /** Replaces the pool's members. One whose address or port changed counts as another endpoint: new slot, nothing known. */
  setEndpoints(discovered: readonly DiscoveredEndpoint[]): void {
    const next = new Map<string, Endpoint>();
    const added: DiscoveredEndpoint[] = [];
    for (const found of discovered) {
      const known = this.#endpoints.get(endpointId(found));
      const stays = known !== undefined && known.hostPort === hostPortOf(found.address, found.port);
      if (stays)
        next.set(known.id, sameLabels(known.labels, found.labels) ? known : { ...known, labels: found.labels });
      else added.push(found);
    }
    const order = discovered.map(endpointId);
    if (new Set(order).size !== order.length) throw new Error("discovery gave two endpoints one name");
    for (const [id, known] of this.#endpoints) if (!next.has(id)) this.#remove(known);
    for (const found of added) next.set(endpointId(found), this.#make(found));
    const changed =
      next.size !== this.#endpoints.size || [...next].some(([id, endpoint]) => this.#endpoints.get(id) !== endpoint);
    if (!changed) return;
    this.#endpoints = new Map(order.map((id) => [id, next.get(id)!]));
    this.#touch();
  }

  /**
   * What a scrape of an endpoint at an address said.
   * @returns the endpoint; undefined when it is not there any more, and nothing changes
   */
  setMetrics(id: string, hostPort: string, metrics: EndpointMetrics): Endpoint | undefined {
    const known = this.#endpoints.get(id);
    if (known === undefined || known.hostPort !== hostPort) return undefined;
    const { unreachable: _, ...reached } = known;
    const scraped = { ...reached, metrics };
    this.#endpoints.set(id, scraped);
    this.#touch();
    return scraped;
  }

  /** A scrape of an endpoint at an address could not connect: what it said last stays, and it is marked until it answers. */
  setUnreachable(id: string, hostPort: string): void {
    const known = this.#endpoints.get(id);
    if (known === undefined || known.hostPort !== hostPort || known.unreachable === true) return;
    this.#endpoints.set(id, { ...known, unreachable: true });
    this.#touch();
  }

  /** Swaps in a snapshot of everything reported since the last one; the same snapshot when nothing was. */
  publish(): PoolSnapshot {
    if (!this.#isDirty) return this.#snapshot;
    this.#isDirty = false;
    this.#snapshot = makeSnapshot(this.#snapshot.version + 1, this.#options.now(), this.endpoints);
    const removed = this.#removed;
    this.#removed = [];
    for (const endpoint of removed) {
      this.#options.onRemoved(endpoint.slot, endpoint);
      this.#slots.release(endpoint.slot);
    }
    return this.#snapshot;
  }

  #make({ namespace, name, address, port, labels }: DiscoveredEndpoint): Endpoint {
    return {
      id: `${namespace}/${name}`,
      namespace,
      name,
      address,
      port,
      hostPort: hostPortOf(address, port),
      labels,
      slot: this.#slots.take(),
      metrics: undefined,
    };
  }

  /** The slot is held until the snapshot without the endpoint is out, so that the old snapshot never names another's slot. */
  #remove(endpoint: Endpoint): void {
    this.#removed.push(endpoint);
  }

  #touch(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#options.onDirty?.();
  }
}
