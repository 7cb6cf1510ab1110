// The state of a build after events that need not be correct.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteOffset, InstanceId } from '../../src/model/ids.ts';
import { Story } from '../rig/story.ts';

test('the ranges of an instance are in order and disjoint: overlapping and empty ones are left out', () => {
  const story = new Story('sh').make('sh');
  const said = (...ranges: [number, number][]): unknown => {
    const pairs = ranges as unknown as [ByteOffset, ByteOffset][];
    story.event({ e: 'said', i: 0 as InstanceId, ranges: pairs });
    return story.build.instances[0]?.outputRanges;
  };
  assert.deepEqual(said([0, 5], [5, 8], [20, 30]), [
    [0, 5],
    [5, 8],
    [20, 30],
  ]);
  assert.deepEqual(said([4, 9], [8, 12], [9, 9], [7, 2], [9, 10], [0, 3]), [
    [4, 9],
    [9, 10],
  ]);
});
