// Compares jobs of builds of a store. `loglin diff` prints the result, and `d` shows it in the browser.

import { JobComparer } from '../compare/jobs.ts';
import type { Differing } from '../compare/print.ts';
import type { CompareOptions, Difference } from '../compare/target.ts';
import type { RecordedJob } from './earlierruns.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import type { RecordedBuild } from '../store/reader.ts';
import type { Place } from '../store/place.ts';
import { sameBytes } from '../store/logs.ts';
import { ShortLogs } from './viewedbuild.ts';
import { projectAt } from './project.ts';

/** One target in both builds. */
export interface Pair {
  readonly name: string;
  readonly from: RecordedJob;
  readonly to: RecordedJob;
}

export function origin({ recorded, job }: RecordedJob): Differing['from'] {
  return { build: recorded.id, job: job.id, status: job.status };
}

/** Compares pairs of jobs, and collects the logs that are too short. */
export class Comparer {
  readonly short = new ShortLogs();
  readonly #jobs: JobComparer<RecordedBuild>;

  /** @param patterns the user's patterns of problems. */
  constructor(place: Place, patterns: BoundedPatterns, options: Omit<CompareOptions, 'roots'>) {
    const project = projectAt(place);
    this.#jobs = new JobComparer({
      ...options,
      root: place.root,
      project: () => project,
      patterns,
      same: (from, to, size) => sameBytes(from.recorded.logs, from.job.id, to.recorded.logs, to.job.id, size),
      short: (recorded, job, at) => {
        this.short.add(recorded, job, at);
      },
    });
  }

  get compared(): number {
    return this.#jobs.compared;
  }

  /** How many were not compared because they run. */
  get running(): number {
    return this.#jobs.running;
  }

  compare({ from, to }: Pair): Difference | undefined {
    return this.#jobs.compare(from, to);
  }
}
