// A list of whole numbers that grows, four bytes each: for what there are millions of.

export class Numbers {
  #items = new Uint32Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const items = new Uint32Array(this.#length * 2);
      items.set(this.#items);
      this.#items = items;
    }
    this.#items[this.#length++] = value;
  }

  /** The number at an index that is in the list; 0 beyond its end. */
  at(index: number): number {
    return this.#items[index] ?? 0;
  }

  /** Puts another number in the place of one that is in the list. */
  set(index: number, value: number): void {
    this.#items[index] = value;
  }
}
