/** Something that stands in up to one heap per place number, and knows where; -1 where it stands in none. */
export type Placed = { readonly places: number[] };

/**
 * A binary heap from which any item leaves in O(log n), since each item knows its index. Keys stand beside the items, so that
 * comparing reads one array instead of many objects.
 */
export class IndexedHeap<T extends Placed> {
  readonly #items: T[] = [];
  readonly #keys: number[] = [];
  readonly #place: number;
  readonly #tieBefore: (a: T, b: T) => boolean;

  /**
   * @param place which of an item's places this heap writes
   * @param tieBefore true when `a` goes before `b` although their keys are equal
   */
  constructor(place: number, tieBefore: (a: T, b: T) => boolean) {
    this.#place = place;
    this.#tieBefore = tieBefore;
  }

  /** The item with the lowest key. */
  get first(): T | undefined {
    return this.#items[0];
  }

  get firstKey(): number | undefined {
    return this.#keys[0];
  }

  /** In no order that means anything. */
  get items(): readonly T[] {
    return this.#items;
  }

  has(item: T): boolean {
    return item.places[this.#place] !== -1;
  }

  clear(): void {
    for (const item of this.#items) item.places[this.#place] = -1;
    this.#items.length = 0;
    this.#keys.length = 0;
  }

  push(item: T, key: number): void {
    this.#items.push(item);
    this.#keys.push(key);
    this.#rise(item, key, this.#items.length - 1);
  }

  /** Finds the item's index anew after its key, or what breaks its ties, has changed; nothing where it stands outside. */
  update(item: T, key: number): void {
    const index = item.places[this.#place]!;
    if (index !== -1) this.#sink(item, key, this.#rise(item, key, index));
  }

  /** As `update` for all items; O(n). */
  rebuild(keyOf: (item: T) => number): void {
    for (let i = 0; i < this.#items.length; i++) this.#keys[i] = keyOf(this.#items[i]!);
    for (let i = (this.#items.length >> 1) - 1; i >= 0; i--) this.#sink(this.#items[i]!, this.#keys[i]!, i);
  }

  /** @returns false where it stands outside */
  remove(item: T): boolean {
    const index = item.places[this.#place]!;
    if (index === -1) return false;
    const last = this.#items.pop()!;
    const key = this.#keys.pop()!;
    if (last !== item) this.#sink(last, key, this.#rise(last, key, index));
    item.places[this.#place] = -1;
    return true;
  }

  #put(index: number, item: T, key: number): void {
    this.#items[index] = item;
    this.#keys[index] = key;
    item.places[this.#place] = index;
  }

  #rise(item: T, key: number, from: number): number {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentKey = this.#keys[parent]!;
      if (key > parentKey || (key === parentKey && !this.#tieBefore(item, this.#items[parent]!))) break;
      this.#put(index, this.#items[parent]!, parentKey);
      index = parent;
    }
    this.#put(index, item, key);
    return index;
  }

  #sink(item: T, key: number, from: number): void {
    let index = from;
    for (;;) {
      const child = this.#smallerChild(index);
      if (child === -1) break;
      const childKey = this.#keys[child]!;
      if (childKey > key || (childKey === key && !this.#tieBefore(this.#items[child]!, item))) break;
      this.#put(index, this.#items[child]!, childKey);
      index = child;
    }
    this.#put(index, item, key);
  }

  #smallerChild(index: number): number {
    const left = 2 * index + 1;
    const right = left + 1;
    if (right >= this.#items.length) return left < this.#items.length ? left : -1;
    const leftKey = this.#keys[left]!;
    const rightKey = this.#keys[right]!;
    if (rightKey !== leftKey) return rightKey < leftKey ? right : left;
    return this.#tieBefore(this.#items[right]!, this.#items[left]!) ? right : left;
  }
}
