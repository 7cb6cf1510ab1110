// The page's Buffer does what Node's does, as far as it is used.

import assert from 'node:assert/strict';
import { isAscii, isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import { Buffer as PageBuffer, isAscii as pageAscii, isUtf8 as pageUtf8 } from '../../src/web/buffer.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

test('bytes and texts are the same in both', () => {
  forSeeds(500, (seed) => {
    const random = new Random(seed);
    const most = random.pick([0x80, 0x100]);
    const values = Array.from({ length: random.below(60) }, () => random.below(most));
    if (random.chance(0.3)) values.push(...Buffer.from('é\n☃😀\ufeff'));
    const [a, b] = [Buffer.from(values), PageBuffer.from(values)];
    const [from, to] = [random.below(30), random.below(70)];
    for (const encoding of ['utf8', 'latin1', 'hex'] as const)
      assert.equal(b.toString(encoding), a.toString(encoding));
    assert.equal(
      b.toString('latin1', from, Math.max(from, to)),
      a.toString('latin1', from, Math.max(from, to)),
    );
    assert.equal(b.subarray(from).toString(), a.subarray(from).toString());
    const text = a.toString();
    assert.deepEqual([...PageBuffer.from(text)], [...Buffer.from(text)]);
    assert.deepEqual([...PageBuffer.from(text, 'latin1')], [...Buffer.from(text, 'latin1')]);
    assert.equal(PageBuffer.byteLength(text), Buffer.byteLength(text));
    const byte = random.below(most);
    assert.equal(b.indexOf(byte, from), a.indexOf(byte, from));
    assert.equal(b.lastIndexOf(byte), a.lastIndexOf(byte));
    assert.equal(b.includes(byte), a.includes(byte));
    const sought = a.subarray(from, from + 1 + random.below(3));
    if (sought.length > 0) assert.equal(b.indexOf(sought, 1), a.indexOf(sought, 1));
    assert.deepEqual([...PageBuffer.concat([b, b], from)], [...Buffer.concat([a, a], from)]);
    assert.equal(b.equals(PageBuffer.from(values)), true);
    const [x, y] = [Buffer.alloc(20), PageBuffer.alloc(20)];
    const start = Math.min(from, a.length);
    assert.equal(b.copy(y, 3, start, to), a.copy(x, 3, start, to));
    assert.deepEqual([...y], [...x]);
    assert.equal(pageAscii(b), isAscii(a));
    assert.equal(pageUtf8(b), isUtf8(a));
  });
});
