// Work that nobody waits for: done in steps, when no question is open.

import type { Sliced } from '../model/sliced.ts';
import { Unreachable } from './source.ts';

/** A step. @returns false if there is nothing to do now. */
export type Step = () => boolean;

export class Background {
  readonly #wake: () => void;
  readonly #steps: Step[] = [];
  #next = 0;

  /** @param wake called when there is work. */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  add(step: Step): void {
    this.#steps.push(step);
  }

  /** Does some work to its end, with the rest. @returns its result. */
  run<T>(work: Sliced<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const step = (): boolean => {
        try {
          const { done, value } = work.next();
          if (!done) return true;
          resolve(value);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        this.#drop(step);
        return true;
      };
      this.#steps.push(step);
      this.#wake();
    });
  }

  #drop(step: Step): void {
    this.#steps.splice(this.#steps.indexOf(step), 1);
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
    for (let left = this.#steps.length; left > 0; left--) {
      this.#next = (this.#next + 1) % this.#steps.length;
      const step = this.#steps[this.#next]!;
      try {
        if (step()) return true;
      } catch (error) {
        if (!(error instanceof Unreachable)) this.#drop(step);
        throw error;
      }
    }
    return false;
  }
}
