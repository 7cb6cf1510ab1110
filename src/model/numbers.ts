// A growing list of whole numbers of four bytes each, for what there are millions of.

export class Numbers {
  #items = new Uint32Array(64);
  #length = 0;

  static from(values: ArrayLike<number>): Numbers {
    const numbers = new Numbers();
    numbers.#items = Uint32Array.from(values);
    numbers.#length = values.length;
    return numbers;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const items = new Uint32Array(Math.max(64, this.#length * 2));
      items.set(this.#items);
      this.#items = items;
    }
    this.#items[this.#length++] = value;
  }

  /** Returns the number at an index; 0 beyond the end of the list. */
  at(index: number): number {
    return this.#items[index] ?? 0;
  }

  /** Replaces the number at an index of the list. */
  set(index: number, value: number): void {
    this.#items[index] = value;
  }

  /** Returns the list, valid until the next change. */
  values(): Uint32Array {
    return this.#items.subarray(0, this.#length);
  }
}
