// Lines as columns: the same bytes come back, whatever they are, and they pack to less.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fromColumns, toColumns } from '../../src/record/columns.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

function there(text: Buffer): Buffer {
  return Buffer.concat([...toColumns(text)]);
}

function same(text: Buffer): void {
  assert.ok(Buffer.from(fromColumns(there(text))).equals(text), JSON.stringify(text.toString('latin1')));
}

/** Lines that have the shapes of a journal's. */
function journal(jobs: number): Buffer {
  const lines: object[] = [];
  for (let j = 1; j <= jobs; j++) {
    const t = 7 * j + (j % 3);
    lines.push(
      { e: 'start', t, j, name: `src/${((j * 7919) % 10_007).toString(36)}.o`, parent: 0, at: 0, i: 0 },
      { e: 'step', t, j, s: 0, at: 0, argv: ['cc', '-c', `${j * 31}.c`] },
      { e: 'end', t: t + ((j * j) % 101), j, status: { exit: 0 }, size: (j * 613) % 4001 },
    );
  }
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

test('nothing, empty lines, no newline at the end, bytes that are no text', () => {
  for (const text of ['', '\n', '\n\n\n', 'a', 'a\n', '{"a":1}\n'.repeat(9), '\0\n\0\n\0\n\0\n\0'])
    same(Buffer.from(text));
  same(Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 256)));
});

test('numbers that are not written as they would be printed', () => {
  const odd = ['0', '-0', '00', '01', '-1', '1.5', '1e5', '-', '+1', '999999999999999', '-999999999999999'];
  for (const a of odd)
    for (const b of odd) same(Buffer.from([a, b, '3', '4', '5'].map((n) => `{"n":${n}}\n`).join('')));
  const huge = ['9007199254740993', '123456789012345678901', '1', '2', '3'];
  same(Buffer.from(huge.map((n) => `{"n":${n}}\n`).join('')));
});

test('strings with quotes, escapes and colons, and more shapes than a byte can name', () => {
  const names = [String.raw`a\"b`, String.raw`\\`, 'a:b', '":', 'ü', '\u2028', '{}[],'];
  same(Buffer.from(names.map((name) => `{"k":${JSON.stringify(name)},"":":"}\n`.repeat(5)).join('')));
  const shapes = Array.from({ length: 2000 }, (_, i) => `{"k${i % 400}":${i}}\n`);
  same(Buffer.from(shapes.join('')));
  same(Buffer.from(`[${'1,'.repeat(500)}1]\n`.repeat(20)));
});

test('more than a block holds, also in one line', () => {
  same(journal(80_000));
  same(Buffer.from(`{"long":"${'x'.repeat(9 << 20)}"}\n{"a":1}\n{"a":2}\n`));
  same(Buffer.from(`"${String.raw`\n`.repeat(30_000)}"\n`.repeat(5)));
  same(Buffer.alloc(17 << 20, 'y'));
});

test('damaged and random lines', () => {
  forSeeds(60, (seed) => {
    const random = new Random(seed);
    const text = journal(40);
    for (let n = random.below(30); n > 0; n--) text[random.below(text.length)] = random.below(256);
    same(text.subarray(random.below(100), text.length - random.below(100)));
  });
});

test('a journal packs to half of what it does as it is', () => {
  const text = journal(3000);
  const [plain, columns] = [gzipSync(text).length, gzipSync(there(text)).length];
  assert.ok(2 * columns <= plain, `${columns} of ${plain}`);
});

test('blocks that are cut short are not taken for whole ones', () => {
  const blocks = there(journal(100));
  for (const length of [10, blocks.indexOf('\n') + 1, blocks.length - 1])
    assert.throws(() => fromColumns(blocks.subarray(0, length)));
});
