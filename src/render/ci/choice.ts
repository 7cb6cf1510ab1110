// Which problems of a build are annotations, and what is said of the others. Pure.

import type { Problem, Severity } from '../../problems/problem.ts';

export interface Choice {
  /** Errors first, of each severity the new ones first. */
  readonly shown: readonly Problem[];
  /** `12 errors, 340 warnings (3 new), 20 of them annotated`; '' if there are none. */
  readonly count: string;
}

/**
 * @param problems errors before warnings, in the order of the log.
 * @param isNew undefined: there is no build to compare with.
 * @param room how many problems of a severity can be shown.
 */
export function chooseProblems(
  problems: readonly Problem[],
  isNew: ((problem: Problem) => boolean) | undefined,
  room: (severity: Severity) => number,
): Choice {
  const shown: Problem[] = [];
  const counts: string[] = [];
  for (const severity of ['error', 'warning'] as const) {
    const all = problems.filter((problem) => problem.severity === severity);
    if (all.length === 0) continue;
    const fresh = isNew ? all.filter(isNew) : all;
    shown.push(...[...new Set([...fresh, ...all])].slice(0, room(severity)));
    const known = isNew && fresh.length > 0 ? ` (${fresh.length} new)` : '';
    counts.push(`${all.length} ${severity}${all.length === 1 ? '' : 's'}${known}`);
  }
  if (counts.length === 0) return { shown, count: '' };
  const left =
    shown.length < problems.length && shown.length > 0 ? `, ${shown.length} of them annotated` : '';
  return { shown, count: `${counts.join(', ')}${left}` };
}
