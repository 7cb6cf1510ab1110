// The names that somebody may have meant.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/model/nearest.ts';

test('the nearest come first, those equally near by name; what is far is left out', () => {
  // Another two letters, another letter, all of it inside, the end of a path.
  const names = ['mian.o', 'lain.o', 'domain.o', 'other.c', 'src/main.o', 'm.o'];
  assert.deepEqual(nearest('main.o', names), ['src/main.o', 'domain.o', 'lain.o', 'mian.o']);
  assert.deepEqual(nearest('MAIN', ['lib/domain.cc']), ['lib/domain.cc'], 'case does not matter inside');
  assert.deepEqual(nearest('xyzzy', names), []);
});

test('of many as near, five', () => {
  const names = ['g', 'b', 'f', 'c', 'e', 'd'].map((letter) => `main.${letter}`);
  assert.deepEqual(nearest('main.o', names), ['main.b', 'main.c', 'main.d', 'main.e', 'main.f']);
});
