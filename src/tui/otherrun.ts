// The same target in another build.

import type { Job } from '../model/build.ts';
import { History } from '../store/history.ts';

/**
 * The next build in which a job's target ran, or the one before; of the wrapped command, the next build or
 * the one before.
 * @param ids of the builds that are kept, the newest first. @param id the build to start from. @returns the
 * build's id; undefined: there is none.
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
