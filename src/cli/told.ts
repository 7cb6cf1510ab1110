// What is said of an error that ends something: one line where it was to be expected, where it happened if it is a bug of ours.

import { isFailure } from '../model/failure.ts';

export function told(error: unknown): string {
  // A target's name in a message may hold anything.
  if (isFailure(error)) return error.message.replaceAll(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '?');
  if (!(error instanceof Error)) return `internal error: ${String(error)}`;
  // The system's own words say what could not be done with which file; where in our code that was, helps nobody.
  if ('syscall' in error) return error.message;
  return `internal error: ${error.stack ?? error.message}`;
}
