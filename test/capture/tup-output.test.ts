// What tup prints: banners, copies of outputs and messages are told from its own text, however it comes.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { TupDatabase } from '../../src/capture/hooks/tup/database.ts';
import { graphOf, rootsOf } from '../../src/capture/hooks/tup/graph.ts';
import { type Claim, TupOutput } from '../../src/capture/hooks/tup/output.ts';
import { PrintedCopy } from '../../src/capture/hooks/tup/printedcopy.ts';

/** Opens a file with this text. */
function file(t: TestContext, text: string): number {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-test.'));
  fs.writeFileSync(path.join(folder, 'output-1'), text);
  const fd = fs.openSync(path.join(folder, 'output-1'), 'r');
  t.after(() => {
    fs.closeSync(fd);
    fs.rmSync(folder, { recursive: true });
  });
  return fd;
}

/** What was said, a string for each kind in a row. @param claims by label; others are no banners. */
function reader(claims: Readonly<Record<string, () => Claim>>): { said: string[]; output: TupOutput } {
  const said: string[] = [];
  const add = (kind: string, text: string): void => {
    if (said.at(-1)?.startsWith(`${kind}|`)) said[said.length - 1] = `${said.at(-1)}${text}`;
    else said.push(`${kind}|${text}`);
  };
  const output = new TupOutput({
    banner: ({ label, failed, seconds, left }) => {
      const claim = claims[label]?.() ?? 'none';
      if (typeof claim === 'object') said.push(`banner ${label} ${failed} ${seconds} ${left}`);
      return claim;
    },
    phase: (name) => said.push(`phase ${name}`),
    output: (text) => {
      add('output', text.toString());
    },
    message: (line, _plain, id) => {
      add(id === undefined ? 'message' : `message ${id}`, line.toString());
    },
    own: (text) => {
      add('own', text.toString());
    },
  });
  return { said, output };
}

const FOLLOWS: Claim = { copy: undefined, lines: 1 };

const TEXT = `[ tup ] [0.002s] Parsing Tupfiles...
 100% 0) [0.004s] .
[ tup ] [0.024s] Executing Commands...
 ~16% 5) [0.023s] CC b
 ~90% 3) [0.001s] not a command
compiling berr b
 ~33% 4) [0.019s] sub: CC c
no end of line ~50% 3) [0.008s] cat >x
* ~66% 2) false
tup: Expanded command string: false a b
says why
 *** tup messages ***
tup error: File 'zzz' was written to
 *** Command ID=22 failed with return value 1
symlinkat: File exists
 *** Command ID=40 failed: !tup_ln b c
 *** tup: 2 jobs failed.
`;

const SAID = [
  'phase Parsing Tupfiles...',
  'own|[ tup ] [0.002s] Parsing Tupfiles...\n 100% 0) [0.004s] .\n',
  'phase Executing Commands...',
  'own|[ tup ] [0.024s] Executing Commands...\n',
  'banner CC b false 0.023 5',
  'banner sub: CC c false 0.019 4',
  'output|no end of line',
  'banner cat >x false 0.008 3',
  'banner false true undefined 2',
  'message|tup: Expanded command string: false a b\n',
  "message| *** tup messages ***\ntup error: File 'zzz' was written to\n",
  'message 22| *** Command ID=22 failed with return value 1\n',
  'message|symlinkat: File exists\n',
  'message 40| *** Command ID=40 failed: !tup_ln b c\n',
  'own| *** tup: 2 jobs failed.\n',
];

test('tup: its text is told apart, in pieces of any size', (t) => {
  const b = file(t, ' ~90% 3) [0.001s] not a command\ncompiling berr b\n');
  const no = file(t, 'says why\n');
  for (let size = 1; size < TEXT.length; size += size < 40 ? 1 : 97) {
    const { said, output } = reader({
      'CC b': () => ({ copy: new PrintedCopy(b), lines: 1 }),
      'sub: CC c': () => FOLLOWS,
      'cat >x': () => FOLLOWS,
      false: () => ({ copy: new PrintedCopy(no), lines: 1 }),
      'not a command': () => 'none',
    });
    for (let at = 0; at < TEXT.length; at += size) output.push(Buffer.from(TEXT.slice(at, at + size)));
    output.end();
    assert.deepEqual(
      said.join('').replaceAll('message|', ''),
      SAID.join('').replaceAll('message|', ''),
      `in pieces of ${size}`,
    );
  }
});

test('tup: a last line without an end comes late, after what goes to stderr', (t) => {
  const early = file(t, 'one\ntwo');
  const bad = file(t, 'bad\n');
  const { said, output } = reader({
    A: () => ({ copy: new PrintedCopy(early), lines: 1 }),
    B: () => ({ copy: new PrintedCopy(bad), lines: 1 }),
  });
  output.push(
    Buffer.from(' ~10% 1) A\none\n* ~20% 0) B\nbad\n *** tup messages ***\ntwo[ tup ] [0.100s] Updated.\n'),
  );
  output.end();
  assert.deepEqual(said, [
    'banner A false undefined 1',
    'banner B true undefined 0',
    'message| *** tup messages ***\n',
    'phase Updated.',
    'own|[ tup ] [0.100s] Updated.\n',
  ]);
});

test('tup: a banner of several lines, a progress bar and colours', () => {
  const { said, output } = reader({ 'cat <<E': () => ({ copy: undefined, lines: 3 }), X: () => FOLLOWS });
  output.push(
    Buffer.from(' [...  ] 10%\r          \r [0.001s] \x1b[34mcat <<E\na\nE\x1b[0m\nout\n [0.002s] X\n'),
  );
  output.end();
  assert.deepEqual(said, [
    'banner cat <<E false 0.001 undefined',
    'output|out\n',
    'banner X false 0.002 undefined',
  ]);
});

test('tup: what follows a banner waits until its command is known', () => {
  let claim: Claim = 'later';
  const { said, output } = reader({ A: () => claim });
  output.push(Buffer.from('own\n 100% 0) A\nout\n'));
  assert.deepEqual(said, ['own|own\n']);
  claim = FOLLOWS;
  output.resume();
  assert.deepEqual(said, ['own|own\n', 'banner A false undefined 0', 'output|out\n']);
});

test('tup: a file is printed 1,024 bytes at a time, each part up to its first NUL', (t) => {
  const text = `${'a'.repeat(1000)}\0${'b'.repeat(1023)}c\0d`;
  const copy = new PrintedCopy(file(t, text));
  const printed = Buffer.from(`${'a'.repeat(1000)}${'b'.repeat(1000)}c and more`);
  assert.equal(copy.take(printed.subarray(0, 700)), 700);
  assert.equal(copy.isDone, false);
  assert.equal(copy.take(printed.subarray(700)), 1301);
  assert.equal(copy.isDone, true);
});

const hex = (text: string): string => Buffer.from(text).toString('hex');
const node = (
  id: number,
  folder: number,
  type: number,
  time: number,
  name: string,
  display = '',
): string[] => ['n', ...[id, folder, type, time].map(String), hex(name), hex(display)];
const link = (from: number, to: number): string[] => ['l', String(from), String(to)];

test('tup: its data base has the graph, the names and what is unfinished', () => {
  const database = new TupDatabase([
    node(1, 0, 2, -1, '.'),
    node(2, 1, 2, -1, 'sub'),
    node(3, 2, 0, 5, 'a.c'),
    node(4, 2, 4, 9, 'a.o'),
    node(5, 2, 4, 9, 'a.d'),
    node(6, 2, 1, 30, 'cc -c a.c', 'CC a.c'),
    node(7, 2, 6, -1, '<objs>'),
    node(8, 1, 4, -1, 'prog'),
    node(9, 1, 1, -1, 'ld sub/a.o -o prog'),
    node(10, 1, 1, -1, './check prog'),
    ...[link(3, 6), link(6, 5), link(6, 4), link(4, 7), link(6, 7), link(7, 9), link(4, 9), link(9, 8)],
    ...[link(8, 10), link(8, 10)],
    ['m', '10'],
    [''],
  ]);
  assert.deepEqual(
    graphOf(database).map(({ name, needs, also }) => [name, needs, also ?? []]),
    [
      ['sub/a.o', ['sub/a.c'], ['sub/a.d']],
      ['sub/a.d', ['sub/a.o'], ['sub/a.o']],
      ['prog', ['sub/a.o', 'sub/<objs>'], []],
      ['./check prog', ['prog'], []],
      ['sub/<objs>', ['sub/a.o'], []],
    ],
  );
  assert.deepEqual(rootsOf(database), ['./check prog']);
  assert.deepEqual(
    ['sub: CC a.c', 'sub: cc -c a.c', 'CC a.c'].map((label) => database.labelled(label).map(({ id }) => id)),
    [[6], [6], []],
  );
  assert.equal(database.command(6)?.made, 9);
  assert.equal(database.command(9)?.made, undefined);
  assert.deepEqual(
    [9, 10].map((id) => database.isUnfinished(id)),
    [false, true],
  );
});
