// Collects what a coding agent is told of a build that has ended: the failures, the further errors of what
// failed, and the warnings that are new.

import { inShownOrder } from '../linearize/shown.ts';
import type { Build, Job } from '../model/build.ts';
import { failed } from '../model/build.ts';
import { isStopSignal } from '../model/events.ts';
import { ROOT } from '../model/ids.ts';
import { escapeName } from '../model/printable.ts';
import { lineEnds } from '../play/player.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import { nameFrom } from '../problems/paths.ts';
import { type FoundProblem, ProblemList, fingerprint } from '../problems/problemlist.ts';
import type { AgentEnding, ProblemLines } from '../render/agentreport.ts';
import { problemText } from '../render/problem.ts';
import { wasStopped } from '../render/report.ts';
import { buildBefore, problemsBefore } from './buildproblems.ts';
import { errorKey } from './failures.ts';
import { type Failures, type ReportSetting, readFailures } from './failurereport.ts';
import { ProblemReader } from './problemreader.ts';
import { userPatterns } from './userpatterns.ts';

/** A build that has ended, and where its files are named from. */
export interface AgentSetting extends Omit<ReportSetting, 'terminal' | 'quiet'> {
  readonly id: string;
}

/** Of a failure that no pattern knows, an agent gets more lines than a person, who can scroll. */
const LINES = 30;
/** Logs of more bytes are not searched for warnings: the build has ended, and somebody waits. */
const MOST_READ = 64 * 1024 * 1024;
/** So many different errors, and so many warnings, are listed; the rest is counted. */
const MOST_ERRORS = 30;
const MOST_WARNINGS = 10;

/** @param say called with what could not be read, and with a user's pattern that takes too long. */
export function agentEnding(setting: AgentSetting, say: (text: string) => void): AgentEnding {
  const { id, build, place, status, nameOf } = setting;
  const { patterns } = userPatterns(place, say);
  const good = 'exit' in status && status.exit === 0;
  const failures = good ? undefined : readFailures({ ...setting, terminal: false }, patterns, LINES);
  const different = byCause(failures);
  const found = readAll(setting, patterns);
  const compared = buildBefore(place.store, id) !== undefined;
  const warnings = found?.filter(({ problem }) => problem.severity === 'warning') ?? [];
  const known =
    compared && warnings.length > 0
      ? problemsBefore(place, { id, build }, build.jobs, patterns, say)
      : new Set();
  const fresh = warnings.filter(({ problem }) => !known.has(fingerprint(problem)));
  const stopped = build.ended?.interrupted === true || wasStopped(status);
  return {
    id,
    status,
    ms: build.ended?.t ?? build.time,
    jobs: build.jobs.length - 1,
    alone: failures?.alone ?? 0,
    failures: different,
    commandLog: failures?.own?.lines ?? [],
    errors: linesOf(furtherErrors(found ?? [], failures), setting, MOST_ERRORS),
    warnings: linesOf(fresh, setting, MOST_WARNINGS),
    allWarnings: found && warnings.length,
    compared,
    stopped: stopped ? runningAtEnd(build).map(nameOf) : undefined,
  };
}

/** Known errors before lines that may tell something, and what most jobs failed with first. */
function byCause(failures: Failures | undefined): Failures['different'] {
  return (failures?.different ?? []).toSorted(
    (a, b) => Number(b.error !== undefined) - Number(a.error !== undefined) || b.also.length - a.also.length,
  );
}

/** The problems of all jobs; undefined: there is too much to read. */
function readAll(
  { build, logs, place }: AgentSetting,
  patterns: BoundedPatterns,
): FoundProblem[] | undefined {
  if (build.jobs.reduce((sum, { size }) => sum + size, 0) > MOST_READ) return undefined;
  const reader = new ProblemReader(build, logs, place, patterns);
  const list = new ProblemList();
  // Only some are listed: not those that chance started first.
  for (const job of inShownOrder(build, build.jobs, 'needs', lineEnds(logs, false)))
    reader.read(job, (problem) => list.add(job, problem));
  return list.list();
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
  { place, folder }: AgentSetting,
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
