// The start and the end of a text within a budget.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Excerpt } from '../../src/play/excerpt.ts';
import { Random } from '../rig/seeded.ts';

const note = (lines: number, bytes: number): string => `... ${lines} lines, ${bytes} bytes\n`;

function excerptOf(text: Buffer, budget: number, pieceSize: () => number): string {
  const excerpt = new Excerpt(budget);
  for (let at = 0; at < text.length;) {
    const piece = Buffer.from(text.subarray(at, at + pieceSize()));
    excerpt.write(piece, (error, written) => {
      assert.equal(error, null);
      assert.equal(written, piece.length);
    });
    at += piece.length;
    // Whoever wrote it may use its buffer again.
    piece.fill(0);
  }
  return excerpt.text(note).toString('utf8');
}

test('excerpt: a text that fits is printed whole', () => {
  assert.equal(
    excerptOf(Buffer.from('a\nb\n'), 4, () => 1),
    'a\nb\n',
  );
});

test('excerpt: of 300 random texts it keeps a start and an end in whole lines, and counts what is between', () => {
  const random = new Random(16);
  for (let i = 0; i < 300; i++) {
    const lines = Array.from(
      { length: 5 + random.below(200) },
      (_, at) => `${at} ${'é'.repeat(random.below(20))}\n`,
    );
    const text = lines.join('');
    const budget = 200 + random.below(400);
    const printed = excerptOf(Buffer.from(text), budget, () => 1 + random.below(100));
    assert.ok(Buffer.byteLength(printed) <= budget, `${Buffer.byteLength(printed)} of ${budget}`);
    if (printed === text) continue;
    const [, start = '', left, bytes, end = ''] =
      /^([^]*?)^\.\.\. (\d+) lines, (\d+) bytes\n([^]*)$/m.exec(printed) ?? [];
    assert.ok(text.startsWith(start) && text.endsWith(end) && end.endsWith('\n'), printed);
    assert.ok(start.length > 0 && end.length > 0, printed);
    const between = text.slice(start.length, text.length - end.length);
    assert.equal(Number(left), between.split('\n').length - 1);
    assert.equal(Number(bytes), Buffer.byteLength(between));
    assert.ok(lines.includes(end.slice(0, end.indexOf('\n') + 1)), 'the end starts with a line');
  }
});

test('excerpt: of one long line both ends are kept, and no character is cut', () => {
  const printed = excerptOf(Buffer.from('é'.repeat(5000)), 301, () => 37);
  const [start = '', left = '', end = ''] = printed.split('\n');
  assert.match(start, /^é+$/);
  assert.match(left, /^\.\.\. 0 lines, \d+ bytes$/);
  assert.match(end, /^é+$/);
  assert.ok(Buffer.byteLength(printed) <= 301);
});
