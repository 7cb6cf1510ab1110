// Styled text: columns, colours of logs, and reduction for terminals with fewer colours.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../rig/seeded.ts';
import {
  columnsOf,
  fit,
  folded,
  highlighted,
  parseLine,
  rowWidth,
  slice,
  slices,
  span,
} from '../../src/documents/spans.ts';
import { wrapAt } from '../../src/tui/text/wrap.ts';
import { type Reduce, Painter, coloursOf, reduced } from '../../src/tui/text/paint.ts';

const text = (row: readonly { readonly text: string }[]): string => row.map((one) => one.text).join('');

for (const [line, spans] of [
  ['plain', [['plain', '']]],
  ['', []],
  [
    '\x1b[31mred\x1b[0m rest',
    [
      ['red', '31'],
      [' rest', ''],
    ],
  ],
  [
    '\x1b[1;31mboth\x1b[22mred',
    [
      ['both', '1;31'],
      ['red', '31'],
    ],
  ],
  [
    '\x1b[38;5;208mx\x1b[39my',
    [
      ['x', '38;5;208'],
      ['y', ''],
    ],
  ],
  ['\x1b[38:2::1:2:3mx', [['x', '38;2;1;2;3']]],
  ['\x1b[48;2;1;2;3mx', [['x', '48;2;1;2;3']]],
  ['\x1b[38;5mx', [['x', '']]],
  [
    '\x1b[4:3mx\x1b[4:0my',
    [
      ['x', '4'],
      ['y', ''],
    ],
  ],
  ['a\tb', [['a       b', '']]],
  [
    '\x1b[31mab\x1b[0m\tc',
    [
      ['ab', '31'],
      ['      c', ''],
    ],
  ],
  ['漢\tx', [['漢      x', '']]],
  ['a\u202eb', [['ab', '']]],
  ['\x1b[8;5mx', [['x', '']]],
] as [string, [string, string][]][])
  test(`a line of a log: ${JSON.stringify(line)}`, () => {
    assert.deepEqual(
      parseLine(line).map((one) => [one.text, one.style]),
      spans,
    );
  });

test('wide characters take two columns, and one that is cut becomes blanks', () => {
  const row = [span('a漢字b', '31'), span('cd')];
  assert.equal(rowWidth(row), 8);
  assert.equal(text(slice(row, 0, 3)), 'a漢');
  assert.equal(text(slice(row, 0, 2)), 'a ');
  assert.equal(text(slice(row, 2, 8)), ' 字bcd');
  assert.equal(text(fit(row, 4)), 'a漢 ');
  assert.equal(rowWidth(fit(row, 12)), 12);
  assert.equal(text(slice([span('x👩‍👩‍👧y')], 0, 3)), 'x👩‍👩‍👧');
  assert.deepEqual(columnsOf(row, 1, 3), [1, 5]);
});

test('several stretches at once give the same as one by one', () => {
  const row = [span('a漢字b', '31'), span('cdefgh'), span('👩‍👩‍👧é漢x漢', '1'), span('end')];
  for (const columns of [1, 2, 3, 5, 8, 30]) {
    const stretches = Array.from({ length: 8 }, (_, i) => [i * columns, (i + 1) * columns] as const);
    assert.deepEqual(
      slices(row, stretches),
      stretches.map(([from, to]) => slice(row, from, to)),
    );
  }
});

test('a text is split at blanks, and words that are too long anywhere', () => {
  assert.deepEqual(folded('one two three', 7), ['one two', 'three']);
  assert.deepEqual(folded('/a/long/path: no', 6), ['/a/lon', 'g/path', ': no']);
  assert.deepEqual(folded('漢字漢字', 5), ['漢字', '漢字']);
  assert.deepEqual(folded('', 5), ['']);
});

/** The rows of a wrapped text, as they are cut from it. */
function wrapped(line: string, columns: number): string[] {
  const row = [span(line)];
  const cuts = wrapAt(row, columns);
  return cuts.map((from, i) =>
    text(slice(row, from, Math.min(from + columns, cuts[i + 1] ?? Infinity))).trimEnd(),
  );
}

for (const [line, columns, rows] of [
  ['one two three', 8, ['one two', 'three']],
  ['one two three', 7, ['one two', 'three']],
  ['one two three', 6, ['one', 'two', 'three']],
  ['one    two', 4, ['one', 'two']],
  ['one two     ', 7, ['one two']],
  ['', 7, ['']],
  // A word that is wider than a row begins where it stands.
  ['cc -I/a/very/long/path x.c', 8, ['cc -I/a/', 'very/lon', 'g/path', 'x.c']],
  ['abcdefgh', 3, ['abc', 'def', 'gh']],
  ['    abcdefgh', 6, ['    ab', 'cdefgh']],
  ['          x', 4, ['', 'x']],
  // East Asian text may be cut between its characters, but not before what closes them.
  ['漢字漢字漢字', 5, ['漢字', '漢字', '漢字']],
  ['ab漢字 cd', 5, ['ab漢', '字 cd']],
  ['漢字漢字。漢', 8, ['漢字漢', '字。漢']],
  ['ein Ärger', 8, ['ein', 'Ärger']],
  ['👩‍👩‍👧👩‍👩‍👧', 3, ['👩‍👩‍👧', '👩‍👩‍👧']],
] as [string, number, string[]][])
  test(`wrapped in ${columns} columns: ${line}`, () => {
    assert.deepEqual(wrapped(line, columns), rows);
  });

test('wrapping loses only blanks at the ends of rows, and takes ASCII like any other text', () => {
  const random = new Random(7);
  for (let n = 0; n < 3000; n++) {
    const line = Array.from({ length: random.below(60) }, () => random.pick([' ', ' ', 'a', 'b', '-'])).join(
      '',
    );
    const columns = 2 + random.below(20);
    const cuts = wrapAt([span(line)], columns);
    assert.deepEqual(wrapAt([span(line.replaceAll('a', 'é'))], columns), cuts, JSON.stringify(line));
    cuts.forEach((from, i) => {
      const to = cuts[i + 1] ?? line.length;
      assert.ok(to > from || line === '', JSON.stringify(line));
      assert.equal(line.slice(from + columns, to).trim(), '', JSON.stringify([line, columns, cuts]));
    });
  }
  const wide = '漢字、abc 漢é。x';
  for (let n = 0; n < 500; n++) {
    const line = Array.from({ length: random.below(40) }, () => random.pick(wide.split(''))).join('');
    const rows = wrapped(line, 2 + random.below(9));
    assert.equal(rows.join('').replaceAll(' ', ''), line.replaceAll(' ', ''));
  }
});

test('a long line is wrapped at once', () => {
  for (const word of ['x', 'word ', 'é', '漢 字'])
    assert.ok(wrapAt([span(word.repeat(64_000 / word.length))], 80).length > 700);
});

test('highlights lie over spans, also across several', () => {
  const marked = highlighted(
    [span('abc', '31'), span('def')],
    [
      [1, 2],
      [2, 4],
    ],
    '7',
  );
  assert.deepEqual(
    marked.map((one) => [one.text, one.style]),
    [
      ['a', '31'],
      ['b', '31;7'],
      ['c', '31;7'],
      ['d', '7'],
      ['ef', ''],
    ],
  );
});

const reduce: Reduce = { indexed: (_, total) => (total === 8 ? 3 : 11), rgb: () => 200 };

for (const [style, colours, expected] of [
  ['1;31', 0, '1'],
  ['1;31', 8, '1;31'],
  ['91', 8, '31'],
  ['90', 8, ''],
  ['90', 16, '90'],
  ['30', 8, '30'],
  ['101', 8, '41'],
  ['91', 16, '91'],
  ['38;5;208;1', 256, '38;5;208;1'],
  ['38;5;208', 8, '33'],
  ['48;5;208', 16, '103'],
  ['38;5;9', 16, '91'],
  ['38;5;0', 8, '30'],
  ['38;2;1;2;3', 'all', '38;2;1;2;3'],
  ['38;2;1;2;3', 256, '38;5;200'],
  ['38;2;1;2;3;4', 0, '4'],
  ['30;43', 0, ''],
] as const)
  test(`${style} in ${colours} colours`, () => {
    assert.equal(reduced(style, colours, reduce), expected);
  });

for (const [env, colours] of [
  [{ TERM: 'xterm-256color' }, 256],
  [{ TERM: 'tmux-256color' }, 256],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'all'],
  [{ TERM: 'screen' }, 8],
  [{ TERM: 'linux' }, 8],
  [{ TERM: 'xterm' }, 8],
  [{ TERM: 'xterm-16color' }, 16],
  [{ TERM: 'vt100' }, 0],
] as const)
  test(`the colours of ${JSON.stringify(env)}`, () => {
    assert.equal(coloursOf(env), colours);
  });

test('only rows that changed are painted', () => {
  const painter = new Painter(256, reduce);
  const frame = (...rows: string[]): Parameters<Painter['paint']>[0] => ({
    rows: rows.map((row) => [{ x: 0, row: [span(row)] }]),
    cursor: undefined,
  });
  assert.match(painter.paint(frame('a', 'b')), /\x1b\[1;1H.*a.*\x1b\[2;1H.*b/);
  assert.equal(painter.paint(frame('a', 'b')), '');
  const second = painter.paint(frame('a', 'c'));
  assert.doesNotMatch(second, /\x1b\[1;1H/);
  assert.match(second, /\x1b\[2;1H\x1b\[0m\x1b\[Kc/);
  painter.forget();
  assert.match(painter.paint(frame('a', 'c')), /\x1b\[1;1H/);
});
