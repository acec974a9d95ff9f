/** A run of numbers inside a slab. Cells never move; a new owner is given after a release. */
export type Cells = { slab: Float64Array; offset: number };

const slabLength = 8192;
const sizeClass = 8;

/** Runs longer than one cell are rounded up, so that a released run fits the next owner of about its length. */
const lengthClass = (length: number): number => (length === 1 ? 1 : Math.ceil(length / sizeClass) * sizeClass);

/** Hands out zeroed runs of float64 from slabs that are added as they fill and are never copied. */
export class Arena {
  #slab = new Float64Array(slabLength);
  #used = 0;
  readonly #released = new Map<number, Cells[]>();

  allocate(length: number): Cells {
    const size = lengthClass(length);
    const reused = this.#released.get(size)?.pop();
    if (reused !== undefined) {
      reused.slab.fill(0, reused.offset, reused.offset + size);
      return reused;
    }
    if (this.#used + size > this.#slab.length) {
      this.#slab = new Float64Array(Math.max(slabLength, size));
      this.#used = 0;
    }
    const cells: Cells = { slab: this.#slab, offset: this.#used };
    this.#used += size;
    return cells;
  }

  release(cells: Cells, length: number): void {
    const size = lengthClass(length);
    const runs = this.#released.get(size);
    if (runs === undefined) this.#released.set(size, [cells]);
    else runs.push(cells);
  }
}
