import type { Ratio } from "#units";

/** Chooses the highest keys. Owns its scratch; one instance serves one picker. */
export class BestByKey {
  #chosenKeys = new Float64Array(4);
  #chosenTies = new Float64Array(4);

  /**
   * Writes the `indexes` of the highest keys into `picked`, best first; equal keys in random order.
   * @param keys one a candidate; NaN counts as the lowest
   * @returns how many were written: the smaller of `count` and `picked.length`
   */
  choose(indexes: Int32Array, keys: Float64Array, count: number, random: () => Ratio, picked: Int32Array): number {
    if (picked.length === 1 && count > 0) {
      picked[0] = indexes[one(keys, count, random)]!;
      return 1;
    }
    this.#reserve(picked.length);
    let chosen = 0;
    for (let i = 0; i < count; i++) {
      const key = orLowest(keys[i]!);
      const tie = random();
      const at = this.#place(key, tie, chosen);
      if (at >= picked.length) continue;
      if (chosen < picked.length) chosen++;
      for (let j = chosen - 1; j > at; j--) {
        picked[j] = picked[j - 1]!;
        this.#chosenKeys[j] = this.#chosenKeys[j - 1]!;
        this.#chosenTies[j] = this.#chosenTies[j - 1]!;
      }
      picked[at] = indexes[i]!;
      this.#chosenKeys[at] = key;
      this.#chosenTies[at] = tie;
    }
    return chosen;
  }

  #place(key: number, tie: number, chosen: number): number {
    let at = chosen;
    while (at > 0) {
      const before = this.#chosenKeys[at - 1]!;
      if (before > key || (before === key && this.#chosenTies[at - 1]! >= tie)) break;
      at--;
    }
    return at;
  }

  #reserve(size: number): void {
    if (this.#chosenKeys.length >= size) return;
    this.#chosenKeys = new Float64Array(size * 2);
    this.#chosenTies = new Float64Array(size * 2);
  }
}

const orLowest = (key: number): number => (Number.isNaN(key) ? -Infinity : key);

/** Position of the highest key; among equals each with the same chance, from one pass. */
function one(keys: Float64Array, count: number, random: () => Ratio): number {
  let best = 0;
  let bestKey = orLowest(keys[0]!);
  let equals = 1;
  for (let i = 1; i < count; i++) {
    const key = orLowest(keys[i]!);
    if (key > bestKey) {
      best = i;
      bestKey = key;
      equals = 1;
    } else if (key === bestKey && random() * ++equals < 1) {
      best = i;
    }
  }
  return best;
}
