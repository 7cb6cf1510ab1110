// Where something is in a document whose length is not known yet, roughly: what a scrollbar shows of it. Has
// the same size for any number of places.

const BUCKETS = 4096;

export class Ticks {
  /** How many offsets a bucket has. */
  #size = 1;
  readonly #buckets = new Uint8Array(BUCKETS);

  /** @param kinds bits of what is there. */
  add(offset: number, kinds: number): void {
    while (offset >= this.#size * BUCKETS) this.#coarsen();
    const at = Math.floor(offset / this.#size);
    this.#buckets[at] = this.#buckets[at]! | kinds;
  }

  /** The kinds for each of the rows that stand for the offsets up to `end`. */
  rows(rows: number, end: number): Uint8Array {
    const out = new Uint8Array(rows);
    const used = Math.min(BUCKETS, Math.ceil(end / this.#size));
    for (let at = 0; at < used; at++) {
      const kinds = this.#buckets[at]!;
      if (kinds === 0) continue;
      const row = Math.min(rows - 1, Math.floor((at * this.#size * rows) / end));
      out[row] = out[row]! | kinds;
    }
    return out;
  }

  #coarsen(): void {
    for (let i = 0; i < BUCKETS / 2; i++)
      this.#buckets[i] = this.#buckets[2 * i]! | this.#buckets[2 * i + 1]!;
    this.#buckets.fill(0, BUCKETS / 2);
    this.#size *= 2;
  }
}
