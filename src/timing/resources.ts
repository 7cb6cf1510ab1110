// CPU time and memory, as far as the records have them. The kernel's figures for a process include those of
// the processes that it waited for. The figures of a job therefore include those of the jobs that it
// launched.

import type { Job } from '../model/build.ts';

/** Times in microseconds, memory in KiB. */
export interface Resources {
  readonly user: number;
  readonly sys: number;
  /**
   * The memory of the largest process. It is 0 if unknown, which means no larger than the tool that started
   * it.
   */
  readonly rss: number;
}

/** Returns what a job's commands used, including what they launched; undefined if no record has it. */
export function resourcesOf(job: Job): Resources | undefined {
  // A damaged record leaves holes in the array, which forEach skips.
  const known: Resources[] = [];
  job.steps.forEach(({ user, sys = 0, rss = 0 }) => {
    if (user !== undefined) known.push({ user, sys, rss });
  });
  if (known.length === 0) return undefined;
  return known.reduce((sum, { user, sys, rss }) => ({
    user: sum.user + user,
    sys: sum.sys + sys,
    rss: Math.max(sum.rss, rss),
  }));
}

export interface ResourceTotals extends Resources {
  /** The job with the largest process, among those that launched nothing. */
  readonly largest: Job | undefined;
  /** How many of the jobs are covered, by their own records or by those of the job that launched them. */
  readonly known: number;
}

/** Sums what jobs used, counting each process once. */
export function totalResources(jobs: readonly Job[]): ResourceTotals {
  const known = new Set<Job>();
  let sum = { user: 0, sys: 0, rss: 0 };
  let largest: Job | undefined;
  // A parent comes before the jobs that it launched.
  for (const job of jobs) {
    const used = resourcesOf(job);
    const counted = job.parent !== undefined && known.has(job.parent);
    if (!used && !counted) continue;
    known.add(job);
    if (!used) continue;
    if (used.rss > sum.rss || (used.rss > 0 && used.rss === sum.rss && job.parent === largest)) {
      sum.rss = used.rss;
      largest = job;
    }
    if (!counted) sum = { ...sum, user: sum.user + used.user, sys: sum.sys + used.sys };
  }
  return { ...sum, largest, known: known.size };
}
