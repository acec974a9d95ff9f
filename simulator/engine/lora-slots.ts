/** The adapters in GPU memory. One that no running request uses gives way to one that is wanted, the longest unused first. */
export class LoraSlots {
  readonly capacity: number;
  /** Running requests by adapter; the order of the map is the order of use. */
  readonly #running = new Map<string, number>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Takes a place for one more request: on an adapter that is in memory, or after bringing it in, or not at all. */
  acquire(adapter: string): "resident" | "loaded" | "blocked" {
    const running = this.#running.get(adapter);
    if (running === undefined && !this.#makeRoom()) return "blocked";
    this.#running.delete(adapter);
    this.#running.set(adapter, (running ?? 0) + 1);
    return running === undefined ? "loaded" : "resident";
  }

  /** True when {@link acquire} would not be blocked. */
  admits(adapter: string): boolean {
    return this.#running.has(adapter) || this.#running.size < this.capacity || this.#idle() !== undefined;
  }

  release(adapter: string): void {
    this.#running.set(adapter, (this.#running.get(adapter) ?? 1) - 1);
  }

  /** Adapters with a running request. */
  active(): readonly string[] {
    const names: string[] = [];
    for (const [name, running] of this.#running) if (running > 0) names.push(name);
    return names;
  }

  resident(): readonly string[] {
    return [...this.#running.keys()];
  }

  #idle(): string | undefined {
    for (const [name, running] of this.#running) if (running === 0) return name;
    return undefined;
  }

  #makeRoom(): boolean {
    if (this.#running.size < this.capacity) return true;
    const idle = this.#idle();
    if (idle === undefined) return false;
    this.#running.delete(idle);
    return true;
  }
}
