// The pipes of a build that are passed on to, and who waits until all is in them. Knows no record.

import type { Forward } from './forward.ts';
import type { Job, Jobs } from './jobs.ts';
import type { Slots } from './slots.ts';

/** How long a program that has ended waits for a reader that takes nothing more, in milliseconds. */
const PATIENCE_MS = 5000;

/** Somebody who waits until all output is in the pipes. */
interface Waiter {
  readonly forwards: readonly Forward[];
  readonly since: number;
  readonly done: () => void;
}

export class Forwards {
  readonly #jobs: Jobs;
  readonly #slots: Slots;
  readonly #open = new Set<Forward>();
  /** The jobs whose pipes are not closed yet. */
  readonly #ofJob = new Map<Job, readonly Forward[]>();
  #waiters: Waiter[] = [];

  constructor(jobs: Jobs, slots: Slots) {
    this.#jobs = jobs;
    this.#slots = slots;
  }

  /** A job's output is passed on to these. */
  add(job: Job, forwards: readonly Forward[]): void {
    for (const forward of forwards) {
      this.#open.add(forward);
      forward.onClose = () => {
        this.#lookForClosed();
      };
    }
    this.#ofJob.set(job, forwards);
  }

  /** Is it passed on to by a job already? */
  has(forward: Forward): boolean {
    return this.#open.has(forward);
  }

  /** Calls back as soon as all that was passed on so far is in the pipes. */
  whenWritten(forwards: readonly Forward[], done: () => void): void {
    this.#waiters.push({ forwards, since: Date.now(), done });
  }

  /** To be called in each round: writes what waits, as far as the readers take it. */
  poll(): void {
    if (this.#open.size === 0 && this.#waiters.length === 0 && this.#ofJob.size === 0) return;
    let isAnyBroken = false;
    for (const forward of this.#open) {
      forward.flush();
      isAnyBroken ||= forward.isBroken;
      if (!forward.isClosed || !forward.isWritten) continue;
      forward.remove();
      this.#open.delete(forward);
    }
    if (isAnyBroken) this.#slots.closeBroken();
    this.#lookForClosed();
    const now = Date.now();
    this.#waiters = this.#waiters.filter(({ forwards, since, done }) => {
      if (now - since < PATIENCE_MS && forwards.some((forward) => !forward.isWritten)) return true;
      done();
      return false;
    });
  }

  #lookForClosed(): void {
    for (const [job, forwards] of this.#ofJob)
      if (forwards.every((forward) => forward.isClosed || forward.isBroken)) {
        this.#jobs.pipes.close(job);
        this.#ofJob.delete(job);
      }
  }
}
