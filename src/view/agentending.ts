// Collects what a coding agent is told of a build that has ended: the failures, the further errors of what
// failed, and the warnings that are new.

import { type Build, type Job, failed } from '../model/build.ts';
import { isStopSignal } from '../model/events.ts';
import { ROOT } from '../model/ids.ts';
import { escapeName } from '../model/printable.ts';
import { nameFrom } from '../problems/paths.ts';
import type { FoundProblem } from '../problems/problemlist.ts';
import type { AgentEnding, ProblemLines } from '../render/agentreport.ts';
import { problemText } from '../render/problem.ts';
import { type EndingSetting, readEnding } from './ending.ts';
import { errorKey } from './failures.ts';
import type { Failures } from './failurereport.ts';

/** Of a failure that no pattern knows, an agent gets more lines than a person, who can scroll. */
const LINES = 30;
/** Logs of more bytes are not searched for warnings: the build has ended, and somebody waits. */
const MOST_READ = 64 * 1024 * 1024;
/** So many different errors, and so many warnings, are listed; the rest is counted. */
const MOST_ERRORS = 30;
const MOST_WARNINGS = 10;

/** @param say called with what could not be read, and with a user's pattern that takes too long. */
export function agentEnding(setting: EndingSetting, say: (text: string) => void): AgentEnding {
  const { id, build, status, nameOf } = setting;
  const { failures, found, fresh, compared, stopped } = readEnding(setting, LINES, MOST_READ, say);
  return {
    id,
    status,
    ms: build.ended?.t ?? build.time,
    jobs: build.jobs.length - 1,
    alone: failures?.alone ?? 0,
    failures: failures?.different ?? [],
    commandLog: failures?.own?.lines ?? [],
    errors: linesOf(furtherErrors(found?.list() ?? [], failures), setting, MOST_ERRORS),
    warnings: linesOf(fresh, setting, MOST_WARNINGS),
    allWarnings: found?.list().filter(({ problem }) => problem.severity === 'warning').length,
    compared,
    stopped: stopped ? runningAtEnd(build).map(nameOf) : undefined,
  };
}

/** The errors of jobs that failed, without those that the failures already show. */
function furtherErrors(found: readonly FoundProblem[], failures: Failures | undefined): FoundProblem[] {
  const { different = [], own } = failures ?? {};
  const shown = new Set([...different, ...(own ? [own] : [])].map(({ error }) => error && errorKey(error)));
  return found.filter(
    ({ problem, jobs }) =>
      problem.severity === 'error' && !problem.summary && jobs.some(failed) && !shown.has(errorKey(problem)),
  );
}

/**
 * A line for each different message, at its first place: a mistake in a header is reported wherever it is
 * used.
 */
function linesOf(
  found: readonly FoundProblem[],
  { place, folder }: EndingSetting,
  most: number,
): ProblemLines {
  const kinds = new Map<string, { first: FoundProblem; places: number; readonly jobs: Set<Job> }>();
  for (const one of found) {
    const { severity, code, message } = one.problem;
    const key = [severity, code, message].join('\0');
    const kind = kinds.get(key) ?? { first: one, places: 0, jobs: new Set() };
    kind.places++;
    for (const job of one.jobs) kind.jobs.add(job);
    kinds.set(key, kind);
  }
  const lines = [...kinds.values()].slice(0, most).map(({ first: { problem }, places, jobs }) => {
    const file = problem.file === undefined ? undefined : nameFrom(problem.file, place.root, folder);
    const where = [
      ...(places > 1 ? [`at ${places} places`] : []),
      ...(jobs.size > 1 ? [`in ${jobs.size} jobs`] : []),
    ].join(' ');
    const line = escapeName(problemText({ ...problem, file }));
    return where === '' ? line : `${line} (${where})`;
  });
  return { lines, different: kinds.size, total: found.length };
}

/** The jobs that ran when the build was stopped, without those that waited for one that they had launched. */
function runningAtEnd({ jobs }: Build): Job[] {
  const cut = jobs.filter(
    ({ id, status }) =>
      id !== ROOT && (status === undefined || ('signal' in status && isStopSignal(status.signal))),
  );
  const waiting = new Set(cut.map(({ parent }) => parent));
  return cut.filter((job) => !waiting.has(job));
}
