// The search gives the same results as testing every line by itself, however the log is cut into chunks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteOffset, JobId } from '../../src/model/ids.ts';
import { compilePattern } from '../../src/search/pattern.ts';
import { type FoundLine, type SearchOptions, matchingLines, searchLog } from '../../src/search/search.ts';
import { ChunkReader } from '../../src/record/chunks.ts';
import type { LogSource } from '../../src/record/logsource.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

const JOB = 0 as JobId;

function logOf(bytes: Buffer): LogSource {
  return { read: (_job: JobId, from: ByteOffset, into) => bytes.copy(into, 0, from) };
}

interface Line {
  readonly number: number;
  readonly text: string;
  readonly match: boolean;
}

function search(log: string | Buffer, pattern: string, options: SearchOptions = {}, longest = 64): Line[] {
  const bytes = Buffer.from(log);
  const reader = new ChunkReader(longest);
  const found = searchLog(reader.chunks(logOf(bytes), JOB, bytes.length), compilePattern([pattern]), options);
  return Array.from(found, ({ number, bytes, match }: FoundLine) => ({
    number,
    text: bytes.toString(),
    match,
  }));
}

const PATTERNS = [
  'needle',
  'e',
  'é',
  '^$',
  '^a',
  'b$',
  'x*',
  'ne+dle',
  'a|é',
  '(?:a|b)c?',
  '[^a]',
  '[a-c]{2}',
  String.raw`\s`,
  String.raw`\W`,
  String.raw`\bab`,
  '.',
  'a.b',
  'a(?!b)',
  '(?<=a)b',
  String.raw`\x61`,
  '[é-ü]',
  'ab?c',
  'ab*',
  '',
];

/** The definition: split the text, test each line. */
function plainly(text: string, source: string, { invert, before = 0, after = 0 }: SearchOptions): Line[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const regex = new RegExp(source, 'u');
  const matches = lines.map((line) => regex.test(line) !== (invert ?? false));
  return lines.flatMap((line, i) => {
    const near = matches.slice(Math.max(0, i - after), i + before + 1).includes(true);
    return near ? [{ number: i + 1, text: line, match: matches[i]! }] : [];
  });
}

test('finds the same as testing every line by itself, wherever chunks are cut', () => {
  forSeeds(400, (seed) => {
    const random = new Random(seed);
    const words = ['a', 'b', 'c', 'ab', 'needle', 'é', '日本', ' ', '\t', 'x', '‘q’', '\n', '\n', '\n\n'];
    const text = Array.from({ length: random.below(200) }, () => random.pick(words)).join('');
    const pattern = random.pick(PATTERNS);
    // No line is longer than the chunk.
    const longest =
      Math.max(...text.split('\n').map((line) => Buffer.byteLength(line))) + 2 + random.below(99);
    const options = {
      invert: random.chance(0.3),
      before: random.below(4),
      after: random.below(4),
    };
    const all = search(text, pattern, options, longest);
    assert.deepEqual(all, plainly(text, pattern, options), JSON.stringify({ text, pattern, options }));
  });
});

test('chunks may end anywhere, with lines that are long for them', () => {
  forSeeds(200, (seed) => {
    const random = new Random(seed);
    const text = Array.from(
      { length: 40 },
      () => 'ab ne'.slice(0, random.below(6)) + '\n'.repeat(random.below(3)),
    ).join('');
    const longest = Math.max(...text.split('\n').map((line) => line.length)) + 2;
    const options = { before: random.below(3), after: random.below(3) };
    for (const pattern of ['ab', 'ne', '^$', 'b n'])
      assert.deepEqual(search(text, pattern, options, longest), plainly(text, pattern, options));
  });
});

test('the offset of a match is that of its line in the log, also where lines were redrawn or coloured', () => {
  forSeeds(200, (seed) => {
    const random = new Random(seed);
    const words = ['a', 'é', '\x1b[31m', '\x1b[0m', '10%\r', '\r\n', '\n', '\n', 'b\x1b]0;t\x07'];
    const bytes = Buffer.from(Array.from({ length: random.below(300) }, () => random.pick(words)).join(''));
    const starts = [0];
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
    for (const pattern of ['a', '^$', 'b', 'é|a$']) {
      const compiled = compilePattern([pattern]);
      const chunks = new ChunkReader(999).chunks(logOf(bytes), JOB, bytes.length);
      const found = Array.from(searchLog(chunks, compiled), ({ number, at }) => [number, at]);
      assert.deepEqual(
        found,
        found.map(([number]) => [number, starts[number! - 1]]),
      );
      assert.deepEqual(
        [...matchingLines(bytes, compiled)],
        Array.from(searchLog([{ bytes, kind: 'lines' }], compiled), ({ at }) => at),
      );
    }
  });
});

test('a line longer than a chunk is one line; a match across chunks is found', () => {
  const long = `${'x'.repeat(1000)}needle${'y'.repeat(1000)}`;
  for (let longest = 30; longest < 60; longest++) {
    const found = search(`a\n${long}\nb needle\n`, 'needle', {}, longest);
    assert.deepEqual(
      found.map(({ number, text }) => [number, text.includes('needle')]),
      [
        [2, true],
        [3, true],
      ],
    );
    assert.deepEqual(
      search(`a\n${long}\nb\n`, 'needle', { invert: true }, longest).map(({ number, text }) => [
        number,
        text,
      ]),
      [
        [1, 'a'],
        [3, 'b'],
      ],
    );
    const around = search(`a\n${long}\nb\n`, '^a$', { after: 1 }, longest);
    assert.deepEqual(
      around.map(({ number, match }) => [number, match]),
      [
        [1, true],
        [2, false],
      ],
    );
    assert.ok(around[1]?.text.startsWith('xxx'));
  }
});

test('a long last line needs no newline', () => {
  assert.equal(search('x'.repeat(500), 'y', { invert: true }, 64).length, 1);
  assert.equal(search(`${'x'.repeat(500)}y`, 'y', {}, 64).length, 1);
});

test('colours do not hide a match, and are removed from the line', () => {
  assert.deepEqual(search('fo\x1b[31mo er\x1b[0mror: x\nplain\n', 'error: x'), [
    { number: 1, text: 'foo error: x', match: true },
  ]);
});

test('a redrawn line is searched in its last state; the \\r before a newline is not part of it', () => {
  assert.deepEqual(search('10%\r20%\rdone\r\nnext\r\n', '%|done$|next$'), [
    { number: 1, text: 'done', match: true },
    { number: 2, text: 'next', match: true },
  ]);
});

test('bytes that are no UTF-8', () => {
  const log = Buffer.concat([Buffer.from('a\xffb caf\xe9\n', 'latin1'), Buffer.from('ok café\n')]);
  const reader = new ChunkReader();
  const numbers = (pattern: string): number[] =>
    Array.from(
      searchLog(reader.chunks(logOf(log), JOB, log.length), compilePattern([pattern])),
      ({ number }) => number,
    );
  assert.deepEqual(numbers('a.b'), [1]);
  assert.deepEqual(numbers('ok'), [2]);
  assert.deepEqual(numbers('caf.$'), [1, 2]);
  assert.deepEqual(numbers('ok café'), [2]);
  assert.deepEqual(numbers('é$'), [2], 'a letter is its bytes in UTF-8');
});

test('the search ends after the maximum number of matches and the lines after the last', () => {
  const text = 'a\nb\na\nb\na\nc\n';
  assert.deepEqual(
    search(text, 'a', { most: 2 }).map(({ number }) => number),
    [1, 3],
  );
  assert.deepEqual(
    search(text, 'a', { most: 1, after: 1 }).map(({ number }) => number),
    [1, 2],
  );
  assert.deepEqual(search(text, 'a', { most: 0 }), []);
});

test('an invalid expression is reported', () => {
  assert.throws(() => compilePattern(['a(b']), {
    message: "'a(b': no regular expression: ( without )",
    exitStatus: 125,
  });
});

test('literals that indexOf can search for', () => {
  const literals: [string, string | undefined][] = [
    ['abc', 'abc'],
    ['abc+d', 'abc'],
    ['ab?cde', 'cde'],
    ['abc*', 'ab'],
    ['abc{0,2}x', 'ab'],
    ['(?:abc)?de', 'de'],
    [String.raw`\bfoo\.c\b`, 'foo.c'],
    ['^error: .*‘x’', 'error: '],
    ['abc|d', undefined],
    ['[abc]', undefined],
    ['(abc)', undefined],
    ['(a|b)cd', 'cd'],
    [String.raw`ab\x63`, 'ab'],
    ['[a-c]{2}', undefined],
    ['a{2}b', 'a'],
    ['日本?', '日'],
    ['a{b', 'a{b'],
  ];
  for (const [pattern, literal] of literals)
    assert.equal(compilePattern([pattern]).literal?.toString(), literal, pattern);
  assert.equal(compilePattern(['a.c'], { fixed: true }).literal?.toString(), 'a.c');
  assert.ok(compilePattern(['a.c'], { fixed: true }).exact);
  assert.ok(!compilePattern(['abc'], { words: true }).exact);
  assert.equal(compilePattern(['abc'], { ignoreCase: true }).literal, undefined);
});

test('the lines after the last match may come in the next chunk', () => {
  const log = 'needle 1\na\nb\nneedle 2\nc\n';
  const lines = (most: number, after: number): [number, string][] =>
    search(log, 'needle', { most, after }, 9).map(({ number, text }) => [number, text]);
  assert.deepEqual(lines(1, 0), [[1, 'needle 1']]);
  const around: [number, string][] = [
    [1, 'needle 1'],
    [2, 'a'],
    [3, 'b'],
  ];
  assert.deepEqual(lines(1, 2), around);
  assert.deepEqual(lines(2, 2), [...around, [4, 'needle 2'], [5, 'c']]);
});

test('characters that end a line are not part of it, even if translated twice', () => {
  assert.deepEqual(search('ab\r\r\nb c\r\nb\r\n', 'b$'), [
    { number: 1, text: 'ab', match: true },
    { number: 3, text: 'b', match: true },
  ]);
});
