import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBuildLog } from '../../src/capture/hooks/ninja/buildlog.ts';
import { DepLog } from '../../src/capture/hooks/ninja/deplog.ts';

test('the log: the last two times of each output', () => {
  const log = readBuildLog(
    '# ninja log v5\n0\t9\t100\ta b.o\tabc\n1\t2\t50\tx\tf00\n0\t3\t200\ta b.o\tabd\n0\t4\t300\ta b.o\tabe\ncut\t1',
  );
  assert.deepEqual(log.get('a b.o'), [
    { time: 200n, command: 'abd' },
    { time: 300n, command: 'abe' },
  ]);
  assert.deepEqual(log.get('x'), [{ time: 50n, command: 'f00' }]);
  assert.equal(log.size, 2);
  assert.equal(readBuildLog('# ninja log v3\n0\t9\t100\ta\tabc\n').size, 0);
  assert.equal(readBuildLog('').size, 0);
});

/** Makes a dep log: a string is a path, any other record has an output and its inputs. */
function depsFile(
  version: 3 | 4,
  records: readonly (string | readonly [number, readonly number[]])[],
): Buffer {
  const words = (...numbers: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * numbers.length);
    for (const [i, n] of numbers.entries()) bytes.writeUInt32LE(n >>> 0, 4 * i);
    return bytes;
  };
  let paths = 0;
  const parts = [Buffer.from('# ninjadeps\n'), words(version)];
  for (const record of records) {
    if (typeof record === 'string') {
      const name = Buffer.from(record + '\0'.repeat((4 - (Buffer.byteLength(record) % 4)) % 4));
      parts.push(words(name.length + 4), name, words(~paths++));
    } else {
      const [output, inputs] = record;
      const time = version === 3 ? [1] : [1, 0];
      parts.push(words((4 * (1 + time.length + inputs.length)) | 0x80000000, output, ...time, ...inputs));
    }
  }
  return Buffer.concat(parts);
}

for (const version of [3, 4] as const)
  test(`the deps of version ${version}: the last inputs of each output, and what is before a cut`, () => {
    const bytes = depsFile(version, ['a.o', 'h.h', 'long/header.h', [0, [1]], 'b.o', [3, [2]], [0, [1, 2]]]);
    const deps = new DepLog(bytes);
    assert.deepEqual(deps.of('a.o'), ['h.h', 'long/header.h']);
    assert.deepEqual(deps.of('b.o'), ['long/header.h']);
    assert.deepEqual(deps.of('h.h'), []);
    for (let end = 0; end < bytes.length; end++) new DepLog(bytes.subarray(0, end)).of('a.o');
    assert.deepEqual(new DepLog(bytes.subarray(0, bytes.length - 1)).of('a.o'), ['h.h']);
  });

test('a file that is not a log of ninja has no entries', () => {
  assert.deepEqual(new DepLog(Buffer.from('# ninjadeps\n\x09\0\0\0')).of('a'), []);
  assert.deepEqual(new DepLog(Buffer.from('something else altogether')).of('a'), []);
});
