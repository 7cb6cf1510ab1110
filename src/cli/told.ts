// What is said of an error that ends something: one line where it was to be expected, where it happened if it is a bug of ours.

import { isFailure } from '../model/failure.ts';

export function told(error: unknown): string {
  // A target's name in a message may hold anything.
  if (isFailure(error)) return error.message.replaceAll(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '?');
  return `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
