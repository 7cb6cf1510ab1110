// Rows of a long list that the worker has, fetched by the hundred as they come onto the screen. A row that is
// fetched again and has not changed stays the same object, so that it is not drawn again. Does not know what
// the rows are.

const SIZE = 100;
/** So many hundreds are kept; the oldest go first. */
const MOST = 40;

export class Pages<T extends object> {
  readonly #fetch: (from: number, count: number) => Promise<readonly T[]>;
  readonly #changed: () => void;
  readonly #pages = new Map<number, readonly T[]>();
  readonly #asked = new Set<number>();
  /** Pages whose rows may be others by now; they are shown until the new ones are here. */
  #stale = new Set<number>();
  #version = 0;

  /** @param changed called when rows have come. */
  constructor(fetch: (from: number, count: number) => Promise<readonly T[]>, changed: () => void) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  /** The rows have changed. @param forget none of those known is shown any longer. */
  renew(forget = false): void {
    this.#version++;
    this.#asked.clear();
    if (forget) this.#pages.clear();
    this.#stale = new Set(this.#pages.keys());
    this.#changed();
  }

  at(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / SIZE))?.[index % SIZE];
  }

  /** Sees to it that rows will be here. */
  need(from: number, to: number): void {
    for (let page = Math.floor(from / SIZE); page * SIZE < to; page++) {
      if (this.#asked.has(page) || (this.#pages.has(page) && !this.#stale.has(page))) continue;
      this.#asked.add(page);
      const version = this.#version;
      this.#fetch(page * SIZE, SIZE).then(
        (rows) => this.#came(page, rows, version),
        () => this.#asked.delete(page),
      );
    }
  }

  /** A row, when it is here. */
  async get(index: number): Promise<T | undefined> {
    const known = this.at(index);
    if (known) return known;
    const page = Math.floor(index / SIZE);
    const version = this.#version;
    this.#came(page, await this.#fetch(page * SIZE, SIZE), version);
    return this.at(index);
  }

  /** A row as it is now, also where the one that is shown may be another by now. */
  async fresh(index: number): Promise<T | undefined> {
    const page = Math.floor(index / SIZE);
    if (this.#stale.has(page)) {
      const version = this.#version;
      this.#came(page, await this.#fetch(page * SIZE, SIZE), version);
    }
    return this.get(index);
  }

  #came(page: number, rows: readonly T[], version: number): void {
    if (version !== this.#version) return;
    this.#asked.delete(page);
    this.#stale.delete(page);
    const before = this.#pages.get(page) ?? [];
    this.#pages.delete(page);
    this.#pages.set(
      page,
      rows.map((row, i) => (sameFields(before[i], row) ? before[i]! : row)),
    );
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MOST) break;
      this.#pages.delete(oldest);
    }
    this.#changed();
  }
}

function sameFields<T extends object>(one: T | undefined, other: T): boolean {
  if (!one) return false;
  const fields = Object.keys(other) as (keyof T)[];
  return (
    Object.keys(one).length === fields.length && fields.every((field) => Object.is(one[field], other[field]))
  );
}
