// Documents: lines found from any position, forwards and backwards alike, in logs with every kind of line;
// searching; line numbers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import type { ByteOffset } from '../../src/model/ids.ts';
import { runToEnd } from '../../src/model/sliced.ts';
import { grow } from '../../src/model/reduce.ts';
import { matches } from '../../src/search/pattern.ts';
import { BLOCK, Blocks } from '../../src/documents/blocks.ts';
import { backward, forward, searchPattern } from '../../src/documents/find.ts';
import { TextDocument } from '../../src/documents/document.ts';
import { MatchCount } from '../../src/documents/matchcount.ts';
import { Ticks } from '../../src/documents/ticks.ts';
import { LineNumbers } from '../../src/documents/numbers.ts';
import { type Piece, PieceDocument, textOf } from '../../src/documents/pieces.ts';
import { fill, goLast, goTo, moveCursor, page } from '../../src/tui/logview.ts';
import { Random } from '../rig/seeded.ts';

/** A document of the ranges of one log that lie between marks. */
function documentOf(log: Buffer, cuts: readonly number[] = []): PieceDocument {
  const job = { id: 0, size: log.length } as Job;
  const blocks = new Blocks(() => ({
    read: (_, from, into) => log.copy(into, 0, from, Math.min(log.length, from + into.length)),
  }));
  const pieces: Piece[] = [];
  let at = 0;
  for (const cut of [...cuts, log.length]) {
    pieces.push({ kind: 'range', job, from: at, to: cut });
    if (cut < log.length) pieces.push({ kind: 'mark', text: () => `mark at ${cut}` });
    at = cut;
  }
  return new PieceDocument({ next: () => pieces.shift() }, blocks, () => undefined);
}

function starts(document: PieceDocument): number[] {
  const found: number[] = [];
  for (let line = document.at(0); line; line = document.at(line.next)) found.push(line.start);
  return found;
}

const LOGS: Readonly<Record<string, Buffer>> = {
  'empty lines': Buffer.from('\n\na\n\n'),
  'no newline at the end': Buffer.from('one\ntwo'),
  'a line of three blocks': Buffer.from(`short\n${'x'.repeat(3 * BLOCK)}\nafter\n`),
  'a line that starts with a block': Buffer.from(
    `${'y'.repeat(BLOCK - 1)}\n${'x'.repeat(2 * BLOCK)}\nafter\n`,
  ),
  'nothing but one line': Buffer.alloc(2 * BLOCK + 17, 'z'),
  'many lines': Buffer.from(Array.from({ length: 9000 }, (_, i) => `line ${i}\n`).join('')),
  'newlines at the ends of blocks': Buffer.from(`${'a'.repeat(BLOCK - 1)}\n${'b'.repeat(BLOCK - 1)}\nc\n`),
};

test('a long line is cut between characters', () => {
  for (let shift = 0; shift < 12; shift++) {
    const line = 'x'.repeat(shift) + 'é漢👩'.repeat(3 * (BLOCK / 9));
    const log = Buffer.from(`${line}\nshort\n`);
    const document = documentOf(log);
    const found = starts(document);
    const texts = found.map((start) => document.at(start)!.text);
    assert.equal(texts.pop(), 'short');
    assert.ok(texts.length > 2);
    assert.ok(texts.join('') === line, `shift ${shift}`);
    for (const start of found.slice(1)) {
      assert.equal(document.startOf(start), start);
      assert.equal(document.startOf(start - 1), found[found.indexOf(start) - 1]);
    }
  }
});

test("lines are correct even if their blocks' memory is reused", () => {
  const random = new Random(3);
  const lines = Array.from({ length: 800 }, (_, i) => `${i} ${'abcdefg'.repeat(random.below(2500))}`);
  const document = documentOf(Buffer.from(`${lines.join('\n')}\n`));
  const known = starts(document);
  assert.ok(document.end() > 60 * BLOCK);
  assert.equal(known.length, lines.length);
  for (let n = 0; n < 1500; n++) {
    const i = random.below(lines.length);
    const start = document.startOf(known[i]! + random.below(lines[i]!.length + 1));
    assert.equal(start, known[i]);
    assert.ok(document.at(start)!.text === lines[i], `line ${i}`);
  }
  for (const i of [799, 17, 250]) {
    const pattern = searchPattern(`^${i} `);
    assert.equal(runToEnd(forward(document, 0, pattern)), known[i]);
    assert.equal(runToEnd(backward(document, document.end(), pattern)), known[i]);
  }
});

test('going to the next long line does not step through it row by row', () => {
  const document = documentOf(Buffer.from(`${'x'.repeat(3 * BLOCK)}\nlast\n`));
  let looked = 0;
  const counted = {
    at: (start: number) => {
      looked++;
      return document.at(start);
    },
    before: (start: number) => document.before(start),
    startOf: (offset: number) => document.startOf(offset),
    end: () => document.end(),
    knownEnd: document.knownEnd,
    complete: true,
    warning: undefined,
  };
  const position = { top: 0, row: 0, cursor: 0, left: 0 };
  const window = { columns: 80, rows: 20, wrap: true };
  moveCursor(counted, position, window, 1);
  assert.equal(position.cursor, BLOCK);
  const shown = fill(document, position, window);
  assert.ok(shown.some(({ line, piece }) => line.start === BLOCK && piece === 0));
  assert.ok(looked < 20, `${looked}`);
});

for (const [name, log] of Object.entries(LOGS)) {
  test(`lines: ${name}: found backwards as forwards, and all bytes are shown`, () => {
    const document = documentOf(log);
    const found = starts(document);
    const back: number[] = [];
    for (let at = document.before(document.end()); at !== undefined; at = document.before(at))
      back.unshift(at);
    assert.deepEqual(back, found);
    for (let i = 0; i < found.length; i += Math.ceil(found.length / 50)) {
      const line = document.at(found[i]!)!;
      for (const offset of [line.start, (line.start + line.next) >> 1, line.next - 1])
        assert.equal(document.startOf(offset), line.start, `offset ${offset}`);
    }
    const shown = found.map((start) => document.at(start)!.text.length).reduce((a, b) => a + b, 0);
    assert.equal(shown, log.length - log.filter((byte) => byte === 0x0a).length);
  });
}

test('marks stand between lines, and each starts a new line', () => {
  const document = documentOf(Buffer.from('one\ntwo\nthree'), [4, 8]);
  const texts: string[] = [];
  for (let line = document.at(0); line; line = document.at(line.next)) texts.push(line.text);
  assert.deepEqual(texts, ['one', 'mark at 4', 'two', 'mark at 8', 'three']);
  const numbers = new LineNumbers(document);
  while (numbers.step());
  const counted: (number | undefined)[] = [];
  for (let line = document.at(0); line; line = document.at(line.next)) counted.push(numbers.of(line.start));
  assert.deepEqual(counted, [1, 2, 3, 4, 5]);
});

test('line numbers equal those of counting, wherever the request starts', () => {
  const log = Buffer.from(Array.from({ length: 400_000 }, (_, i) => `the line of number ${i}\n`).join(''));
  const document = documentOf(log);
  const numbers = new LineNumbers(document);
  assert.equal(numbers.of(log.lastIndexOf('the')), undefined);
  while (numbers.step());
  for (const i of [0, 1, 399, 77_777, 399_999]) {
    const start = log.indexOf(`the line of number ${i}\n`);
    assert.equal(numbers.of(start), i + 1);
  }
});

test('a log shorter than its record is reported in a line, and the text after it is shown', () => {
  const job = { id: 0, size: 100 } as Job;
  const pieces: Piece[] = [
    { kind: 'range', job, from: 0, to: 100 },
    { kind: 'mark', text: () => 'after' },
  ];
  const there = Buffer.from('here\n');
  const blocks = new Blocks(() => ({ read: (_, from, into) => there.copy(into, 0, from) }));
  const document = new PieceDocument({ next: () => pieces.shift() }, blocks, () => undefined);
  const texts: string[] = [];
  for (let line = document.at(0); line; line = document.at(line.next)) texts.push(line.text);
  assert.equal(texts[0], 'here');
  assert.match(texts[1]!, /95 bytes are missing/);
  assert.equal(texts[2], 'after');
});

test('each byte of a growing log is read once', () => {
  const text = Buffer.from(Array.from({ length: 9000 }, (_, i) => `line ${i}\n`).join(''));
  const job = { id: 0, size: 0 } as Job;
  let bytes = 0;
  const blocks = new Blocks(() => ({
    read: (_, from, into) => {
      const n = text.copy(into, 0, from, Math.min(job.size, from + into.length));
      bytes += n;
      return n;
    },
  }));
  for (; job.size < text.length; grow(job, Math.min(text.length, job.size + 997) as ByteOffset)) {
    const index = Math.floor(job.size / BLOCK);
    const block = blocks.get(job, index);
    assert.ok(block.equals(text.subarray(index * BLOCK, job.size)));
  }
  assert.ok(text.length > BLOCK);
  assert.ok(bytes <= text.length, `${bytes} bytes read of ${text.length}`);
});

function found(search: Generator<undefined, number | undefined, void>): number | undefined {
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
  }
}

for (const [name, log] of Object.entries({
  ...LOGS,
  'with colours': Buffer.from('a\n\x1b[31mre\x1b[0md\nb\n'),
}))
  test(`searching: ${name}: each match, forwards and backwards`, () => {
    for (const text of ['after', 'line 8', 'two|line 77', '^$', 'red', 'x+', 'AFTER']) {
      const document = documentOf(log);
      const pattern = searchPattern(text);
      const all = starts(document).filter((start) => {
        pattern.line.lastIndex = 0;
        return pattern.line.test(document.at(start)!.text.replaceAll(/\x1b\[\d*m/g, ''));
      });
      const ahead: number[] = [];
      for (let at = found(forward(document, 0, pattern)); at !== undefined && ahead.length < 200;) {
        ahead.push(at);
        at = found(forward(document, document.at(at)!.next, pattern));
      }
      assert.deepEqual(ahead, all.slice(0, 200), text);
      const back: number[] = [];
      for (
        let at = found(backward(document, document.end(), pattern));
        at !== undefined && back.length < 200;
      ) {
        back.unshift(at);
        at = found(backward(document, at, pattern));
      }
      assert.deepEqual(back, all.slice(-200), text);
    }
  });

test('a search takes slices', () => {
  const log = Buffer.from(`${'nothing here\n'.repeat(200_000)}there\n`);
  const search = forward(documentOf(log), 0, searchPattern('there'));
  let slices = 0;
  while (!search.next().done) slices++;
  assert.ok(slices > 5, `${slices} slices`);
});

test('a redrawn line is shown in its last state, without anything that a terminal would obey', () => {
  for (const [bytes, text] of [
    ['10%\r20%\rdone\r\n', 'done'],
    ['\x1b[2Jx\x1b]0;t\x07y\n', 'xy'],
    ['\x1b[31mr\x1b[0m', '\x1b[31mr\x1b[0m'],
    ['caf\xc3', 'caf\ufffd'],
  ] as const)
    assert.equal(textOf(Buffer.from(bytes, 'latin1')), text);
});

test('searching marks all matches in a line, wherever the line before matched', () => {
  const document = new TextDocument(['only here: b', 'b and b'].map((text) => ({ text })));
  const pattern = searchPattern('b');
  const search = forward(document, 0, pattern);
  assert.equal(search.next().value, 0);
  assert.deepEqual(matches(pattern, 'b and b'), [
    [0, 1],
    [6, 7],
  ]);
});

const window = { columns: 10, rows: 4, wrap: true };

test('the window follows the cursor, and pages do not overlap', () => {
  const document = new TextDocument(
    Array.from({ length: 20 }, (_, i) => ({ text: `${i} ${'w'.repeat(i)}` })),
  );
  const position = { top: 0, row: 0, cursor: 0, left: 0 };
  const shown = (): string[] =>
    fill(document, position, window).map(({ line, piece }) => `${line.start}.${piece}`);
  assert.deepEqual(shown(), ['0.0', '1.0', '2.0', '3.0']);
  page(document, position, window, 4);
  assert.deepEqual(shown(), ['4.0', '5.0', '6.0', '7.0']);
  assert.equal(position.cursor, 4);
  moveCursor(document, position, window, 5);
  assert.deepEqual(shown(), ['7.0', '8.0', '9.0', '9.1']);
  page(document, position, window, -4);
  assert.deepEqual(shown(), ['3.0', '4.0', '5.0', '6.0']);
  goLast(document, position, window);
  assert.equal(position.cursor, 19);
  assert.deepEqual(shown(), ['18.2', '19.0', '19.1', '19.2']);
  page(document, position, window, 4);
  assert.deepEqual(shown(), ['18.2', '19.0', '19.1', '19.2']);
  goTo(document, position, window, 3);
  assert.ok(shown().includes('3.0'));
});

test('case matters if the pattern has a capital; an escaped one does not count', () => {
  const found = (pattern: string): number => matches(searchPattern(pattern), 'Error: error').length;
  assert.deepEqual(
    ['error', 'Error', String.raw`\berror\B|error\b`, String.raw`error(?=\W|$)`].map(found),
    [2, 1, 2, 2],
  );
});

for (const [name, log] of Object.entries({
  ...LOGS,
  'redrawn and coloured lines': Buffer.from('a\r\n10%\r20%\rred\n\x1b[31mre\x1b[0md\n\nb\x1b[1m\n'),
}))
  test(`counting matches: ${name}: as many as searching finds, and each knows its number`, () => {
    for (const cuts of [[], [log.indexOf(10) + 1, log.lastIndexOf(10) + 1].filter((at) => at > 0)])
      for (const text of ['after', 'line 8', 'mark', '^$', 'red', 'x+', '[a-z]']) {
        const document = documentOf(log, [...new Set(cuts)]);
        const pattern = searchPattern(text);
        const count = new MatchCount(document, pattern);
        while (count.step());
        assert.ok(count.done);
        const all: number[] = [];
        for (let at = found(forward(document, 0, pattern)); at !== undefined;) {
          all.push(at);
          at = found(forward(document, document.at(at)!.next, pattern));
        }
        assert.equal(count.total, all.length, text);
        const lines = starts(document);
        for (let i = 0; i < lines.length; i += Math.ceil(lines.length / 100))
          assert.equal(count.of(lines[i]!), all.indexOf(lines[i]!) + 1, text);
      }
  });

test('counting goes on when a log grows, also within its last line', () => {
  const text = Buffer.from('no\nyes\nyes\nnothing\nno yes'.repeat(30));
  const job = { id: 0, size: 0 } as Job;
  const blocks = new Blocks(() => ({
    read: (_, from, into) => text.copy(into, 0, from, from + into.length),
  }));
  let at = 0;
  const next = (): Piece | undefined => {
    if (at === job.size) return undefined;
    const from = at;
    at = job.size;
    return { kind: 'range', job, from, to: at };
  };
  const document = new PieceDocument({ next }, blocks, () => undefined);
  const pattern = searchPattern('yes|no$');
  const count = new MatchCount(document, pattern);
  const numbers = new LineNumbers(document);
  for (let size = 1; size <= text.length; size += 7) {
    grow(job, size as ByteOffset);
    document.wake();
    while (count.step());
    while (numbers.step());
    const lines = text.toString('utf8', 0, size).replace(/\n$/, '').split('\n');
    assert.equal(count.total, lines.filter((line) => /yes|no$/.test(line)).length, `${size}`);
    assert.equal(numbers.total, lines.length);
    assert.ok(count.done);
  }
});

test('a line that ends without a newline because a job was launched is counted, also if that comes later', () => {
  const job = { id: 0, size: 100 } as Job;
  const text = Buffer.from('one\ntwo');
  const blocks = new Blocks(() => ({ read: (_, from, into) => text.copy(into, 0, from) }));
  const pieces: Piece[] = [{ kind: 'range', job, from: 0, to: 7 }];
  const document = new PieceDocument({ next: () => pieces.shift() }, blocks, () => undefined);
  const numbers = new LineNumbers(document);
  const count = new MatchCount(document, searchPattern('two|mark'));
  while (numbers.step() || count.step());
  assert.deepEqual([numbers.total, count.total], [2, 1]);
  pieces.push({ kind: 'mark', text: () => 'mark' });
  document.wake();
  while (numbers.step() || count.step());
  assert.deepEqual([numbers.total, numbers.of(7), count.total, count.of(7)], [3, 3, 2, 2]);
});

test('in a block of thousands of pieces, a number is found without reading all of them', () => {
  const logs = Array.from({ length: 5000 }, (_, i) => Buffer.from(`one ${i}\ntwo ${i}\n`));
  let reads = 0;
  const blocks = new Blocks((job) => ({
    read: (_, from, into) => {
      reads++;
      return logs[job.id]!.copy(into, 0, from);
    },
  }));
  const pieces = logs.flatMap((log, i): Piece[] => [
    { kind: 'mark', text: () => `job ${i}` },
    { kind: 'range', job: { id: i, size: log.length } as Job, from: 0, to: log.length },
  ]);
  const document = new PieceDocument({ next: () => pieces.shift() }, blocks, () => undefined);
  const numbers = new LineNumbers(document);
  while (numbers.step());
  assert.equal(numbers.total, 15_000);
  const known = starts(document);
  reads = 0;
  for (let i = 2000; i < 2050; i++) assert.equal(numbers.of(known[i]!), i + 1);
  assert.ok(reads < 100, `${reads} reads`);
});

test('ticks are where things are, whatever the length of the document', () => {
  for (const end of [1, 7, 5000, 3e9]) {
    const ticks = new Ticks();
    ticks.add(0, 1);
    ticks.add(end - 1, 2);
    ticks.add(Math.floor(end / 2), 4);
    const rows = ticks.rows(10, end);
    assert.equal(rows[0]! & 1, 1, `${end}`);
    assert.equal(rows[Math.floor(((end - 1) * 10) / end)]! & 2 || rows[9]! & 2, 2, `${end}`);
    assert.equal((rows[4]! | rows[5]! | rows[0]!) & 4, 4, `${end}`);
  }
});
