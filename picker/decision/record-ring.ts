/** First in, first out, in one array that grows by doubling; what is taken out is not held on to. */
export class RecordRing<T> {
  #slots: (T | undefined)[] = Array.from({ length: 16 });
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#first + this.#length) & (this.#slots.length - 1)] = value;
    this.#length++;
  }

  /** Takes out the oldest; undefined when there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#slots[this.#first];
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#slots.length - 1);
    this.#length--;
    return value;
  }

  /** The newest is at 0; undefined past the oldest. */
  fromNewest(back: number): T | undefined {
    if (back >= this.#length) return undefined;
    return this.#slots[(this.#first + this.#length - 1 - back) & (this.#slots.length - 1)];
  }

  #grow(): void {
    const values = Array.from({ length: this.#length }, (_, index) => this.fromNewest(this.#length - 1 - index));
    this.#slots = [...values, ...Array.from({ length: values.length }, () => undefined)];
    this.#first = 0;
  }
}
