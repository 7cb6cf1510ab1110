// What is said of an error that ends something: one line where it was to be expected, where it happened if it is a bug of ours.

import { isFailure } from '../model/failure.ts';
import { escapeLines, escapeName } from '../model/printable.ts';

export function told(error: unknown): string {
  if (isFailure(error))
    return [escapeName(error.message), ...error.choices.map((name) => `  ${escapeName(name)}`)].join('\n');
  // The system's own words say what could not be done with which file; where in our code that was, helps nobody.
  if (error instanceof Error && 'syscall' in error) return escapeName(error.message);
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return escapeLines(`internal error: ${what}`);
}
