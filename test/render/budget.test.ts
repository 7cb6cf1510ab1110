// Which lines fit into a budget of bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitting, lineBytes } from '../../src/render/budget.ts';

test('budget: low ranks are kept first, each in the order of the text, up to the first line that does not fit', () => {
  const lines = [
    { text: 'aa', rank: 1 },
    { text: 'head', rank: 0 },
    { text: 'long long long', rank: 1 },
    { text: 'b', rank: 1 },
    { text: 'é', rank: 2 },
  ];
  const kept = (budget: number): string =>
    lines
      .filter((_, i) => fitting(lines, budget)[i])
      .map(({ text }) => text)
      .join();
  assert.equal(kept(4), '');
  assert.equal(kept(5), 'head');
  assert.equal(kept(8), 'aa,head');
  assert.equal(kept(22), 'aa,head');
  assert.equal(kept(23), 'aa,head,long long long');
  assert.equal(kept(27), 'aa,head,long long long,b');
  assert.equal(kept(28), 'aa,head,long long long,b,é');
});

test('budget: a line takes its bytes of UTF-8 and a newline', () => {
  assert.equal(lineBytes('é→'), 6);
});
