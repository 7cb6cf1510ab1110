import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CarriageFilter } from '../../src/render/carriage.ts';

function filtered(chunks: readonly Buffer[], filter: CarriageFilter): Buffer {
  return Buffer.concat([...chunks.map((chunk) => Buffer.from(filter.push(chunk))), filter.flush()]);
}

/** The expected output, computed differently: on the whole log, a line at a time. */
function expected(log: string, limit: number): string {
  return log.replace(/[^\n]*(\n|$)/g, (line) => {
    const body = line.replace(/\n$/, '');
    const end = line.slice(body.length);
    const frames = body.match(/[^\r]*\r*/g)!.filter((frame) => frame !== '');
    const isErased = (frame: string, i: number): boolean => i > 0 && /^\x1b\[[0-2]?K/.test(frame);
    for (const [i, frame] of frames.entries()) {
      if (i < frames.length - 1 && frame.length <= limit) continue;
      const settled = frames.slice(i).join('');
      return (isErased(frame, i) ? settled.replace(/^\x1b\[[0-2]?K/, '') : settled) + end;
    }
    return line;
  });
}

/** A small generator of numbers below n, which always gives the same ones. */
function random(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

function randomSplit(bytes: Buffer, below: (n: number) => number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = below(4) === 0 ? below(20) : below(4);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

for (const [log, ended] of [
  ['', ''],
  ['plain\n', 'plain\n'],
  ['no newline', 'no newline'],
  ['10%\r20%\rdone\n', 'done\n'],
  ['a\r\n', 'a\r\n'],
  ['a\r\r\n', 'a\r\r\n'],
  ['a\rb\r\n', 'b\r\n'],
  ['\r10%\r100%\n', '100%\n'],
  ['\r\rtext\n', 'text\n'],
  ['\r\n\r\n', '\r\n\r\n'],
  ['abc\r', 'abc\r'],
  ['10%\r20%\r', '20%\r'],
  ['10%\r20%', '20%'],
  ['one\n1\r2\ntwo\n3\r4\nthree', 'one\n2\ntwo\n4\nthree'],
  ['10%\r\x1b[Kdone\n', 'done\n'],
  ['10%\r\x1b[2Kdone\n', 'done\n'],
  ['10%\r\x1b[0K\n', '\n'],
  ['10%\r\x1b[K\r\n', '\r\n'],
  ['10%\r\x1b[K', ''],
  ['10%\x1b[K\rdone\x1b[K\n', 'done\x1b[K\n'],
  ['\x1b[Knot after a return\n', '\x1b[Knot after a return\n'],
  ['a\r\x1b[3Kb\n', '\x1b[3Kb\n'],
  ['a\r\x1b[32mgreen\x1b[m\n', '\x1b[32mgreen\x1b[m\n'],
  ['a\r    \n', '    \n'],
] as const) {
  test(`${JSON.stringify(log)} ended as ${JSON.stringify(ended)}`, () => {
    const bytes = Buffer.from(log);
    assert.equal(filtered([bytes], new CarriageFilter()).toString(), ended);
    const single = Array.from(bytes, (byte) => Buffer.of(byte));
    assert.equal(filtered(single, new CarriageFilter()).toString(), ended);
    assert.equal(expected(log, Infinity), ended);
  });
}

test('the output does not depend on how the log is cut into chunks', () => {
  const below = random(1);
  const words = [
    '\r',
    '\r',
    '\n',
    '\r\n',
    'a',
    '10%',
    'a longer word',
    '\x1b[K',
    '\x1b[2K',
    '\x1b[',
    'K',
    'ä',
  ];
  for (let round = 0; round < 4000; round++) {
    const log = Array.from({ length: below(30) }, () => words[below(words.length)]!).join('');
    const limit = below(2) === 0 ? 4 + below(20) : 1 << 20;
    const bytes = Buffer.from(log, 'latin1');
    const chunks = randomSplit(bytes, below);
    const filter = new CarriageFilter(limit);
    const out = filtered(chunks, filter).toString('latin1');
    assert.equal(out, expected(log, limit), JSON.stringify({ chunks: chunks.map(String), limit }));
    assert.equal(filter.held, 0);
  }
});

test('a chunk of complete lines without a return is passed on itself', () => {
  const filter = new CarriageFilter();
  const chunk = Buffer.from('one\ntwo\n');
  assert.equal(filter.push(chunk), chunk);
  assert.equal(filter.held, 0);
});

test('complete lines pass uncopied, the unfinished one is held', () => {
  const filter = new CarriageFilter();
  const chunk = Buffer.from('one\ntwo\nthr');
  const out = filter.push(chunk);
  assert.equal(out.toString(), 'one\ntwo\n');
  assert.equal(out.buffer, chunk.buffer);
  assert.equal(out.byteOffset, chunk.byteOffset);
  assert.equal(filter.held, 3);
  chunk.fill('?'); // the caller may read the next block into the same memory
  assert.equal(filter.push(Buffer.from('ee\n')).toString(), 'three\n');
  assert.equal(filter.held, 0);
});

test('lines that end in \\r\\n pass uncopied too', () => {
  const chunk = Buffer.from('one\r\ntwo\r\nthree\r\n');
  const out = new CarriageFilter().push(chunk);
  assert.equal(out.toString(), chunk.toString());
  assert.equal(out.byteOffset, chunk.byteOffset);
});

test('of endless progress only one frame is held', () => {
  const filter = new CarriageFilter();
  const chunk = Buffer.from('downloading 10%\r'.repeat(4096));
  for (let i = 0; i < 100; i++) {
    assert.equal(filter.push(chunk).length, 0);
    assert.ok(filter.held <= 2 * chunk.length);
  }
  assert.equal(filter.push(Buffer.from('done\n')).toString(), 'done\n');
});

test('a line of 100 MB passes, and no more than 1 MiB of it is ever held', () => {
  const filter = new CarriageFilter();
  const chunk = Buffer.alloc(1 << 16, 'x');
  let passed = 0;
  for (let i = 0; i < 1600; i++) {
    passed += filter.push(chunk).length;
    assert.ok(filter.held <= 1 << 20);
  }
  assert.equal(passed, 1600 * chunk.length);
  assert.equal(filter.push(Buffer.from('\rthe rest\n')).toString(), '\rthe rest\n');
  assert.equal(filter.push(Buffer.from('1\r2\n')).toString(), '2\n');
});

test('a frame of exactly the limit can still be dropped, one byte more cannot', () => {
  for (const [log, ended] of [
    ['1234567\rnext\n', 'next\n'],
    ['12345678\rnext\n', '12345678\rnext\n'],
    ['1\r12345678\rnext\n', '12345678\rnext\n'],
  ] as const) {
    assert.equal(filtered([Buffer.from(log)], new CarriageFilter(8)).toString(), ended);
  }
});

test('a prompt can be taken early; the rest of its line is not filtered', () => {
  const filter = new CarriageFilter();
  assert.equal(filter.push(Buffer.from('one\nContinue? ')).toString(), 'one\n');
  assert.equal(filter.takePartial().toString(), 'Continue? ');
  assert.equal(filter.held, 0);
  assert.equal(filter.takePartial().length, 0);
  assert.equal(filter.push(Buffer.from('y\rz')).toString(), 'y\rz');
  assert.equal(filter.push(Buffer.from('\n1\r2\n')).toString(), '\n2\n');
});

test('nothing can be taken at the start of a line, or while a return may drop the text', () => {
  const filter = new CarriageFilter();
  assert.equal(filter.takePartial().length, 0);
  filter.push(Buffer.from('10%\r'));
  assert.equal(filter.takePartial().length, 0);
  assert.equal(filter.push(Buffer.from('20%\n')).toString(), '20%\n');
  filter.push(Buffer.from('10%\r\x1b[KPassword: '));
  assert.equal(filter.takePartial().toString(), 'Password: ');
  assert.equal(filter.push(Buffer.from('\n')).toString(), '\n');
});

test('after flush the filter starts afresh', () => {
  const filter = new CarriageFilter(4);
  filter.push(Buffer.from('too long a line'));
  filter.flush();
  assert.equal(filtered([Buffer.from('1\r2\n')], filter).toString(), '2\n');
});
