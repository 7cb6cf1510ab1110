// The failures that were not caused by another job's failure.

import { type Build, type Job, failed } from '../model/build.ts';
import { isStopSignal } from '../model/events.ts';

/** Did a job fail that this one launched or waited for? If this job failed too, that is the cause. */
export function hasFailedBelow(job: Job): boolean {
  return job.links.some((link) => link.job !== undefined && failed(link.job));
}

/**
 * Did a job fail by itself: neither because of a job that it launched or waited for, nor because the build
 * was stopped?
 * @param stopped whether the build was.
 */
export function failedByItself(job: Job, stopped: boolean): boolean {
  if (!failed(job) || !job.parent || hasFailedBelow(job)) return false;
  return !(stopped && job.status && 'signal' in job.status && isStopSignal(job.status.signal));
}

/** Returns the jobs that failed by themselves. */
export function rootFailures(build: Build): Job[] {
  const stopped = build.ended?.interrupted ?? false;
  return build.jobs.filter((job) => failedByItself(job, stopped));
}
