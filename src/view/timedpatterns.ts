// A user's patterns with a limit to their time. A project's patterns may have come with a tree from elsewhere, and an expression can take for
// ever on a line of thirty characters: one that takes too long is given up, and said so, and the build is read on without it.

import vm from 'node:vm';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import type { Pattern } from '../problems/pattern.ts';

/** How long reading a piece of a log may take beside what its size allows. Without a slow pattern, 32 KiB take a few milliseconds. */
const BURST_MS = 1000;
const MS_PER_BYTE = 2 / 1024;
/** Where so many are given up, none is tried any more: it may be their number. */
const MOST_GIVEN_UP = 3;

export class TimedPatterns implements BoundedPatterns {
  #patterns: readonly Pattern[];
  readonly #gaveUp: (pattern: Pattern) => void;
  #left = BURST_MS;
  #given = 0;
  #work: () => void = () => undefined;
  #script: { readonly script: vm.Script; readonly context: vm.Context } | undefined;

  /** @param gaveUp hears of a pattern that is not tried any more. */
  constructor(patterns: readonly Pattern[], gaveUp: (pattern: Pattern) => void) {
    this.#patterns = patterns;
    this.#gaveUp = gaveUp;
  }

  get patterns(): readonly Pattern[] {
    return this.#patterns;
  }

  bounded(work: () => void, bytes: number): boolean {
    this.#work = work;
    // Only code that was started so can be stopped, wherever it is.
    this.#script ??= {
      script: new vm.Script('work()'),
      context: vm.createContext({
        work: () => {
          this.#work();
        },
      }),
    };
    const { script, context } = this.#script;
    this.#left = Math.min(BURST_MS, this.#left) + bytes * MS_PER_BYTE;
    for (;;) {
      const before = process.cpuUsage();
      const ms = (): number => {
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000;
      };
      try {
        script.runInContext(context, { timeout: Math.ceil(this.#left) });
        this.#left = Math.max(1, this.#left - ms());
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
          // Stopped by Ctrl-Z, or without a processor, it has not had its time.
          if (ms() < this.#left / 2) continue;
        } else if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
        // Else it is too large, which is found out when it is tried.
        return false;
      }
    }
  }

  giveUp(pattern: Pattern): void {
    this.#left = BURST_MS;
    this.#given++;
    this.#patterns = this.#given < MOST_GIVEN_UP ? this.#patterns.filter((one) => one !== pattern) : [];
    this.#gaveUp(pattern);
  }
}
