// The problems of many jobs as one list: what several jobs say is told once, errors before warnings. And which of them are new.

import type { Job } from '../model/build.ts';
import type { Problem, Severity } from './problem.ts';

/** A problem and the jobs that say it, the first one first: the problem's range is of its log. */
export interface FoundProblem {
  readonly problem: Problem;
  readonly jobs: readonly Job[];
}

interface Entry {
  readonly problem: Problem;
  readonly jobs: Job[];
}

/** So many different problems are kept; a build with more is read for the first of them. */
const MOST = 100_000;

export class ProblemList {
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;
  /** Jobs with an error of their own, or with a job below that failed. */
  readonly #explained = new Set<Job>();
  /** How many were different from all others and not kept. */
  dropped = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Takes the problems of one job after those of another. */
  add(job: Job, problem: Problem): void {
    if (problem.summary && problem.severity === 'warning') return;
    if (problem.severity === 'error') {
      if (!problem.summary) this.#explained.add(job);
      for (let up = job.parent; up && !this.#explained.has(up); up = up.parent) this.#explained.add(up);
    }
    const { severity, summary, file, line, column, message } = problem;
    const key = [severity, summary, file, line, column, message].join('\0');
    const entry = this.#entries.get(key);
    if (!entry) {
      if (this.#entries.size < this.#most) this.#entries.set(key, { problem, jobs: [job] });
      else this.dropped++;
    } else if (entry.jobs.at(-1) !== job) {
      entry.jobs.push(job);
    }
  }

  /** Errors, then warnings, each in the order in which they were added. What only repeats a failure is among them where nothing else says why. */
  list(): FoundProblem[] {
    const found: Record<Severity, FoundProblem[]> = { error: [], warning: [] };
    for (const { problem, jobs } of this.#entries.values()) {
      const unexplained = problem.summary ? jobs.filter((job) => !this.#explained.has(job)) : jobs;
      if (unexplained.length > 0) found[problem.severity].push({ problem, jobs: unexplained });
    }
    return [...found.error, ...found.warning];
  }
}

/** What stays the same of a problem when lines are added above it. */
export function fingerprint({ severity, file, code, message }: Problem): string {
  return [severity, file, code, message].join('\0');
}
