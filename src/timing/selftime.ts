// A job's own time: when it ran and nothing that it had launched did. A script that goes on working beside
// what it launched counts as waiting: a record cannot tell. What outlives the script that launched it was not
// waited for.

import type { Build, Job } from '../model/build.ts';

/** Milliseconds since the build's start. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * From its start to its end; to the last event where it has no end. A damaged record never makes it negative.
 */
export function spanOf(build: Build, job: Job): Span {
  return { from: job.started, to: Math.max(job.started, job.ended ?? build.time) };
}

/** What each job launched itself, in the order of the starts. */
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
 * The parts of a job's time that are its own.
 * @param children what it launched, in the order of the starts.
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
