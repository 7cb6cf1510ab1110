// What is said of an error that ends something: one line where it was to be expected, where it happened if it is a bug of ours.

import { isFailure } from '../model/failure.ts';
import { escapeLines, escapeName } from '../model/printable.ts';

export function told(error: unknown): string {
  if (isFailure(error))
    return [escapeName(error.message), ...error.choices.map((name) => `  ${escapeName(name)}`)].join('\n');
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return escapeLines(`internal error: ${what}`);
}
