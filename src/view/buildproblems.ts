// The problems of many jobs of a build, and those that were there before.

import type { Job } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import { fingerprint } from '../problems/problemlist.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import type { Problem } from '../problems/problem.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import { History } from '../store/history.ts';
import type { Place } from '../store/place.ts';
import { type RecordedBuild, openBuild } from '../store/reader.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import { ShortLogs } from './viewedbuild.ts';
import { projectAt } from './project.ts';

/**
 * Calls back for each problem of these jobs.
 * @param patterns the user's.
 * @returns the logs that are shorter than recorded.
 */
export function readProblems(
  recorded: RecordedBuild,
  place: Place,
  jobs: readonly Job[],
  patterns: BoundedPatterns,
  found: (job: Job, problem: Problem) => void,
): ShortLogs {
  const reader = new ProblemReader(recorded.build, recorded.logs, projectAt(place), patterns);
  const short = new ShortLogs();
  for (const job of jobs) {
    const at = reader.read(job, (problem) => {
      found(job, problem);
    });
    if (at !== undefined) short.add(recorded, job, at);
  }
  return short;
}

/** The build before this one; undefined if there is none. Builds inside builds do not count. */
export function buildBefore(store: string, id: string): string | undefined {
  return listBuilds(store)
    .filter((one) => one < id)
    .findLast((one) => !summarise(store, one).started?.inside);
}

/**
 * The problems of the previous build; for a target that did not run in it, those of its last run.
 * @param jobs of the build, those whose problems are asked for.
 * @param say called with what could not be read.
 * @returns what identifies each (`fingerprint`).
 */
export function problemsBefore(
  place: Place,
  { id, build }: Pick<RecordedBuild, 'id' | 'build'>,
  jobs: readonly Job[],
  patterns: BoundedPatterns,
  say: (text: string) => void,
): Set<string> {
  const { store } = place;
  const known = new Set<string>();
  /** The jobs to read of each build. */
  const wanted = new Map<string, Set<number> | 'all'>();
  const last = buildBefore(store, id);
  if (last === undefined) say(`there is no build before ${id}: all its problems are new`);
  else wanted.set(last, 'all');
  const history = new History(store);
  for (const job of jobs) {
    if (!job.parent && build.started?.name === undefined) continue;
    for (const run of history.last(job.name, id, job.instance?.tool ?? '')) {
      const ids = wanted.get(run.build) ?? new Set();
      if (ids === 'all') continue;
      wanted.set(run.build, ids.add(run.job));
    }
  }
  history.close();
  for (const [from, ids] of wanted) {
    let recorded: RecordedBuild;
    try {
      recorded = openBuild(store, from);
    } catch (error) {
      if (!isFailure(error)) throw error;
      say(error.message);
      continue;
    }
    const there = recorded.build.jobs.filter((job) => ids === 'all' || ids.has(job.id));
    const short = readProblems(recorded, place, there, patterns, (_, problem) =>
      known.add(fingerprint(problem)),
    );
    short.messages().forEach(say);
    recorded.logs.close();
  }
  return known;
}
