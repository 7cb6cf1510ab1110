// Bars on the time axis of a build.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowText, rowWidth } from '../../src/documents/spans.ts';
import { timeline } from '../../src/tui/views/timeline.ts';

for (const [from, to, expected] of [
  [0, 100, '━━━━━'],
  [0, 0, '╸'],
  [100, 100, '    ╺'],
  [0, 50, '━━╸'],
  [50, 100, '  ╺━━'],
  [50, 55, '  ╺'],
  [20, 21, ' ╸'],
  [-10, 500, '━━━━━'],
] as const)
  test(`a bar from ${from} to ${to} of 100 in five columns`, () => {
    const row = timeline(from, to, 100, 5, false, '2');
    assert.equal(rowText(row).trimEnd(), expected);
    assert.equal(rowWidth(row), 5);
    const plain = rowText(timeline(from, to, 100, 5, true, '2')).trimEnd();
    assert.equal(plain, expected.replaceAll(/[━╸╺]/g, '='));
  });

test('on an axis without a length, a bar is at its start', () => {
  assert.equal(rowText(timeline(0, 0, 0, 4, false, '')), '╸   ');
});
