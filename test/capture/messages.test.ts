// What make prints for a job. The fixtures have the output of make 4.3 for one makefile (`make -k`) in each
// of its languages. a and b fail (b is ignored), c dies of a signal, and the programs of d and sub/e do not
// exist.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { findEcho, findMessages, findUnstarted } from '../../src/capture/hooks/make/messages.ts';

const FIXTURES = path.join(import.meta.dirname, 'fixtures/make-messages');

/** Texts by language. */
const texts = new Map<string, Buffer>();
for (const file of readdirSync(FIXTURES)) {
  const bytes = readFileSync(path.join(FIXTURES, file));
  if (file !== 'utf-8.txt') texts.set(file.replace('.txt', ''), bytes);
  else
    for (const [, language, text] of bytes.toString().matchAll(/^== (.*)\n((?:(?!== ).*\n)*)/gm))
      texts.set(language ?? '', Buffer.from(text ?? ''));
}

/** The lines of a text, by number. */
function lines(text: Buffer, from: number, to: number): number[] {
  const before = text.subarray(0, from).toString('latin1').split('\n').length - 1;
  const count = text.subarray(from, to).toString('latin1').split('\n').length - 1;
  return Array.from({ length: count }, (_, i) => before + i);
}

test('the fixtures are there', () => {
  assert.ok(texts.size > 30);
  assert.equal(texts.get('C')?.toString().split('\n')[0], 'make: *** [Makefile:2: a] Error 3');
});

for (const [language, text] of texts) {
  test(`${language}: the lines about each target's failure`, () => {
    const found = (target: string): unknown =>
      findMessages(text, target).map(({ from, to, ignored }) => [lines(text, from, to), ignored]);
    assert.deepEqual(found('a'), [
      [[0], false],
      [[1], false],
    ]);
    assert.deepEqual(found('b'), [[[2], true]]);
    assert.deepEqual(found('c'), [[[3], false]]);
    assert.deepEqual(found('d'), [[[6], false]]);
    assert.deepEqual(found('sub/e'), [[[8], false]]);
    for (const other of ['all', 'e', 'make', 'Makefile', 'sub', 'x'])
      assert.deepEqual(found(other), [], other);
  });

  test(`${language}: a program that is not there, with its echo where there is one`, () => {
    const first = findUnstarted(text);
    assert.equal(first?.target, 'd');
    assert.equal(first.status, 127);
    assert.deepEqual(lines(text, first.from, first.to), [4, 5, 6]);
    const second = findUnstarted(text.subarray(first.to));
    assert.equal(second?.target, 'sub/e');
    assert.deepEqual(lines(text.subarray(first.to), second.from, second.to), [0, 1]);
    assert.equal(findUnstarted(text.subarray(first.to + second.to)), undefined);
  });
}

for (const [line, target, ignored] of [
  ['make[2]: *** [sub/Makefile:10: out/a b] Error 1', 'out/a b', false],
  ['make: *** [a] Error 1', 'a', false],
  ['make: [a] Error 1 (ignored)', 'a', true],
  ['make: *** [<builtin>: a.o] Error 1', 'a.o', false],
  ['make: *** [Makefile:1: größe] Segmentation fault (core dumped)', 'größe', false],
  ["make: *** [a] Deleting file 'b'", 'a', false],
  ["make: *** [x] Deleting file 'make'", 'make', false],
  ["/opt/b/make[1]: *** Deleting file 'b'", 'b', false],
  ["make: *** Deleting intermediate file 'gen.c'", 'gen.c', false],
  ['gmake: *** [Makefile:1: make] Error 2', 'make', false],
  ['make: *** [Makefile:1: $(x).*+] Error 2', '$(x).*+', false],
] as const)
  test(`about ${target}: ${line}`, () => {
    const text = Buffer.from(`before\n${line}\nafter\n`);
    const from = 'before\n'.length;
    const to = from + Buffer.byteLength(line) + 1;
    assert.deepEqual(findMessages(text, target), [{ from, to, ignored }]);
    assert.deepEqual(findMessages(Buffer.from(line), target), [], 'not before the line is whole');
  });

for (const [line, target] of [
  ['make: *** [Makefile:2: ab] Error 1', 'b'],
  ['make: *** [Makefile:2: b] Error 1', 'ab'],
  ['make: *** [Makefile:2: a/b] Error 1', 'b'],
  ["make: *** Deleting file 'a/b'", 'b'],
  ["make: *** Deleting file 'b.c'", 'b'],
  ["make: Target 'b' not remade because of errors.", 'b'],
  ["make: 'b' is up to date.", 'b'],
  ["make: Nothing to be done for 'b'.", 'b'],
  ['b: failed', 'b'],
] as const)
  test(`not about ${target}: ${line}`, () => {
    assert.deepEqual(findMessages(Buffer.from(`${line}\n`), target), []);
  });

test('a program that is not there: other failures are not taken for it', () => {
  for (const line of [
    'make: *** [Makefile:2: a] Error 1',
    'make: *** [Makefile:2: a] Error 12',
    'make: *** [Makefile:2: a] Error 1127',
    'make: [Makefile:2: a] Error 127 (ignored)',
    'make: *** [Makefile:2: a] Segmentation fault',
  ])
    assert.equal(findUnstarted(Buffer.from(`${line}\n`)), undefined, line);
  const text = Buffer.from('other: text\nmake: *** [<builtin>: a b] Error 126\n');
  assert.deepEqual(findUnstarted(text), {
    target: 'a b',
    status: 126,
    from: 'other: text\n'.length,
    to: text.length,
  });
});

for (const [what, text, argv, echo] of [
  ['a line for sh', 'cc -c a.c && true\n', ['/bin/sh', '-c', 'cc -c a.c && true'], 'cc -c a.c && true\n'],
  ['words', 'cc -c a.c\n', ['cc', '-c', 'a.c'], 'cc -c a.c\n'],
  ['words that were quoted', `echo 'a b' "c"\n`, ['echo', 'a b', 'c'], `echo 'a b' "c"\n`],
  ['after other text', 'make: Entering\ncc a.c\n', ['cc', 'a.c'], 'cc a.c\n'],
  ['before other text', 'cc a.c\nother\n', ['cc', 'a.c'], 'cc a.c\n'],
  [
    'several lines',
    'for i in 1 2; do \\\n  echo $i; \\\ndone\n',
    ['sh', '-c', 'for i in 1 2; do \\\n  echo $i; \\\ndone'],
    'for i in 1 2; do \\\n  echo $i; \\\ndone\n',
  ],
  ['with make’s own tab taken off', 'a \\\nb\n', ['sh', '-c', 'a \\\n\tb'], 'a \\\nb\n'],
  ['the last of two that are alike', 'x\nx\n', ['x'], 'x\n'],
  ['the whole of it, not its last word alone', 'echo\na\n', ['sh', '-c', 'echo\na'], 'echo\na\n'],
  ['UTF-8', 'echo größe\n', ['echo', 'größe'], 'echo größe\n'],
  ['not shown (@)', 'make: Entering\n', ['cc', 'a.c'], undefined],
  ['another command', 'cc b.c\n', ['cc', 'a.c'], undefined],
  ['part of a line', 'xcc a.c\n', ['cc', 'a.c'], undefined],
  ['a line that is not whole', 'cc a.c', ['cc', 'a.c'], undefined],
  ['nothing', '', ['cc', 'a.c'], undefined],
  ['an empty command', '\n', [''], undefined],
] as const)
  test(`the echo of a command: ${what}`, () => {
    const bytes = Buffer.from(text);
    const found = findEcho(bytes, argv);
    assert.equal(found && bytes.subarray(found.from, found.to).toString(), echo);
    if (what.startsWith('the last')) assert.equal(found?.to, bytes.length);
  });

test('about no target, and one with a line end at its beginning: nothing, at once', () => {
  const text = Buffer.from("make: *** [Makefile:1: a] Error 1\nmake: *** Deleting file 'a'\n\n\n");
  assert.deepEqual(findMessages(text, ''), []);
  assert.deepEqual(findMessages(text, '\n'), []);
});
