// What is said of an error that ends something: one line where it was to be expected, where it happened if it is a bug of ours.

import { isFailure } from '../model/failure.ts';

/** Without what would do something to a terminal: a target's name in a message may hold anything. */
export function printable(text: string): string {
  return text.replaceAll(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '?');
}

export function told(error: unknown): string {
  if (isFailure(error)) return printable(error.message);
  return `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
