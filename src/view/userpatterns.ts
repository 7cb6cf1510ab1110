// The user's own patterns of problems, from the project's configuration.

import { type BoundedPatterns, untimed } from '../problems/boundedpatterns.ts';
import { parsePatterns } from '../problems/parsepatterns.ts';
import type { ProblemPattern } from '../problems/pattern.ts';
import { readConfig } from '../store/config.ts';
import type { Place } from '../store/place.ts';
import { TimedPatterns } from './timedpatterns.ts';

export interface UserPatterns {
  readonly patterns: BoundedPatterns;
  /** What is wrong with the configuration, a line each; then there are no patterns. */
  readonly errors: readonly string[];
}

/**
 * Reads the patterns of `.loglin.json`.
 * @param slow called with what is to be said of a pattern that takes too long; it is not tried any more.
 */
export function userPatterns(place: Place, slow: (text: string) => void): UserPatterns {
  const config = readConfig(place);
  const { problems, errors } = config;
  if (problems === undefined) return { patterns: untimed([]), errors };
  const parsed = parsePatterns(problems);
  if ('error' in parsed) {
    const { path: at, message } = parsed.error;
    return { patterns: untimed([]), errors: [...errors, config.complaint(['problems', ...at], message)] };
  }
  const { patterns } = parsed;
  const gaveUp = (pattern: ProblemPattern): void => {
    const at = ['problems', patterns.indexOf(pattern), 'pattern'];
    slow(config.complaint(at, 'takes too long on what was logged; the log is read on without it'));
  };
  return { patterns: new TimedPatterns(patterns, gaveUp), errors };
}
