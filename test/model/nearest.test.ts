// Suggestions for a name that does not exist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/model/nearest.ts';

test('the nearest names come first, equally near ones sorted by name, distant ones left out', () => {
  // Two letters differ; one letter differs; the word is contained; the word ends a path.
  const names = ['mian.o', 'lain.o', 'domain.o', 'other.c', 'src/main.o', 'm.o'];
  assert.deepEqual(nearest('main.o', names), ['src/main.o', 'domain.o', 'lain.o', 'mian.o']);
  assert.deepEqual(nearest('MAIN', ['lib/domain.cc']), ['lib/domain.cc'], 'case does not matter inside');
  assert.deepEqual(nearest('xyzzy', names), []);
});

test('the dashes of an option do not make another one near', () => {
  assert.deepEqual(nearest('--nosuch', ['--no-ci', '--no-color']), []);
  assert.deepEqual(nearest('--prefxi', ['--no-ci', '--prefix']), ['--prefix']);
});

test('at most five of many equally near names are suggested', () => {
  const names = ['g', 'b', 'f', 'c', 'e', 'd'].map((letter) => `main.${letter}`);
  assert.deepEqual(nearest('main.o', names), ['main.b', 'main.c', 'main.d', 'main.e', 'main.f']);
});
