// Which lines are grouped into a hunk.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Edit } from '../../src/compare/edits.ts';
import { hunksOf } from '../../src/compare/hunks.ts';

/** Parses ` a`, `-a`, `+a`; with `~` before it, the line was compared regardless of order. */
function edit(line: string): Edit {
  const [, rough, sign, text = ''] = /^(~?)([ +-])(.*)$/.exec(line) ?? [];
  return { kind: sign === '+' ? 'new' : sign === '-' ? 'old' : 'same', text, rough: rough !== '' };
}

/** The hunks as diff prints them. */
function hunks(context: number, ...lines: readonly string[]): string[] {
  return hunksOf(lines.map(edit), context).hunks.map(
    ({ from, to, lines: held, rough }) =>
      `${rough ? '~' : ''}-${from.line},${from.count} +${to.line},${to.count} ${held.map(({ text }) => text).join('')}`,
  );
}

test('changes up to twice the context apart are one hunk, as in diff -U; further apart they are two', () => {
  assert.deepEqual(hunks(1, ' a', '-b', ' c', ' d', '+e', ' f'), ['-1,5 +1,5 abcdef']);
  assert.deepEqual(hunks(1, ' a', '-b', ' c', ' d', ' e', '+f', ' g'), ['-1,3 +1,2 abc', '-5,2 +4,3 efg']);
  assert.deepEqual(hunks(3, '-a', ...' b, c, d, e, f, g'.split(','), '+h'), ['-1,7 +1,7 abcdefgh']);
  assert.deepEqual(hunks(0, '-a', ' b', '+c', '+d'), ['-1,1 +0,0 a', '-2,0 +2,2 cd']);
});

test('lines compared regardless of order form a hunk of their own', () => {
  assert.deepEqual(hunks(3, ' a', '-b', ' c', '~-d', '~ e', '~+f', ' g', '+h'), [
    '-1,3 +1,2 abc',
    '~-4,1 +3,1 df',
    '-6,1 +5,2 gh',
  ]);
  assert.deepEqual(hunks(3, ' a', ' b', '~-c', '~+d'), ['~-3,1 +3,1 cd']);
});
