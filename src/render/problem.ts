// A problem on one line, in the format of compilers.

import type { Problem } from '../problems/problem.ts';

/** `file:line:column`, as far as they are known. */
export function placeText({ file, line, column }: Problem): string | undefined {
  if (file === undefined) return undefined;
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/**
 * `src/a.c:3:5: warning: unused variable ‘x’ [-Wunused-variable]`. Without a file, the tool's name takes its
 * place.
 */
export function problemText(problem: Problem): string {
  const { severity, tool, code, message } = problem;
  return `${placeText(problem) ?? tool}: ${severity}: ${message}${code === undefined ? '' : ` [${code}]`}`;
}
