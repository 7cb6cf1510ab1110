// User-defined patterns, which may be slow on some lines. They run within a time bound, and a pattern that
// exceeds it is dropped.

import type { ProblemPattern } from './pattern.ts';

export interface BoundedPatterns {
  readonly patterns: readonly ProblemPattern[];
  /**
   * Runs work that tries the patterns.
   * @param bytes how much text they are tried on.
   * @returns false if it took too long; it may have stopped anywhere.
   */
  run(work: () => void, bytes: number): boolean;
  /** Drops a pattern that took too long. */
  drop(pattern: ProblemPattern): void;
}

/** Wraps patterns without bounding their time. */
export function untimed(patterns: readonly ProblemPattern[]): BoundedPatterns {
  return {
    patterns,
    run: (work) => {
      work();
      return true;
    },
    drop: () => undefined,
  };
}
