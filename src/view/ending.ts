// Reads what there is to say of a build that has ended: why it failed, its problems, and which of them are
// new.

import { inShownOrder } from '../linearize/shown.ts';
import { succeeded } from '../model/build.ts';
import { lineEnds } from '../record/logsource.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import { type FoundProblem, ProblemList, fingerprint } from '../problems/problemlist.ts';
import { wasStopped } from '../render/report.ts';
import { buildBefore, problemsBefore } from './buildproblems.ts';
import { type Failures, type ReportSetting, readFailures } from './failurereport.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import { userPatterns } from './userpatterns.ts';
import { projectAt } from './project.ts';

/** A build that has ended, and where its files are named from. */
export interface EndingSetting extends Omit<ReportSetting, 'terminal' | 'quiet'> {
  readonly id: string;
}

export interface Ending {
  /** Undefined: the command succeeded. */
  readonly failures: Failures | undefined;
  /** The problems of all jobs; undefined: there is too much to read. */
  readonly found: ProblemList | undefined;
  /** Warnings that the build before did not have. */
  readonly fresh: readonly FoundProblem[];
  /** There is a build before. */
  readonly compared: boolean;
  readonly stopped: boolean;
}

/**
 * @param lines how many lines of a failure are wanted. @param mostRead logs of more bytes are not searched.
 * @param say called with what could not be read, and with a user's pattern that takes too long.
 */
export function readEnding(
  setting: EndingSetting,
  lines: number,
  mostRead: number,
  say: (text: string) => void,
): Ending {
  const { id, build, place, status } = setting;
  const { patterns } = userPatterns(place, say);
  const failures = succeeded(status)
    ? undefined
    : readFailures({ ...setting, terminal: false }, patterns, lines);
  const found = readAll(setting, patterns, mostRead);
  const compared = buildBefore(place.store, id) !== undefined;
  const warnings = found?.list().filter(({ problem }) => problem.severity === 'warning') ?? [];
  const known =
    compared && warnings.length > 0
      ? problemsBefore(place, { id, build }, build.jobs, patterns, say)
      : new Set();
  return {
    failures: failures && { ...failures, different: byCause(failures) },
    found,
    fresh: warnings.filter(({ problem }) => !known.has(fingerprint(problem))),
    compared,
    stopped: build.ended?.interrupted === true || wasStopped(status),
  };
}

/** Known errors before lines that may tell something, and what most jobs failed with first. */
function byCause({ different }: Failures): Failures['different'] {
  return different.toSorted(
    (a, b) => Number(b.error !== undefined) - Number(a.error !== undefined) || b.also.length - a.also.length,
  );
}

function readAll(
  { build, logs, place }: EndingSetting,
  patterns: BoundedPatterns,
  most: number,
): ProblemList | undefined {
  if (build.jobs.reduce((sum, { size }) => sum + size, 0) > most) return undefined;
  const reader = new ProblemReader(build, logs, projectAt(place), patterns);
  const list = new ProblemList();
  // Only some are listed: not those that chance started first.
  for (const job of inShownOrder(build, build.jobs, 'needs', lineEnds(logs, false)))
    reader.read(job, (problem) => list.add(job, problem));
  return list;
}
