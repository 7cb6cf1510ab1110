// The problems of a build that has just ended, for the pages of a CI system, and which of them are new.

import { shownJobs } from '../linearize/shown.ts';
import { type Build, failed } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { lineEnds } from '../record/logsource.ts';
import { fingerprint, ProblemList } from '../problems/problemlist.ts';
import type { Problem } from '../problems/problem.ts';
import type { LogSource } from '../record/logsource.ts';
import type { Place } from '../store/place.ts';
import { buildBefore, problemsBefore } from './buildproblems.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import { userPatterns } from './userpatterns.ts';
import { projectAt } from './project.ts';

/** How many bytes of logs are read, those of failed jobs first: an end must not take minutes. */
const MOST_READ = 128 * 1024 * 1024;

export interface ProblemSetting {
  readonly id: string;
  readonly build: Build;
  readonly logs: LogSource;
  readonly place: Place;
}

export interface BuildProblems {
  /** Errors before warnings, in the order of the log. */
  readonly problems: readonly Problem[];
  /** Whether the build before did not have it; undefined: there is none. */
  readonly isNew: ((problem: Problem) => boolean) | undefined;
}

/** @param say called with what could not be read. */
export function problemsOfBuild(
  { id, build, logs, place }: ProblemSetting,
  say: (text: string) => void,
): BuildProblems {
  const { patterns } = userPatterns(place, say);
  const reader = new ProblemReader(build, logs, projectAt(place), patterns);
  const all = new ProblemList();
  const jobs = shownJobs(build, [{ job: build.jobs[ROOT]! }], 'needs', lineEnds(logs, false));
  let room = MOST_READ;
  const read = new Set(
    [...new Set([...jobs.filter(failed), ...jobs])].filter(({ size }) => (room -= size) >= 0),
  );
  for (const job of jobs) if (read.has(job)) reader.read(job, (problem) => all.add(job, problem));
  const problems = all.list().map(({ problem }) => problem);
  if (problems.length === 0 || buildBefore(place.store, id) === undefined)
    return { problems, isNew: undefined };
  const before = problemsBefore(place, { id, build }, jobs, patterns, say);
  return { problems, isNew: (problem) => !before.has(fingerprint(problem)) };
}
