// Which process was forked first.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareLineages, lineageText, parseLineage } from '../../src/model/lineage.ts';

const order = (a: string, b: string): number =>
  Math.sign(compareLineages(parseLineage(a)!, parseLineage(b)!));

for (const [what, older, younger] of [
  ['siblings, by their start', '5.1/10.20', '5.1/11.19'],
  ['siblings of one tick, by their number', '5.1/10.20', '5.1/10.21'],
  ['children of siblings, by the siblings', '5.1/10.20/90.95', '5.1/11.21/12.22'],
  ['below different depths', '5.1/10.20', '5.1/11.21/12.22/13.23'],
  ['an ancestor before who descends from it', '5.1/10.20', '5.1/10.20/11.21'],
] as const)
  test(`lineages are compared: ${what}`, () => {
    assert.equal(order(older, younger), -1);
    assert.equal(order(younger, older), 1);
    assert.equal(order(older, older), 0);
  });

test('lineages cut at different depths are compared below their common part', () => {
  assert.equal(order('2.2/5.1/10.20', '5.1/9.19/30.40'), 1);
});

test('a process with the same number and another start time is another process', () => {
  assert.equal(order('5.1/10.20', '6.1/9.20'), -1);
});

test('text that is no lineage is refused', () => {
  for (const text of ['', '1', '1.', '1.2/', '/1.2', '1.2/x', '-1.2', '1.2\n', `${'1.2/'.repeat(20)}1.2`])
    assert.equal(parseLineage(text), undefined, text);
  assert.equal(lineageText(parseLineage('5.1/10.20')!), '5.1/10.20');
});
