// What a failed build repeats at its end: which failures are reported, each error once, with the lines of the
// logs that explain it.

import { displayNames } from '../linearize/names.ts';
import { rootFailures } from '../linearize/failures.ts';
import { inShownOrder } from '../linearize/shown.ts';
import { targetPath } from '../linearize/targetpaths.ts';
import { type Build, type Job, failed } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { ROOT } from '../model/ids.ts';
import { lineEnds } from '../record/logsource.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import { ERROR_LINES, type Failed, MOST_ERRORS, failureReport, wasStopped } from '../render/report.ts';
import { Sanitizer } from '../render/sanitize.ts';
import type { LogSource } from '../record/logsource.ts';
import type { Place } from '../store/place.ts';
import { FailureReader, type FailureText, TAIL } from './failures.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import type { Style } from '../render/renderers.ts';
import { userPatterns } from './userpatterns.ts';
import { projectAt } from './project.ts';

export interface ReportSetting {
  readonly build: Build;
  readonly logs: LogSource;
  readonly place: Place;
  /** Files are named from here, absolute. */
  readonly folder: string;
  /** How the wrapped command ended. */
  readonly status: Status;
  readonly nameOf: (job: Job) => string;
  readonly style: Style;
  /** The report goes to a terminal. */
  readonly terminal: boolean;
  /** Nothing of the logs was printed. */
  readonly quiet: boolean;
}

/**
 * How many bytes of logs are read: of thousands of failed jobs, not every one is compared with the others.
 */
const MOST_READ = 64 * 1024 * 1024;

/** The failures of a build, with what its logs say about them. */
export interface Failures {
  /** How many jobs failed by themselves. */
  readonly alone: number;
  /** How many failed, with those that did only because of another one. */
  readonly failed: number;
  /** The different ones, in the order of `show --failed`. */
  readonly different: readonly Failed[];
  /** What the command's own log says, where no job failed and nobody stopped it. */
  readonly own: FailureText | undefined;
}

/** @param slow called with what is to be said of a user's pattern that takes too long. */
export function reportFailures(setting: ReportSetting, slow: (text: string) => void): string {
  const { build, place, status, style, quiet } = setting;
  const { alone, failed: bad, different, own } = readFailures(setting, userPatterns(place, slow).patterns);
  return failureReport(different, {
    alone,
    ascii: style.ascii,
    colour: style.colour,
    jobs: build.jobs.length - 1,
    failed: bad,
    status,
    command: build.jobs[ROOT]?.name ?? '',
    // Its last lines were just printed, unless nothing is.
    commandLog: own && (own.error || quiet) ? own.lines : [],
  });
}

/**
 * Reads the failures of a build that has ended.
 * @param patterns the user's. @param most how many lines of a failure are wanted.
 */
export function readFailures(
  setting: Omit<ReportSetting, 'quiet'>,
  patterns: BoundedPatterns,
  most = ERROR_LINES,
): Failures {
  const { build, logs, place, folder, status, nameOf, style, terminal } = setting;
  const ends = lineEnds(logs, false);
  // In the order of `show --failed`: the order of launches is chance.
  const alone = inShownOrder(build, rootFailures(build), 'needs', ends);
  const clean = (bytes: Buffer): string => {
    const sanitizer = new Sanitizer(terminal && !style.never ? 'colours' : 'strip');
    return Buffer.concat([sanitizer.push(bytes), sanitizer.flush()]).toString('utf8');
  };
  const reader = new FailureReader(
    new ProblemReader(build, logs, projectAt(place), patterns),
    logs,
    folder,
    clean,
    most,
  );
  const [root] = build.jobs;
  return {
    alone: alone.length,
    failed: build.jobs.filter((job) => job.id !== ROOT && failed(job)).length,
    different: differentFailures(alone, reader, nameOf, displayNames(build, 'needs', ends)),
    own: alone.length === 0 && root && !wasStopped(status) ? reader.failure(root) : undefined,
  };
}

/**
 * The failures to report at length; jobs that failed with the same error count as one.
 * @param recordedName the names that `loglin show` will use.
 */
function differentFailures(
  jobs: readonly Job[],
  reader: FailureReader,
  nameOf: (job: Job) => string,
  recordedName: (job: Job) => string,
): Failed[] {
  const different = new Map<string, Failed & { also: string[] }>();
  let read = 0;
  for (const job of jobs) {
    if (read >= MOST_READ) break;
    const { key, lines, error } = reader.failure(job);
    read += Math.min(TAIL, job.size);
    const same = key === '' ? undefined : different.get(key);
    if (same) same.also.push(nameOf(job));
    else if (different.size < MOST_ERRORS)
      different.set(key === '' ? `job ${job.id}` : key, {
        job,
        name: nameOf(job),
        showName: recordedName(job),
        path: targetPath(job, nameOf),
        lines,
        error,
        also: [],
      });
  }
  return [...different.values()];
}
