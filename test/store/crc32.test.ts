// The sum is zlib's, whatever computes it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { crc32 } from '../../src/store/crc32.ts';

test('sums are those of zlib', () => {
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
  for (const size of [0, 1, 2, 255, 4096, 16383, 16384, 100_000]) {
    const bytes = randomBytes(size);
    assert.equal(crc32(bytes), zlib.crc32(bytes));
  }
});
