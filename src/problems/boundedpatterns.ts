// A user's patterns, which may take too long on some line: they are tried within a bound, and one that
// exceeds it is dropped.

import type { Pattern } from './pattern.ts';

export interface BoundedPatterns {
  readonly patterns: readonly Pattern[];
  /**
   * Does work that tries the patterns.
   * @param bytes how much text they are tried on.
   * @returns false where it took too long; it may have stopped anywhere.
   */
  bounded(work: () => void, bytes: number): boolean;
  /** Drops a pattern that took too long. */
  giveUp(pattern: Pattern): void;
}

/** Patterns without a bound on their time. */
export function untimed(patterns: readonly Pattern[]): BoundedPatterns {
  return {
    patterns,
    bounded: (work) => {
      work();
      return true;
    },
    giveUp: () => undefined,
  };
}
