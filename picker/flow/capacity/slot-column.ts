const grown = (old: Float64Array<ArrayBuffer>, length: number, initial: number): Float64Array<ArrayBuffer> => {
  const array = new Float64Array(Math.max(length, old.length * 2, 8)).fill(initial);
  array.set(old);
  return array;
};

/** One number an endpoint slot, `initial` where none was set. */
export class SlotColumn {
  readonly #initial: number;
  #values: Float64Array<ArrayBuffer>;

  constructor(initial: number) {
    this.#initial = initial;
    this.#values = new Float64Array(8).fill(initial);
  }

  get(slot: number): number {
    return this.#values[slot] ?? this.#initial;
  }

  set(slot: number, value: number): void {
    if (slot >= this.#values.length) this.#values = grown(this.#values, slot + 1, this.#initial);
    this.#values[slot] = value;
  }

  clear(slot: number): void {
    if (slot < this.#values.length) this.#values[slot] = this.#initial;
  }
}
