// Limits the time that a user's patterns take. They may have come with a tree from elsewhere, and an
// expression can take for ever on a line of thirty characters. One that takes too long is abandoned and
// reported, and the log is read on without it.

import vm from 'node:vm';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import type { ProblemPattern } from '../problems/pattern.ts';

/**
 * How long reading a piece of a log may take beyond what its size allows. Without a slow pattern, 32 KiB take
 * a few milliseconds.
 */
const BURST_MS = 1000;
const MS_PER_BYTE = 2 / 1024;
/** After so many are abandoned, none is tried any more: their number may be the cause. */
const MOST_GIVEN_UP = 3;

export class TimedPatterns implements BoundedPatterns {
  #patterns: readonly ProblemPattern[];
  readonly #gaveUp: (pattern: ProblemPattern) => void;
  #budgetMs = BURST_MS;
  #givenUp = 0;
  #work: () => void = () => undefined;
  #script: { readonly script: vm.Script; readonly context: vm.Context } | undefined;

  /** @param gaveUp called with a pattern that is not tried any more. */
  constructor(patterns: readonly ProblemPattern[], gaveUp: (pattern: ProblemPattern) => void) {
    this.#patterns = patterns;
    this.#gaveUp = gaveUp;
  }

  get patterns(): readonly ProblemPattern[] {
    return this.#patterns;
  }

  run(work: () => void, bytes: number): boolean {
    this.#work = work;
    // Only code that is started this way can be stopped at any point.
    this.#script ??= {
      script: new vm.Script('work()'),
      context: vm.createContext({
        work: () => {
          this.#work();
        },
      }),
    };
    const { script, context } = this.#script;
    this.#budgetMs = Math.min(BURST_MS, this.#budgetMs) + bytes * MS_PER_BYTE;
    for (;;) {
      const before = process.cpuUsage();
      const ms = (): number => {
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000;
      };
      try {
        script.runInContext(context, { timeout: Math.ceil(this.#budgetMs) });
        this.#budgetMs = Math.max(1, this.#budgetMs - ms());
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
          // It was suspended, or got no processor: it has not used its time.
          if (ms() < this.#budgetMs / 2) continue;
        } else if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
        // Otherwise the expression is too large; trying it alone shows which one.
        return false;
      }
    }
  }

  drop(pattern: ProblemPattern): void {
    this.#budgetMs = BURST_MS;
    this.#givenUp++;
    this.#patterns = this.#givenUp < MOST_GIVEN_UP ? this.#patterns.filter((one) => one !== pattern) : [];
    this.#gaveUp(pattern);
  }
}
