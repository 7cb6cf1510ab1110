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
  test(`births: ${what}`, () => {
    assert.equal(order(older, younger), -1);
    assert.equal(order(younger, older), 1);
    assert.equal(order(older, older), 0);
  });

test('births: lines that were cut at different depths are compared below what they have in common', () => {
  assert.equal(order('2.2/5.1/10.20', '5.1/9.19/30.40'), 1);
});

test('births: a process of the same number that started at another time is another one', () => {
  assert.equal(order('5.1/10.20', '6.1/9.20'), -1);
});

test('births: text that is none', () => {
  for (const text of ['', '1', '1.', '1.2/', '/1.2', '1.2/x', '-1.2', '1.2\n', `${'1.2/'.repeat(20)}1.2`])
    assert.equal(parseLineage(text), undefined, text);
  assert.equal(lineageText(parseLineage('5.1/10.20')!), '5.1/10.20');
});
