// Determines which errors and warnings are new in the second build, and which are gone. A problem that has
// only moved in its file is neither.

import { fingerprint } from '../problems/problemlist.ts';
import type { Problem } from '../problems/problem.ts';

/** Calls back with each problem of a log, in order. */
export type ProblemSource = (found: (problem: Problem) => void) => void;

/** The problems in one side's log. */
export interface LogProblems {
  readonly each: ProblemSource;
  /** Whether it failed because of another job, whose log has the reason. */
  readonly passedOn: boolean;
}

export interface ProblemChanges {
  readonly fresh: readonly Problem[];
  readonly gone: readonly Problem[];
}

/**
 * At most this many different problems of a target are compared, and at most MOST_REPORTED of each side are
 * reported.
 */
const MOST_KINDS = 100_000;
const MOST_REPORTED = 1000;

/**
 * Compares the problems of two logs, and counts how often each occurs.
 * @param normal removes the noise from messages.
 */
export function problemChanges(
  old: LogProblems,
  fresh: LogProblems,
  normal: (line: string) => string,
): ProblemChanges {
  const before = collect(old, normal);
  const after = collect(fresh, normal);
  return { fresh: surplus(after, before), gone: surplus(before, after) };
}

interface Kind {
  readonly problems: Problem[];
  count: number;
}

function collect({ each, passedOn }: LogProblems, normal: (line: string) => string): Map<string, Kind> {
  const kinds = new Map<string, Kind>();
  let explained = passedOn;
  each((problem) => {
    // `generated 1 warning` only counts other problems.
    if (problem.summary && problem.severity === 'warning') return;
    explained ||= problem.severity === 'error' && !problem.summary;
    const key = `${problem.summary ? 's' : 'p'}${normal(fingerprint(problem))}`;
    let kind = kinds.get(key);
    if (!kind) {
      if (kinds.size >= MOST_KINDS) return;
      kind = { problems: [], count: 0 };
      kinds.set(key, kind);
    }
    kind.count++;
    if (kind.problems.length < MOST_REPORTED) kind.problems.push(problem);
  });
  // A summary counts only if nothing else explains the failure.
  if (explained) for (const key of kinds.keys()) if (key.startsWith('s')) kinds.delete(key);
  return kinds;
}

/** Returns the problems that occur more often on one side than on the other: the last ones of each kind. */
function surplus(of: ReadonlyMap<string, Kind>, over: ReadonlyMap<string, Kind>): Problem[] {
  const found: Problem[] = [];
  for (const [key, { problems, count }] of of) {
    const more = count - (over.get(key)?.count ?? 0);
    if (more > 0) found.push(...problems.slice(-more));
    if (found.length >= MOST_REPORTED) break;
  }
  return found.slice(0, MOST_REPORTED);
}
