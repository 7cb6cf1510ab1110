// Which job's text plain loglin would print now: where the walk of a running build waits.

import type { Walk } from '../linearize/walk.ts';
import type { Job } from '../model/build.ts';

/** How many segments are taken at a time: a build that is attached to may have many. */
const MOST = 20_000;

export class LiveFollower {
  readonly #walk: Walk;

  /** @param walk the one that prints the build while it runs. */
  constructor(walk: Walk) {
    this.#walk = walk;
  }

  /** The innermost job whose block is open; undefined before the first one and after the last. */
  job(): Job | undefined {
    for (let i = 0; i < MOST; i++) {
      const segment = this.#walk.next();
      if (segment === 'wait' || segment === 'done') break;
    }
    return this.#walk.open().at(-1);
  }
}
