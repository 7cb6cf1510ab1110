// Runs long work in slices between keys, so that no key waits. Does not know what the work is.

const SLICE_MS = 12;

/** Does one step of some work; false: there is nothing to do now. */
export type Worker = () => boolean;

export class Slices {
  readonly #workers: readonly Worker[];
  readonly #failed: (error: unknown) => void;
  #scheduled = false;
  #stopped = false;

  /** @param workers the most urgent first. @param failed receives the errors that they throw. */
  constructor(workers: readonly Worker[], failed: (error: unknown) => void) {
    this.#workers = workers;
    this.#failed = failed;
  }

  /** There may be work to do. */
  start(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#stopped && this.#slice()) this.start();
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  /** @returns whether there may be more work. */
  #slice(): boolean {
    const end = Date.now() + SLICE_MS;
    try {
      while (Date.now() < end) if (!this.#workers.some((work) => work())) return false;
    } catch (error) {
      this.#failed(error);
    }
    return true;
  }
}
