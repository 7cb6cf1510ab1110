// What the user asked for and waits for: one task at a time, which can be cancelled. The bottom line says
// what goes on (`state.working`).

import type { Pieces } from '../model/pieces.ts';
import type { Context } from './context.ts';
import type { Worker } from './slices.ts';

export class Task {
  readonly #context: Context;
  #steps: Pieces<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Begins something, in place of what was begun before. */
  begin(steps: Pieces<void>): void {
    this.cancel();
    this.#steps = steps;
  }

  /**
   * Waits for what goes on in another thread, in place of what was begun before.
   * @param cancel ends it. @param done takes what came of it, unless it was given up by then.
   */
  await<T>(saying: string, result: Promise<T>, cancel: () => void, done: (result: T) => void): void {
    this.cancel();
    this.#cancel = cancel;
    this.#context.state.working = saying;
    const settled = (then: () => void): void => {
      if (this.#cancel !== cancel) return;
      this.cancel();
      then();
      this.#context.changed();
    };
    result.then(
      (value) => {
        settled(() => {
          done(value);
        });
      },
      (error: unknown) => {
        settled(() => {
          this.#context.complain(error);
        });
      },
    );
  }

  cancel(): void {
    this.#steps?.return();
    this.#steps = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#context.state.working = undefined;
  }

  readonly step: Worker = () => {
    const steps = this.#steps;
    if (!steps) return false;
    if (steps.next().done && this.#steps === steps) this.cancel();
    this.#context.changed();
    return true;
  };
}
