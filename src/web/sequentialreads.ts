// Notices that logs are read in the order of their jobs' numbers, so that those that follow may be fetched
// ahead. Does not know how.

/** So many reads, one after the other, are no accident. */
const ENOUGH = 3;
/** Jobs without a log are passed over. */
const NEAR = 64;

export class SequentialReads {
  #last = -1;
  #length = 0;
  #ended = false;

  /** A log is to be read. @returns whether to fetch those that follow, too. */
  next(job: number): boolean {
    const follows = job > this.#last && job - this.#last <= NEAR;
    this.#length = follows ? this.#length + 1 : 0;
    this.#last = job;
    return !this.#ended && this.#length >= ENOUGH;
  }

  /** Those up to a job are here, and will not be read. */
  passed(job: number): void {
    this.#last = Math.max(this.#last, job);
  }

  /** They cannot be fetched ahead. */
  end(): void {
    this.#ended = true;
  }
}
