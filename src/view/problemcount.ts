// How many errors and warnings a build had, for the line at its end.

import type { Build } from '../model/build.ts';
import { ProblemList } from '../problems/problemlist.ts';
import type { LogSource } from '../record/logsource.ts';
import type { Place } from '../store/place.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import { userPatterns } from './userpatterns.ts';
import { projectAt } from './project.ts';

/** In bytes. Reading more would keep the user waiting. */
const MOST_READ = 4 * 1024 * 1024;

/** Each counted once, as `loglin problems` lists them. */
export interface ProblemCounts {
  readonly errors: number;
  readonly warnings: number;
}

/**
 * Counts the problems of a build; undefined if the logs are too large to be read for this.
 * @param slow called with what is to be said of a user's pattern that takes too long.
 */
export function countProblems(
  build: Build,
  logs: LogSource,
  place: Place,
  slow: (text: string) => void,
): ProblemCounts | undefined {
  const bytes = build.jobs.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MOST_READ) return undefined;
  if (bytes === 0) return { errors: 0, warnings: 0 };
  const all = new ProblemList();
  const reader = new ProblemReader(build, logs, projectAt(place), userPatterns(place, slow).patterns);
  for (const job of build.jobs) reader.read(job, (problem) => all.add(job, problem));
  const found = all.list();
  const errors = found.filter(({ problem }) => problem.severity === 'error').length;
  return { errors, warnings: found.length - errors };
}

/** `1 error, 3 warnings`; '' if there are none, or if they are not counted (countProblems). */
export function problemCount(...of: Parameters<typeof countProblems>): string {
  const counts = countProblems(...of);
  if (!counts) return '';
  const count = (n: number, what: string): string[] => (n === 0 ? [] : [`${n} ${what}${n === 1 ? '' : 's'}`]);
  return [...count(counts.errors, 'error'), ...count(counts.warnings, 'warning')].join(', ');
}
