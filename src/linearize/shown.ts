// The jobs that a walk shows, in order.

import type { Build, Job } from '../model/build.ts';
import { type Segments, segmentsOf } from './segments.ts';
import { Walk } from './walk.ts';
import type { LineEnd, Order, WalkRoot } from './walkoptions.ts';

/** Sorts jobs in the order in which the whole build shows them. The launch order depends on chance. */
export function inShownOrder(
  build: Build,
  jobs: readonly Job[],
  order: Order,
  lineEnd: LineEnd,
): readonly Job[] {
  const [root] = build.jobs;
  if (jobs.length < 2 || !root) return jobs;
  const ranks = new Map<Job, number>();
  const walk = new Walk(build, [{ job: root }], { order }, lineEnd);
  for (const segment of segmentsOf(walk)) if (segment.kind === 'enter') ranks.set(segment.job, ranks.size);
  const rank = (job: Job): number => ranks.get(job) ?? Infinity;
  return [...jobs].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
}

/**
 * Returns the jobs that are shown from these roots, in the order in which their blocks begin. A root job
 * without a header comes first if it has text of its own.
 */
export function shownJobs(
  build: Build,
  roots: readonly WalkRoot[],
  order: Order,
  lineEnd: LineEnd,
): readonly Job[] {
  const [root] = build.jobs;
  const whole = roots.some((one) => 'job' in one && one.job === root);
  const shown = new Set<Job>();
  if (root && whole && root.size > 0) shown.add(root);
  const walk = new Walk(build, roots, { order }, lineEnd);
  for (const segment of segmentsOf(walk)) if (segment.kind !== 'absent') shown.add(segment.job);
  return [...shown];
}

/** The jobs of a whole build in the order in which it is shown. */
export interface JobsInOrder {
  /** Those whose blocks have a header, in the order of these. */
  readonly entered: readonly Job[];
  /** As of shownJobs. */
  readonly shown: readonly Job[];
}

/** @param segments of a walk of the whole build. */
export function jobsInOrder({ jobs: [root] }: Build, segments: Segments): JobsInOrder {
  const entered: Job[] = [];
  const shown = new Set<Job>(root && root.size > 0 ? [root] : []);
  for (const segment of segmentsOf(segments)) {
    if (segment.kind === 'absent') continue;
    if (segment.kind === 'enter') entered.push(segment.job);
    // Its header alone is nothing of the root job.
    if (segment.job !== root) shown.add(segment.job);
  }
  return { entered, shown: [...shown] };
}
