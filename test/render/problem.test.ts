import assert from 'node:assert/strict';
import { test } from 'node:test';
import { painter } from '../../src/render/formats.ts';
import { problemRows } from '../../src/render/problem.ts';
import { displayWidth } from '../../src/render/width.ts';

const PROBLEM = {
  place: 'liba/hash.c:6:23',
  severity: 'warning',
  message: "comparison of integer expressions of different signedness: 'int' and 'size_t' [-Wsign-compare]",
};

for (const [columns, text] of [
  [
    200,
    "  liba/hash.c:6:23: warning: comparison of integer expressions of different signedness: 'int' and 'size_t' [-Wsign-compare]\n",
  ],
  [
    60,
    `  liba/hash.c:6:23: warning: comparison of integer
      expressions of different signedness: 'int' and
      'size_t' [-Wsign-compare]
`,
  ],
  [
    20,
    `  liba/hash.c:6:23:
      warning:
      comparison of
      integer
      expressions of
      different
      signedness:
      'int' and
      'size_t'
      [-Wsign-compare]
`,
  ],
] as const)
  test(`a problem on a terminal of ${columns} columns`, () => {
    assert.equal(problemRows(PROBLEM, columns, painter(false), displayWidth), text);
  });

test('a problem on a terminal: colours take no room, wide characters take two columns', () => {
  const wide = { place: 'a.c:1', severity: 'error', message: '漢字漢字 漢字' };
  assert.equal(
    problemRows(wide, 22, painter(true), displayWidth),
    '  \x1b[1ma.c:1:\x1b[0m \x1b[1;31merror:\x1b[0m\n      漢字漢字 漢字\n',
  );
  assert.equal(problemRows(wide, 24, painter(false), displayWidth), '  a.c:1: error: 漢字漢字\n      漢字\n');
});
