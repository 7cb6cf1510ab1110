// The value of `--since`.

import { Failure } from '../model/failure.ts';
import { parseAge } from '../model/size.ts';

/** `7d`, `12h`, or a day. @returns milliseconds since the epoch. @throws Failure if it is none. */
export function sinceOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const age = parseAge(text);
  if (age !== undefined) return Date.now() - age;
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at))
    throw new Failure(`--since ${text}: want an age, as 7d or 12h, or a day, as 2026-11-27`);
  return at;
}
