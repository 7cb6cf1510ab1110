// Processor time and memory, as far as the records know them. What the system says of a process includes the
// processes that it waited for: so a job that launched others says it for them.

import type { Job } from '../model/build.ts';

/** Microseconds and KiB. */
export interface Resources {
  readonly user: number;
  readonly sys: number;
  /** Of the largest process; 0 where that is not known: it is no larger than the tool that started it. */
  readonly rss: number;
}

/** What a job's commands used, with what they launched; undefined where no record says it. */
export function resourcesOf(job: Job): Resources | undefined {
  // A damaged record leaves holes: forEach passes over them.
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
  /** The job with the largest process, of those that launched nothing. */
  readonly largest: Job | undefined;
  /** How many of the jobs it is known of: by their own records, or by those of what launched them. */
  readonly known: number;
}

/** What jobs used together, each process once. */
export function totalResources(jobs: readonly Job[]): ResourceTotals {
  const known = new Set<Job>();
  let sum = { user: 0, sys: 0, rss: 0 };
  let largest: Job | undefined;
  // A parent comes before what it launched.
  for (const job of jobs) {
    const used = resourcesOf(job);
    const told = job.parent !== undefined && known.has(job.parent);
    if (!used && !told) continue;
    known.add(job);
    if (!used) continue;
    if (used.rss > sum.rss || (used.rss > 0 && used.rss === sum.rss && job.parent === largest)) {
      sum.rss = used.rss;
      largest = job;
    }
    if (!told) sum = { ...sum, user: sum.user + used.user, sys: sum.sys + used.sys };
  }
  return { ...sum, largest, known: known.size };
}
