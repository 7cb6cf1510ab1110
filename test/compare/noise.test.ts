// What counts as noise, and what must not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOISE, normaliser } from '../../src/compare/noise.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

const normal = normaliser({ roots: ['/home/u/proj', '/srv/old place/proj'] });

test('each example of the table is noise, under the name of its rule', () => {
  for (const { name, example } of NOISE)
    for (const one of example.split(', '))
      assert.ok(normal(`x ${one} y`).includes(`‹${name}›`), `${name}: ${one}: ${normal(`x ${one} y`)}`);
});

const SAME: readonly (readonly [string, string])[] = [
  ['[ 5/300] CC a.o', '[12/300] CC a.o'],
  ['[ 50%] Building C object a.o', '[100%] Building C object a.o'],
  ['real 0m1.234s', 'real 1m0.009s'],
  ['Finished in 1 second', 'Finished in 2 seconds'],
  ['ld: /tmp/ccAb12Cd.o: in function `main`', 'ld: /tmp/cczzzzzz.o: in function `main`'],
  ['at 0x7ffd1c2a4b30', 'at 0x55d0a8c0e2a0'],
  ['12:34:56: started', '01:02:03: started'],
  ['built on Nov 21 2026', 'built on Dec  1 2026'],
  ['==123== Invalid read', '==4567== Invalid read'],
  ["make[1]: Entering directory '/home/u/proj/src'", "make[1]: Entering directory '/srv/old place/proj/src'"],
  ['cc -I/home/u/proj/include', 'cc -I/srv/old place/proj/include'],
  ['-> libserde-0a1b2c3d4e5f6071.rlib', '-> libserde-8f14e45fceea167a.rlib'],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['a.c:12:34: error: x', 'a.c:12:35: error: x'],
  ['make[1]: Leaving', 'make[2]: Leaving'],
  ['gcc -O2 a.c', 'gcc -O3 a.c'],
  ['/home/u/project/a.c', '/srv/old place/project/a.c'],
  ['3 tests passed', '4 tests passed'],
  ['/tmp/include/a.h', '/tmp/include/b.h'],
  ['tmp.directory', 'tmp.elsewhere'],
  ['src/ccompile.o', 'src/cccombine.o'],
  ['error: defaced', 'error: effaced'],
  ['version 1.2.3', 'version 1.2.4'],
  ['Marker 10', 'Maybe 10'],
  ['E0308', 'E0309'],
  ['0x1', '0x2'],
];

test('lines that differ in noise only', () => {
  for (const [a, b] of SAME) assert.equal(normal(a), normal(b));
});

test('lines that differ', () => {
  for (const [a, b] of DIFFERENT) assert.notEqual(normal(a), normal(b), `${a} / ${b}`);
});

test('in a long line, differences count and noise does not, however far to the right', () => {
  const line = (tail: string): string => `${'word '.repeat(1000)}${tail} ${'x'.repeat(3000)} ${tail}`;
  for (const [a, b] of SAME) assert.equal(normal(line(a)), normal(line(b)));
  for (const [a, b] of DIFFERENT) assert.notEqual(normal(line(a)), normal(line(b)));
});

test('a line of a megabyte that is full of possible starts of noise', () => {
  for (const unit of ['.', '-', '1.1', 'a.', '2020-01-01'])
    assert.ok(normal(`${unit.repeat(2 ** 20 / unit.length)}1`).length > 0);
});

test('a project in / or in a top-level folder is not searched for', () => {
  assert.equal(normaliser({ roots: ['/', '/usr'] })('/usr/include/x.h'), '/usr/include/x.h');
});

test('of nested folders the innermost is removed', () => {
  for (const roots of [
    ['/home/u/proj', '/home/u/proj/sub'],
    ['/home/u/proj/sub', '/home/u/proj'],
  ])
    assert.equal(normaliser({ roots })('/home/u/proj/sub/a.c /home/u/proj/b.c'), '‹root›/a.c ‹root›/b.c');
});

test('in commands, times and numbers count; temporary names and the root do not', () => {
  const command = normaliser({ roots: ['/home/u/proj'], commands: true });
  assert.equal(
    command('timeout 10s cc -o /tmp/ccAb12Cd.o /home/u/proj/a.c'),
    'timeout 10s cc -o /tmp/‹temp›.o ‹root›/a.c',
  );
});

const WORDS = [
  'error',
  'warning',
  'build',
  'cc',
  'tmp',
  'defaced',
  'accede',
  'main.c',
  'lib',
  'decade',
  'face',
  'if',
];
const PIECES = [
  ...NOISE.flatMap(({ example }) => example.split(', ')),
  ...[
    '/tmp/',
    '/home/u/proj',
    '/home/u/proj/',
    '/srv/old place/proj',
    ':',
    '/',
    ' ',
    ' ',
    '.',
    '-',
    '_',
    '%',
    's',
    'ms',
  ],
  ...[
    '1',
    '12',
    '0',
    '[',
    ']',
    '(',
    ')',
    '==',
    'pid ',
    '0x',
    'e',
    'a1',
    '‹',
    '›',
    "'",
    '=',
    '-g',
    'tmp.',
    'cc',
  ],
];

test('normalising twice gives the same as once, whatever the line', () => {
  forSeeds(20_000, (seed) => {
    const random = new Random(seed);
    const line = Array.from({ length: 1 + random.below(9) }, () => random.pick([...PIECES, ...WORDS])).join(
      '',
    );
    const once = normal(line);
    assert.equal(normal(once), once, JSON.stringify(line));
  });
});

test('lines that differ in a word are never made equal', () => {
  forSeeds(5000, (seed) => {
    const random = new Random(seed);
    const between = [
      ' ',
      ': ',
      ', ',
      '/',
      ' -',
      "'",
      '=',
      ' [12/300] ',
      ' 1.2s ',
      ' 0x7ffd1c2a4b30 ',
      '/tmp/',
      '.',
    ];
    const parts = Array.from({ length: 1 + random.below(6) }, () => [
      random.pick(WORDS),
      random.pick(between),
    ]).flat();
    const at = 2 * random.below(parts.length / 2);
    const changed = [...parts];
    changed[at] = random.pick(WORDS.filter((word) => word !== parts[at]));
    assert.notEqual(normal(parts.join('')), normal(changed.join('')), JSON.stringify([parts, changed]));
  });
});

test('a long line that might be one name takes no longer than as many short ones', () => {
  const normal = normaliser();
  for (const piece of ['1.', '.', '-', '_a', '/tmp/', '0x', 'a1', '10:10:10 ']) {
    const line = piece.repeat(200_000 / piece.length);
    assert.ok(normal(`${line}:1:1: error: x`).endsWith(': error: x'));
  }
  assert.equal(normal(`/tmp/${'a-'.repeat(100)}Xa81Qz`), `/tmp/${'a-'.repeat(100)}‹temp›`);
});
