// Checks that hold for any command with any input.

import assert from 'node:assert/strict';
import type { Ran } from './inprocess.ts';

/**
 * No command takes this long on a small store, however damaged, in milliseconds. The machine may be busy.
 */
const MOST_MS = 8000;

/** @param line the command's words, without those of this run alone. */
export function judge(
  line: readonly string[],
  { bug, forbiddenFiles: outside, status, stdout, stderr, ms }: Ran,
): void {
  const what = line.join(' ');
  if (bug) throw new Error(`${what}: ${bug.message}`, { cause: bug });
  const known = line.includes('--exit-code') ? status >= 0 && status <= 255 : [0, 1, 125].includes(status);
  assert.ok(known, `${what}: status ${status}`);
  assert.deepEqual(outside, [], `${what}: opened outside`);
  assert.doesNotMatch(stderr, /^ {4}at |internal error/m, what);
  // A Failure is printed in one line.
  if (status === 125) assert.match(stderr, /^loglin: \S/m, what);
  for (const word of ['NaN', 'Invalid Date', '[object Object]', 'Infinity'])
    for (const text of [stdout, stderr]) assert.ok(!text.includes(word), `${what}: ${excerpt(text, word)}`);
  assert.ok(ms < MOST_MS, `${what}: took ${Math.round(ms)} ms`);
  if (line.includes('--json') || line.includes('--format=json'))
    for (const one of stdout.split('\n')) if (one !== '') JSON.parse(one);
}

function excerpt(text: string, word: string): string {
  const at = text.indexOf(word);
  return JSON.stringify(text.slice(Math.max(0, at - 100), at + 50));
}
