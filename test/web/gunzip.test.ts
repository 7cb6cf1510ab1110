// gzip as the page unpacks it, against Node's zlib: what is whole comes out, what is not is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { gunzip } from '../../src/web/gunzip.ts';
import { RangeCache } from '../../src/web/rangecache.ts';
import { Random } from '../rig/seeded.ts';

test('what Node packs comes out as it was', () => {
  const random = new Random(7);
  for (const size of [0, 1, 100, 70_000, 1 << 20])
    for (const level of [0, 4, 9]) {
      const bytes = Buffer.from(Array.from({ length: size }, () => random.below(7)));
      assert.ok(bytes.equals(gunzip(gzipSync(bytes, { level }), size)), `${size} bytes, level ${level}`);
    }
});

test('a member that is cut, changed, or of another size is refused', () => {
  const bytes = Buffer.from('a line of a log\n'.repeat(500));
  const packed = gzipSync(bytes);
  assert.throws(() => gunzip(packed, bytes.length + 1));
  assert.throws(() => gunzip(packed.subarray(0, -1), bytes.length));
  assert.throws(() => gunzip(packed.subarray(0, 5), bytes.length));
  for (let at = 10; at < packed.length; at++) {
    const damaged = Buffer.from(packed);
    damaged[at]! ^= 1;
    let out: Uint8Array | undefined;
    try {
      out = gunzip(damaged, bytes.length);
    } catch {
      // As it should be.
    }
    // Some bits of a stream mean nothing.
    if (out) assert.ok(bytes.equals(out), `byte ${at}`);
  }
});

test('ranges are read as they are, in few and growing fetches; what is forgotten is fetched again', () => {
  const object = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 9)) & 0xff));
  const fetches: [number, number][] = [];
  const cache = new RangeCache(object.length, ({ from, to }) => {
    fetches.push([from, to]);
    return object.subarray(from, to);
  });
  for (let at = 0; at < object.length; at += 5000)
    assert.ok(object.subarray(at, at + 5000).equals(cache.read({ from: at, to: at + 5000 })), `${at}`);
  assert.ok(fetches.length <= 8, `${fetches.length} fetches`);
  const sum = fetches.reduce((all, [from, to]) => all + to - from, 0);
  assert.equal(sum, object.length, 'each byte once');
  cache.forget({ from: 100_000, to: 100_001 });
  cache.read({ from: 99_999, to: 100_002 });
  assert.deepEqual(fetches.at(-1), [65_536, 131_072]);
  assert.equal(cache.read({ from: object.length, to: object.length + 10 }).length, 0);
});

test('an object that ends too early gives what there is', () => {
  const cache = new RangeCache(200_000, ({ from, to }) => new Uint8Array(70_000).subarray(from, to));
  assert.equal(cache.read({ from: 60_000, to: 90_000 }).length, 10_000);
  assert.equal(cache.read({ from: 150_000, to: 160_000 }).length, 0);
});
