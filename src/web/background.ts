// Work that nobody waits for: done in steps, when no question is open.

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

  /** Takes one step, of each piece of work in its turn. @returns false if there is nothing to do. */
  step(): boolean {
    for (const _ of this.#steps) {
      this.#next = (this.#next + 1) % this.#steps.length;
      if (this.#steps[this.#next]!()) return true;
    }
    return false;
  }
}
