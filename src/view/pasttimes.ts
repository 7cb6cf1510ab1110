// How long targets took when they last ran, from the history. Reads no build.

import type { Job } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import { History } from '../store/history.ts';

export class PastTimes {
  readonly #id: string;
  readonly #known = new Map<Job, number | undefined>();
  #history: History | undefined;

  /** @param id that of the build whose jobs are asked for. */
  constructor(store: string, id: string) {
    this.#id = id;
    this.#history = new History(store);
  }

  /** How long the job's target took before, in milliseconds; undefined if that is not known. */
  of(job: Job): number | undefined {
    if (!job.parent) return undefined;
    if (this.#known.has(job)) return this.#known.get(job);
    const ms = this.#look(job);
    this.#known.set(job, ms);
    return ms;
  }

  #look(job: Job): number | undefined {
    try {
      return this.#history?.last(job.name, this.#id, job.instance?.tool ?? '')[0]?.ms;
    } catch (error) {
      if (!isFailure(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
      // The store cannot be read, or is gone.
      this.close();
      return undefined;
    }
  }

  close(): void {
    this.#history?.close();
    this.#history = undefined;
  }
}
