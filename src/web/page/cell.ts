// A value that the page shows, and that tells when it changes: what components read is drawn anew, no more.

import { useEffect, useState } from 'preact/hooks';

export class Cell<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** @returns a function that ends this. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The value of a cell, in a component, which is drawn anew when it changes. */
export function useCell<T>(cell: Cell<T>): T {
  const [, draw] = useState(0);
  const drawn = cell.value;
  useEffect(() => {
    const end = cell.listen(() => draw((count) => count + 1));
    // It may have changed since it was drawn.
    if (!Object.is(drawn, cell.value)) draw((count) => count + 1);
    return end;
  }, [cell]);
  return drawn;
}
