// User-defined patterns, which may be slow on some lines. They run within a time bound, and a pattern that
// exceeds it is dropped.

import type { Pattern } from './pattern.ts';

export interface BoundedPatterns {
  readonly patterns: readonly Pattern[];
  /**
   * Runs work that tries the patterns.
   * @param bytes how much text they are tried on.
   * @returns false if it took too long; it may have stopped anywhere.
   */
  bounded(work: () => void, bytes: number): boolean;
  /** Drops a pattern that took too long. */
  giveUp(pattern: Pattern): void;
}

/** Wraps patterns without bounding their time. */
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
