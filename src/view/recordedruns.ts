// The earlier runs of a target, from the history and the builds themselves. What the history says of a build
// is checked against it.

import type { Build, Job } from '../model/build.ts';
import type { History } from '../store/history.ts';

/** The jobs of one name in an earlier build. */
export interface RunsInBuild<T> {
  readonly recorded: T;
  /** At least one. */
  readonly jobs: readonly Job[];
}

/**
 * Finds the earlier builds in which a target ran, the newest first. Builds that cannot be read are left out.
 * @param open returns a build by its id; undefined if it cannot be read.
 * @param name as shown, without `#2`.
 * @param before the id of the first build that does not count.
 * @param tool accepts only runs by this tool.
 */
export function* runsBefore<T extends { readonly build: Build }>(
  history: History,
  open: (id: string) => T | undefined,
  name: string,
  before: string,
  tool?: string,
): Generator<RunsInBuild<T>, undefined> {
  for (let distrusted = '', end = before; ;) {
    const runs = history.last(name, end, tool);
    const [first] = runs;
    if (!first) return undefined;
    const { build: id } = first;
    const recorded = open(id);
    const jobs = runs.map(({ job }) => recorded?.build.jobs[job]);
    if (recorded && jobs.every((job): job is Job => job?.name === name)) {
      yield { recorded, jobs };
      end = id;
      continue;
    }
    // The history is wrong. If it repeats itself, the build cannot be read.
    if (recorded && distrusted !== id) history.distrust(id);
    else history.forget(id);
    distrusted = id;
  }
}
