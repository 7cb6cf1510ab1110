// Text that is compared before it is split into lines.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unsplit } from '../../src/capture/copies/unsplit.ts';

/** What is left, with its place. */
function rest(unsplit: Unsplit): [number, string][] {
  const chunks: [number, string][] = [];
  for (let chunk = unsplit.shift(); chunk; chunk = unsplit.shift())
    chunks.push([chunk.at, chunk.bytes.toString()]);
  return chunks;
}

test('chunks end with a newline, but for the last one', () => {
  const unsplit = new Unsplit();
  let at = 0;
  for (const text of ['one\ntw', 'o', '\nthree\n', 'four\n', 'five']) {
    unsplit.push(at, Buffer.from(text));
    at += text.length;
  }
  assert.equal(unsplit.count, 4);
  assert.deepEqual(rest(unsplit), [
    [0, 'one\n'],
    [4, 'two\nthree\n'],
    [14, 'four\n'],
    [19, 'five'],
  ]);
  assert.equal(unsplit.isEmpty, true);
});

test('whole lines are taken as far as both are the same', () => {
  const unsplit = new Unsplit();
  unsplit.push(10, Buffer.from('one\ntwo\nthree\nfo'));
  assert.equal(unsplit.takeSame(Buffer.from('two\n')), undefined);
  assert.equal(unsplit.takeSame(Buffer.from('on')), undefined);
  const taken = unsplit.takeSame(Buffer.from('one\ntwo\nthrough\n'));
  assert.deepEqual([taken?.at, taken?.bytes.toString()], [10, 'one\ntwo\n']);
  assert.equal(unsplit.takeSame(Buffer.from('three\nfour\n'))?.at, 18);
  assert.equal(unsplit.begins(Buffer.from('fo'), false), true);
  assert.equal(unsplit.begins(Buffer.from('fo'), true), false);
  assert.equal(unsplit.begins(Buffer.from('f'), true), true);
  assert.equal(unsplit.begins(Buffer.from('foo'), false), false);
  assert.deepEqual(rest(unsplit), [[24, 'fo']]);
});

test('a line without an end is noticed', () => {
  const unsplit = new Unsplit();
  unsplit.push(0, Buffer.alloc(300 * 1024, 'x\n'));
  assert.equal(unsplit.isLong, false);
  unsplit.push(300 * 1024, Buffer.alloc(300 * 1024, 'x'));
  assert.equal(unsplit.isLong, true);
});
