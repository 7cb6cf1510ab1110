// Messages to the user, on stderr.

import { isFailure } from '../model/failure.ts';
import { escapeLines, escapeName } from '../model/printable.ts';

/** Prints one line; the text may contain names as they are. */
export function warn(text: string): void {
  process.stderr.write(`loglin: ${escapeName(text)}\n`);
}

/** Prints a line each. @returns false if there are none. */
export function warnAll(texts: readonly string[]): boolean {
  for (const text of texts) warn(text);
  return texts.length > 0;
}

/**
 * The message for an error that ends a command: one line for an expected failure, a stack trace for a bug.
 */
export function errorText(error: unknown): string {
  if (isFailure(error))
    return [escapeName(error.message), ...error.choices.map((name) => `  ${escapeName(name)}`)].join('\n');
  // The system's message names the operation and the file; the place in our code would help nobody.
  if (error instanceof Error && 'syscall' in error) return escapeName(error.message);
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return escapeLines(`internal error: ${what}`);
}
