// How far a finger that has left the screen still moves it: it slows down by the same share in each moment.

/** What is left of the speed after a millisecond. */
const KEPT = 0.997;
/** In pixels a millisecond: nothing moves below it. */
const SLOWEST = 0.03;
/** A finger that rested for so many milliseconds does not throw. */
const REST = 60;

export class Kinetics {
  readonly #move: (by: number) => void;
  readonly #still: () => boolean;
  #speed = 0;
  #last = 0;
  #frame = 0;

  /** @param still whether nothing is to move that is not moved: prefers-reduced-motion. */
  constructor(move: (by: number) => void, still: () => boolean) {
    this.#move = move;
    this.#still = still;
  }

  /** The finger moved. @param at in milliseconds. */
  drag(by: number, at: number): void {
    const ms = Math.max(1, at - this.#last);
    this.#speed = ms > REST ? 0 : this.#speed * 0.5 + (by / ms) * 0.5;
    this.#last = at;
    this.#move(by);
  }

  start(at: number): void {
    this.stop();
    this.#last = at;
    this.#speed = 0;
  }

  /** The finger left the screen. */
  release(at: number): void {
    if (at - this.#last > REST || this.#still()) return;
    const step = (now: number): void => {
      const ms = Math.min(50, now - this.#last);
      this.#last = now;
      this.#move(this.#speed * ms);
      this.#speed *= KEPT ** ms;
      if (Math.abs(this.#speed) > SLOWEST) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }
}
