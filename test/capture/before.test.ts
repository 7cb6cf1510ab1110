// LOGLIN_WAS: parsed if it is valid. An invalid note changes nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNKNOWN, parseBefore } from '../../src/capture/launch/before.ts';
import { prelude } from '../../src/capture/launch/launch.ts';

const hex = (...entries: string[]): string =>
  Buffer.from(entries.map((entry) => `${entry}\0`).join('')).toString('hex');

test('a note is parsed', () => {
  const noted = `1//1024/8001/0//${hex('+a.b=1', '-SHLVL', '+E=')}/.`;
  assert.deepEqual(parseBefore(noted), {
    noted,
    openFiles: '1024',
    ignored: [1, 16],
    descriptors: [],
    environment: [
      { name: 'a.b', entry: Buffer.from('a.b=1') },
      { name: 'SHLVL', entry: undefined },
      { name: 'E', entry: Buffer.from('E=') },
    ],
    stdinClosed: false,
    withoutLauncher: false,
  });
  assert.equal(parseBefore('1///0/0///./0').openFiles, 'unlimited');
  assert.equal(parseBefore('1///0/0///./0').stdinClosed, true);
});

test('an incomplete environment is left alone; the rest is restored', () => {
  for (const end of ['', '/', '/x', '/..']) {
    const { environment, openFiles } = parseBefore(`1//64/0/0//${hex('+a.b=1')}${end}`);
    assert.deepEqual([environment, openFiles], [[], '64'], end);
  }
  for (const odd of ['2b6', 'zz', '2B', '2b41 00'])
    assert.deepEqual(parseBefore(`1//64/0/0//${odd}/.`).environment, [], odd);
});

test('an invalid note changes nothing', () => {
  for (const noted of [
    '',
    '2//64/0/0//./.',
    'x',
    '1',
    '1//many/0/0///.',
    '1//64/g/0///.',
    '/dev/shm/loglin.1.env',
  ])
    assert.deepEqual(
      { ...parseBefore(noted), noted: undefined },
      { ...UNKNOWN, noted: undefined, ...(noted === '1' && { openFiles: 'unlimited' }) },
      noted,
    );
});

test('descriptors that are not open are not passed on', () => {
  assert.deepEqual(parseBefore('1//64/0/0/0 1 2 -1 x 9999 1e3///.').descriptors, []);
});

test('by sh: the words restore variables of any bytes; those of the build take precedence', () => {
  const was = parseBefore(`1//512/4/0//${hex("+a.b=it's", '+LD_PRELOAD=theirs', '-SHLVL', '-x.y')}/.`);
  assert.equal(
    prelude(was, [Buffer.from('make'), Buffer.from('a b'), Buffer.from([0x61, 0xff])], {
      LD_PRELOAD: 'ours',
    }),
    [
      'ulimit -S -n 512',
      "trap '' 3",
      String.raw`ll_word0=$(printf '\141\377.')`,
      String.raw`exec env -u SHLVL 'a.b=it'\''s' 'make' 'a b' "${'${ll_word0%.}'}"`,
    ].join('\n'),
  );
  assert.equal(prelude(UNKNOWN, [Buffer.from('make')], {}), "exec 'make'");
});
