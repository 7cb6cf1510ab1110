// Work that takes long, done in slices between keys, so that no key waits. Does not know what is done.

import type { Pieces } from '../model/pieces.ts';
import type { Desk } from './desk.ts';

const SLICE_MS = 12;

/** Does one step of something; false: there is nothing to do now. */
export type Worker = () => boolean;

export class Slices {
  readonly #workers: readonly Worker[];
  readonly #failed: (error: unknown) => void;
  #scheduled = false;
  #over = false;

  /** @param workers the most urgent first. @param failed hears what one of them has thrown. */
  constructor(workers: readonly Worker[], failed: (error: unknown) => void) {
    this.#workers = workers;
    this.#failed = failed;
  }

  /** There may be something to do. */
  start(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#over && this.#slice()) this.start();
    });
  }

  stop(): void {
    this.#over = true;
  }

  /** @returns whether there may be more to do. */
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

/** What somebody asked for and waits for: one thing at a time, which can be given up. The bottom line says what goes on (`state.working`). */
export class Errand {
  readonly #desk: Desk;
  #task: Pieces<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Begins something, in place of what was begun before. */
  begin(task: Pieces<void>): void {
    this.giveUp();
    this.#task = task;
  }

  /**
   * Waits for what goes on in another thread, in place of what was begun before.
   * @param cancel ends it. @param done takes what came of it, unless it was given up by then.
   */
  await<T>(saying: string, result: Promise<T>, cancel: () => void, done: (result: T) => void): void {
    this.giveUp();
    this.#cancel = cancel;
    this.#desk.state.working = saying;
    const settled = (then: () => void): void => {
      if (this.#cancel !== cancel) return;
      this.giveUp();
      then();
      this.#desk.changed();
    };
    result.then(
      (value) => {
        settled(() => {
          done(value);
        });
      },
      (error: unknown) => {
        settled(() => {
          this.#desk.complain(error);
        });
      },
    );
  }

  giveUp(): void {
    this.#task?.return();
    this.#task = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#desk.state.working = undefined;
  }

  readonly step: Worker = () => {
    const task = this.#task;
    if (!task) return false;
    if (task.next().done && this.#task === task) this.giveUp();
    this.#desk.changed();
    return true;
  };
}
