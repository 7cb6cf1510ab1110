// The self time of a job: the time in which it ran and nothing that it had launched did. A script that works
// on beside a job that it launched counts as waiting, since a record cannot tell the difference. A script did
// not wait for a job that outlives it.

import type { Build, Job } from '../model/build.ts';

/** In milliseconds since the build's start. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the span from a job's start to its end or, if it has none, to the last event. It is never negative,
 * even in a damaged record.
 */
export function spanOf(build: Build, job: Job): Span {
  return { from: job.started, to: Math.max(job.started, job.ended ?? build.time) };
}

/** Returns the jobs that each job launched itself, in the order of their starts. */
export function childrenByParent(jobs: readonly Job[]): Map<Job, Job[]> {
  const children = new Map<Job, Job[]>();
  for (const job of jobs) {
    if (!job.parent) continue;
    const list = children.get(job.parent);
    if (list) list.push(job);
    else children.set(job.parent, [job]);
  }
  for (const list of children.values()) list.sort((a, b) => a.started - b.started || a.id - b.id);
  return children;
}

/**
 * Returns the spans of a job's self time.
 * @param children the jobs that it launched, in the order of their starts.
 */
export function selfSpans(build: Build, job: Job, children: readonly Job[] = []): Span[] {
  const { from, to } = spanOf(build, job);
  const own: Span[] = [];
  let at = from;
  for (const child of children) {
    const span = spanOf(build, child);
    if (span.to > to && !child.instance) continue;
    if (span.from > at && at < to) own.push({ from: at, to: Math.min(span.from, to) });
    at = Math.max(at, span.to);
  }
  if (at < to) own.push({ from: at, to });
  return own;
}
