// The task that the user has started and waits for. There is only one at a time, and it can be cancelled. The
// bottom line names it (`state.working`).

import type { Sliced } from '../model/sliced.ts';
import type { Context } from './context.ts';
import type { Worker } from './slices.ts';

export class Task {
  readonly #context: Context;
  #steps: Sliced<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Starts a task, and cancels the previous one. */
  begin(steps: Sliced<void>): void {
    this.cancel();
    this.#steps = steps;
  }

  /**
   * Waits for a result from another thread, and cancels the previous task.
   * @param cancel stops the work. @param done receives the result, unless the task was cancelled by then.
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
          this.#context.showError(error);
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
