// User-defined patterns, as `.loglin.json` lists them under "problems". Pure: the caller reads the file.

import type { ProblemPattern } from './pattern.ts';

/** What is wrong with the value, and where in it: `[0, "pattern"]`. */
export interface PatternError {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** No expression written by hand is longer, and compiling one takes longer the longer it is. */
const LONGEST = 4096;
const KEYS: ReadonlySet<string> = new Set(['name', 'pattern', 'severity']);
const GROUPS: ReadonlySet<string> = new Set(['file', 'line', 'column', 'severity', 'code', 'message']);

/**
 * Reads a list of `{"name", "pattern", "severity"?}`. The pattern is a regular expression, tried on each
 * line. Its groups are named `file`, `line`, `column`, `severity`, `code`, `message`. Without `message`, the
 * whole line is the message.
 * @returns the patterns, or the first error.
 */
export function parsePatterns(
  value: unknown,
): { readonly patterns: readonly ProblemPattern[] } | { readonly error: PatternError } {
  if (!Array.isArray(value)) return wrong([], 'want a list of {"name", "pattern", "severity"?}');
  const patterns: ProblemPattern[] = [];
  for (const [i, entry] of (value as unknown[]).entries()) {
    const parsed = parsePattern(entry);
    if ('message' in parsed) return wrong([i, ...parsed.path], parsed.message);
    patterns.push(parsed);
  }
  return { patterns };
}

const wrong = (path: PatternError['path'], message: string): { error: PatternError } => ({
  error: { path, message },
});

function parsePattern(entry: unknown): ProblemPattern | PatternError {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return { path: [], message: 'want {"name", "pattern", "severity"?}' };
  for (const key of Object.keys(entry))
    if (!KEYS.has(key)) return { path: [key], message: 'no such key; want "name", "pattern" or "severity"' };
  const { name, pattern, severity } = entry as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || name === '') return { path: ['name'], message: 'want a name' };
  if (typeof pattern !== 'string' || pattern === '')
    return { path: ['pattern'], message: 'want a regular expression, as text' };
  if (pattern.length > LONGEST)
    return { path: ['pattern'], message: `want ${LONGEST} characters at most, found ${pattern.length}` };
  if (severity !== undefined && severity !== 'error' && severity !== 'warning')
    return { path: ['severity'], message: 'want "error" or "warning"' };
  let first: RegExp;
  try {
    first = new RegExp(pattern);
  } catch (error) {
    return { path: ['pattern'], message: error instanceof Error ? error.message : String(error) };
  }
  // A group that nothing reads is probably a typo.
  for (const [, group = ''] of pattern.matchAll(/\(\?<([A-Za-z_$][\w$]*)>/g))
    if (!GROUPS.has(group))
      return { path: ['pattern'], message: `no such group: ${group}; want ${[...GROUPS].join(', ')}` };
  return { tool: name, first, ...(severity === undefined ? {} : { severity }) };
}
