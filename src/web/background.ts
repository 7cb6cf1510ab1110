// Work that nobody waits for: done in steps, when no question is open.

import { Unreachable } from './source.ts';

/** A step. @returns false if there is nothing to do now. */
export type Step = () => boolean;

export class Background {
  readonly #steps: Step[] = [];
  #next = 0;

  add(step: Step): void {
    this.#steps.push(step);
  }

  clear(): void {
    this.#steps.length = 0;
  }

  /**
   * Takes one step, of each piece of work in its turn.
   * @returns false if there is nothing to do.
   * @throws what a step throws. Unless the server did not answer, this piece of work is then given up.
   */
  step(): boolean {
    for (const _ of this.#steps) {
      this.#next = (this.#next + 1) % this.#steps.length;
      const step = this.#steps[this.#next]!;
      try {
        if (step()) return true;
      } catch (error) {
        if (!(error instanceof Unreachable)) this.#steps.splice(this.#steps.indexOf(step), 1);
        throw error;
      }
    }
    return false;
  }
}
