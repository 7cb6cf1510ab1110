// The extractor on recorded logs of real tools, cut at any byte, and on input that no tool prints.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Extractor } from '../../src/problems/extract.ts';
import { parsePatterns } from '../../src/problems/parsepatterns.ts';
import type { ProblemPattern } from '../../src/problems/pattern.ts';
import { PATTERNS } from '../../src/problems/patterns.ts';
import { WordSearch } from '../../src/problems/wordsearch.ts';
import { countTable, describe, extract, recordedLogs } from '../rig/problem-logs.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

const logs = recordedLogs();

function found(text: string, patterns: readonly ProblemPattern[] = []): string[] {
  const bytes = Buffer.from(text);
  return describe(extract(bytes, [], patterns), bytes);
}

function userPatterns(...list: readonly object[]): readonly ProblemPattern[] {
  const parsed = parsePatterns(list);
  assert.ok('patterns' in parsed);
  return parsed.patterns;
}

for (const { name, bytes, expected } of logs)
  test(`${name}.log`, () => {
    const wanted = expected
      .filter((line) => !line.startsWith('missed: '))
      .map((line) => line.replace(/^invented: /, ''));
    assert.deepEqual(describe(extract(bytes), bytes), wanted);
  });

test('the table in docs/problems.md counts these logs', () => {
  const table = countTable(logs);
  const docs = fs.readFileSync(path.join(import.meta.dirname, '../../docs/problems.md'), 'utf8');
  assert.ok(docs.includes(table), `docs/problems.md should have:\n${table}`);
});

test('a failure caused by Ctrl-C is not a problem; other failures are', () => {
  const lines = [
    'make[1]: *** [<builtin>: lapi.o] Interrupt',
    'make[1]: *** [Makefile:3: b.o] Error 1',
    'make: *** [all] Interrupt',
  ];
  assert.equal(found(lines.join('\n')).length, 1);
});

test('the same problems are found wherever the log is cut', () => {
  forSeeds(60, (seed) => {
    const random = new Random(seed);
    const { name, bytes } = random.pick(logs);
    const cuts = Array.from({ length: 1 + random.below(40) }, () => random.below(bytes.length + 1));
    cuts.sort((a, b) => a - b);
    assert.deepEqual(extract(bytes, cuts), extract(bytes), name);
  });
});

test('a log can be cut after each byte', () => {
  for (const name of ['make-deep', 'eslint-colour', 'node-test-tap']) {
    const { bytes } = logs.find((log) => log.name === name)!;
    const cuts = Array.from({ length: bytes.length }, (_, i) => i);
    assert.deepEqual(extract(bytes, cuts), extract(bytes), name);
  }
});

test('the same problems are found at the end of a long log, at other offsets', () => {
  const filler = Buffer.from('cc -c -Werror -o error.o error.c\n'.repeat(20_000));
  for (const { name, bytes } of logs) {
    const all = Buffer.concat([filler, bytes]);
    const cuts = Array.from({ length: Math.floor(all.length / 65536) }, (_, i) => (i + 1) * 65536);
    const shifted = extract(all, cuts).map(({ from, to, at, ...rest }) => ({
      ...rest,
      from: from - filler.length,
      to: to - filler.length,
      at: at - filler.length,
    }));
    assert.deepEqual(shifted, extract(bytes), name);
  }
});

test('ranges are complete lines, in order and without overlap, and contain the message', () => {
  for (const { name, bytes } of logs) {
    let end = 0;
    for (const { from, to, at } of extract(bytes)) {
      assert.ok(from >= end && at >= from && to > at && to <= bytes.length, name);
      assert.ok(from === 0 || bytes[from - 1] === 10, name);
      assert.ok(to === bytes.length || bytes[to - 1] === 10, name);
      end = to;
    }
  }
});

test('a line redrawn with \\r counts in its last state; CRLF ends a line', () => {
  assert.deepEqual(found('10%\r50%\ra.c:1:2: error: x\r\nb.c:2: warning: y [-Wz]\r\n'), [
    '1 error cc a.c:1:2 | x',
    '2 warning cc b.c:2 | y [-Wz]',
  ]);
});

test('the last line needs no newline', () => {
  assert.deepEqual(found('a.c:1:2: error: x'), ['1 error cc a.c:1:2 | x']);
});

test('bytes that are not UTF-8 and control characters are replaced in messages; offsets refer to the log', () => {
  const bytes = Buffer.concat([
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from('d\xe9.c:1:2: error: \x07b\x00el\x9bl \x1b]8;;http://x\x1b\\link\x1b]8;;\x07\n', 'latin1'),
    Buffer.from('é.c:3: error: ü\n'),
  ]);
  assert.deepEqual(describe(extract(bytes), bytes), [
    '2 error cc d\ufffd.c:1:2 | \ufffdb\ufffdel\ufffdl link',
    '3 error cc é.c:3 | ü',
  ]);
});

test('a line of 20 MB is dropped entirely, and problems after it are found', () => {
  const extractor = new Extractor({ folder: '', root: '/' });
  const early = extractor.push(Buffer.from('a.c:1: error: first\n'));
  for (let i = 0; i < 20; i++) early.push(...extractor.push(Buffer.alloc(1 << 20, 'x error: ')));
  const late = [...extractor.push(Buffer.from('\nb.c:2: error: second\n')), ...extractor.end()];
  assert.deepEqual(
    [...early, ...late].map(({ message }) => message),
    ['first', 'second'],
  );
});

test('characters that expressions take for the end of a line hide no problem', () => {
  assert.deepEqual(found('a.c:1:1: error: x\u2028y\u2029\n  1:2  error  z\u2028  rule\n'), [
    '1 error cc a.c:1:1 | x\ufffdy\ufffd',
  ]);
});

test('lines that are full of one word are examined once each', () => {
  const text = ['✖ ', 'error: ', "make: Entering directory '/project/a' "].map((word) =>
    `${word.repeat(2000)}\n`.repeat(50),
  );
  assert.ok(
    extract(Buffer.from(`${text.join('')}a.c:1:1: error: last\n`)).some(({ message }) => message === 'last'),
  );
});

test('a pattern that takes too long is dropped, and the text that it held up is read without it', () => {
  const patterns = userPatterns(
    { name: 'mine', pattern: 'MINE (?<message>.*)' },
    { name: 'slow', pattern: 'SLOW' },
  );
  const text =
    "make: Entering directory '/project/a'\nMINE one\nb.c:1: error: two\nSLOW\nc.c:1: error: three\n";
  let left = patterns;
  const given: string[] = [];
  const extractor = new Extractor(
    { folder: '', root: '/project' },
    {
      get patterns() {
        return left;
      },
      // As if it were stopped at the very end.
      run: (work) => {
        work();
        return !left.some(({ tool }) => tool === 'slow');
      },
      drop: (pattern) => {
        given.push(pattern.tool);
        left = left.filter((one) => one !== pattern);
      },
    },
  );
  const problems = [...extractor.push(Buffer.from(text)), ...extractor.end()];
  assert.deepEqual(given, ['slow']);
  assert.deepEqual(
    problems.map(({ file, message }) => [file, message]),
    [
      [undefined, 'one'],
      ['a/b.c', 'two'],
      ['a/c.c', 'three'],
    ],
  );
});

test('a problem of 10 MB is cut', () => {
  const bytes = Buffer.from(
    `${'_'.repeat(20)} test_it ${'_'.repeat(20)}\nE   assert 0\n${'text\n'.repeat(2_000_000)}`,
  );
  const cuts = Array.from({ length: 100 }, (_, i) => Math.floor(((i + 1) * bytes.length) / 101));
  const [problem, ...more] = extract(bytes, cuts);
  assert.equal(problem?.message, 'test_it: assert 0');
  assert.ok(problem.to - problem.from < 500_000);
  assert.deepEqual(more, []);
});

test('folders that make enters and leaves apply to the files between', () => {
  const text = [
    "make: Entering directory '/project/a'",
    'x.c:1: error: in a',
    "make[1]: Entering directory '/project/a/b'",
    'x.c:1: error: in b',
    '../y.c:1: error: above b',
    '/project/z.c:1: error: absolute',
    '/usr/include/u.h:1: error: outside',
    "make[1]: Leaving directory '/project/a/b'",
    'x.c:2: error: in a again',
    "make: Leaving directory '/project/a'",
    'x.c:1: error: at the root',
    "ninja: Entering directory `out'",
    'x.c:1: error: in out',
    '',
  ];
  assert.deepEqual(
    extract(Buffer.from(text.join('\n'))).map(({ file }) => file),
    ['a/x.c', 'a/b/x.c', 'a/y.c', 'z.c', '/usr/include/u.h', 'a/x.c', 'x.c', 'out/x.c'],
  );
});

test("user-defined patterns come first, also on lines without any of the table's words", () => {
  const list = userPatterns(
    {
      name: 'lint',
      pattern: '^(?<file>[^:]+)@(?<line>\\d+) (?<message>.*) \\((?<code>\\w+)\\)$',
      severity: 'warning',
    },
    { name: 'mine', pattern: '^BAD(?:\\[(?<severity>\\w+)\\])?: ' },
    { name: 'theirs', pattern: 'error: (?<message>never)$' },
  );
  assert.deepEqual(
    found(
      'a.txt@3 too long (L1)\nfine\nBAD: x\nBAD[Warning]: y\nä.c:1: error: other\nä.c:1: error: never\nin a.c:1: error: last\n',
      list,
    ),
    [
      '1 warning lint a.txt:3 | too long [L1]',
      '3 error mine - | BAD: x',
      '4 warning mine - | BAD[Warning]: y',
      '5 error cc ä.c:1 | other',
      '6 error theirs - | never',
      '7 error cc in a.c:1 | last',
    ],
  );
  for (const { name, bytes } of logs) assert.deepEqual(extract(bytes, [], list), extract(bytes), name);
});

test('every word of the table is found with its patterns, wherever it stands', () => {
  const search = new WordSearch(PATTERNS, []);
  for (const pattern of PATTERNS)
    for (const word of pattern.words ?? []) {
      const raw = Buffer.from(`a.c ${word} x\n`).toString('latin1');
      const text = `cc -c -o other.o other.c\n${raw}next\n`;
      assert.equal(search.line(text, 0), 25, JSON.stringify(word));
      const having: ProblemPattern[] = [];
      for (let hit = search.word(raw, 0); hit; hit = search.word(raw, hit.at + 1))
        having.push(...hit.patterns);
      assert.ok(having.includes(pattern), JSON.stringify(word));
    }
});

test('after 30,000 lines that each begin an unfinished problem, the one at the end is found, and one far behind', () => {
  const traceback = 'Traceback (most recent call last):\n';
  const real = `${traceback}  File "a.py", line 3, in f\nValueError: no\n`;
  const many = traceback.repeat(30_000);
  const [last, ...others] = found(many + real);
  assert.match(last ?? '', /a\.py:3.*ValueError/);
  assert.deepEqual(others, []);
  const both = found(`${many}no more of it\n${real}${many}`);
  assert.equal(both.length, 1);
  assert.match(both[0] ?? '', /a\.py:3/);
});
