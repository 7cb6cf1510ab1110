// One target in two builds: status, command, problems, and how the differences are printed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readableLines } from '../../src/compare/loglines.ts';
import { statLine, unified } from '../../src/compare/print.ts';
import {
  type Difference,
  type Side,
  compareTarget,
  comparison,
  wordsChanged,
} from '../../src/compare/target.ts';
import { problemText } from '../../src/render/problem.ts';
import { Extractor } from '../../src/problems/extract.ts';

const side = (lines: string[], outcome = 'ok', commands: string[] = ['cc -c a.c']): Side => ({
  outcome,
  commands,
  lines,
  problems: (found) => {
    const extractor = new Extractor({ folder: '', root: '', exists: () => true });
    const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    for (const problem of [...extractor.push(text), ...extractor.end()]) found(problem);
  },
  passedOn: false,
});

const compare = (a: Side, b: Side, exact = false): Difference | undefined =>
  compareTarget(a, b, comparison({ exact, roots: ['/home/u/proj', '/new/proj'], context: 3 }));

function printed(difference: Difference | undefined): string[] {
  assert.ok(difference);
  const origin = (build: string) => ({ build, job: 1, status: undefined });
  const target = { name: 'a\n.o', from: origin('A'), to: origin('B'), difference };
  return [...unified(target, { colour: false, ascii: false })];
}

test('targets that differ only in noise are the same, unless noise counts', () => {
  const [a, b] = [
    ['[1/9] x', 'took 3s'],
    ['[2/9] x', 'took 4s'],
  ];
  assert.equal(compare(side(a), side(b)), undefined);
  assert.equal(compare(side(a), side(b), true)?.added, 2);
  assert.equal(
    compare(side([], 'ok', ['cc /home/u/proj/a.c']), side([], 'ok', ['cc /new/proj/a.c'])),
    undefined,
  );
});

test('status, command, problems, then the lines', () => {
  const a = side(['cc', 'a.c:1:2: warning: old', 'end']);
  const b = side(['cc', 'a.c:3:1: error: new', 'end'], 'exit 1', ['cc -O2 -c a.c']);
  assert.deepEqual(printed(compare(a, b)), [
    String.raw`diff a\n.o`,
    'status: ok → exit 1',
    'command: cc {+-O2+} -c a.c',
    'new:  a.c:3:1: error: new',
    'gone: a.c:1:2: warning: old',
    '--- a\\n.o\tA',
    '+++ a\\n.o\tB',
    '@@ -1,3 +1,3 @@',
    ' cc',
    '-a.c:1:2: warning: old',
    '+a.c:3:1: error: new',
    ' end',
  ]);
});

test('a warning that has only moved is neither new nor gone; a second one is new', () => {
  const moved = compare(side(['a.c:1:2: warning: x']), side(['a.c:9:2: warning: x']));
  assert.deepEqual([moved?.fresh, moved?.gone, moved?.added], [[], [], 1]);
  const second = compare(side(['a.c:1:2: warning: x']), side(['a.c:1:2: warning: x', 'a.c:5:2: warning: x']));
  assert.deepEqual(second?.fresh.map(problemText), ['a.c:5:2: warning: x']);
});

test('the failure of a job below is not a problem of this one; its other messages are', () => {
  const a = side(['make -C lib']);
  const lines = ['make -C lib', 'make: *** [Makefile:1: lib] Error 2'];
  assert.deepEqual(compare(a, side(lines, 'exit 2'))?.fresh.map(problemText), [
    'Makefile:1: error: lib: Error 2',
  ]);
  const above = { ...side(lines, 'exit 2'), passedOn: true };
  assert.deepEqual([compare(a, above)?.fresh, compare(above, a)?.gone], [[], []]);
  const more = { ...side([...lines, 'a.c:1:1: warning: x'], 'exit 2'), passedOn: true };
  assert.deepEqual(compare(a, more)?.fresh.map(problemText), ['a.c:1:1: warning: x']);
});

test("cargo's count of warnings is not a problem, before or after", () => {
  const [count, other] = ['1 warning', '2 warnings (1 duplicate)'].map((what) =>
    side([`warning: \`calc\` (lib) generated ${what}`]),
  );
  const difference = compare(count!, other!);
  assert.deepEqual([difference?.fresh, difference?.gone, difference?.added], [[], [], 1]);
});

test('a changed status is a difference, even without lines to compare', () => {
  const without = { ...side([]), commands: undefined, lines: undefined };
  assert.equal(compare(without, without), undefined);
  const difference = compare(without, { ...without, outcome: 'SIGSEGV' });
  assert.deepEqual(printed(difference).slice(1), ['status: ok → SIGSEGV']);
});

test('commands word by word', () => {
  const exact = (text: string): string => text;
  assert.deepEqual(wordsChanged('a b', 'a  b', exact), []);
  assert.deepEqual(wordsChanged('cc -O0 a.c', 'cc -O2 -g a.c', exact), [
    { kind: 'same', text: 'cc ' },
    { kind: 'old', text: '-O0 ' },
    { kind: 'new', text: '-O2 -g ' },
    { kind: 'same', text: 'a.c' },
  ]);
  const long = (word: string): string => Array.from({ length: 5000 }, (_, i) => `${word}${i}`).join(' ');
  assert.deepEqual(
    wordsChanged(long('a'), long('b'), exact).map(({ kind }) => kind),
    ['old', 'new'],
  );
});

test('--stat mentions each kind of change', () => {
  const a = side(['x', 'y']);
  const b = side(['x', 'z', 'a.c:1:1: error: 1', 'a.c:1:1: error: 2'], 'exit 1', ['cc']);
  const difference = compare(a, b);
  assert.ok(difference);
  const origin = { build: 'A', job: 1, status: undefined };
  const line = statLine({ name: 'n', from: origin, to: origin, difference }, 4, {
    colour: false,
    ascii: false,
  });
  assert.equal(line, ' n    | exit 1 (was ok), command, +3 -1, 2 new problems');
});

test('compared lines have no escape sequences and only the last state of progress; with exact, everything is visible', () => {
  const lines = (bytes: Buffer | string, exact: boolean): string[] => [
    ...readableLines([{ bytes: Buffer.from(bytes), kind: 'lines' }], exact),
  ];
  assert.deepEqual(lines('\x1b[31mred\x1b[0m\r\n10%\r20%\rdone\n\x07x', false), ['red', 'done', 'x']);
  assert.deepEqual(lines('\x1b[31mr\r\n10%\rx\n', true), ['\\x1b[31mr\\x0d', '10%\\x0dx']);
  assert.deepEqual(lines('a', true), ['a', '\\ No newline at end of log']);
  const bad = Buffer.concat([Buffer.from('ok é\n'), Buffer.from([0xff, 0x41, 0x0a])]);
  assert.deepEqual(lines(bad, false), ['ok é', '\\xffA']);
  assert.deepEqual(lines('', false), []);
});
