// The same target in another build.

import type { Job } from '../model/build.ts';
import { History } from '../store/history.ts';

/**
 * Finds the next build in which a job's target ran, or the previous one. For the wrapped command, this is
 * simply the next or the previous build.
 * @param ids those of the stored builds, newest first. @param id the build to start from.
 * @returns the build's id; undefined if there is none.
 */
export function otherRun(
  store: string,
  ids: readonly string[],
  id: string,
  job: Job,
  newer: boolean,
): string | undefined {
  if (!job.parent) return newer ? ids.findLast((one) => one > id) : ids.find((one) => one < id);
  const history = new History(store);
  try {
    if (!newer) return history.last(job.name, id)[0]?.build;
    return ids.findLast(
      (one) => one > id && history.last(job.name, `${one}~`).some(({ build }) => build === one),
    );
  } finally {
    history.close();
  }
}
