// Lists of names as make prints them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexSpaced, splitNames } from '../../src/model/namelist.ts';

test('the mark before order-only needs is no name, but a second one is', () => {
  const none = indexSpaced([]);
  assert.deepEqual(splitNames('a.c  a.h | out', none), ['a.c', 'a.h', 'out']);
  assert.deepEqual(splitNames('| out', none), ['out']);
  assert.deepEqual(splitNames('a.c | | b', none), ['a.c', '|', 'b']);
  assert.deepEqual(splitNames('', none), []);
});

test('the longest known name with spaces is one need, if it is whole', () => {
  const spaced = indexSpaced(['my file', 'my file two', 'plain', 'a |']);
  assert.deepEqual(splitNames('x my file two y', spaced), ['x', 'my file two', 'y']);
  assert.deepEqual(splitNames('my file my file twofold', spaced), ['my file', 'my file', 'twofold']);
  assert.deepEqual(splitNames('my other', spaced), ['my', 'other']);
  assert.deepEqual(splitNames('a | | out', spaced), ['a |', 'out'], 'a mark in a name is none');
});
