import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';

test('adds', () => {
  assert.equal(1 + 1, 2);
});

test('adds wrongly', () => {
  assert.equal(1 + 1, 3);
});

describe('a suite', () => {
  it('passes', () => undefined);
  it('throws an error', () => {
    throw new TypeError('in the suite');
  });
});

test('with steps', async (t) => {
  await t.test('step one: error handling works', () => undefined);
  await t.test('step two', () => {
    assert.deepEqual({ a: 1 }, { a: 2 }, 'they differ');
  });
});

test('is not done', { todo: true }, () => {
  throw new Error('later');
});
test('is skipped', { skip: true }, () => undefined);
