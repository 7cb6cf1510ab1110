// Formats of values: commands, shell words, durations, sizes, exit statuses.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { escapeName } from '../../src/model/printable.ts';
import {
  age,
  byteCount,
  textSize,
  commandLine,
  duration,
  memorySize,
  shellWord,
  statusText,
  targetWord,
  wholeSeconds,
} from '../../src/render/formats.ts';
import { HOSTILE } from '../rig/hostile.ts';

for (const [argv, line] of [
  [['cc', '-c', 'a.c'], 'cc -c a.c'],
  [['/bin/sh', '-c', 'a | b'], 'a | b'],
  [['bash', '-eu', '-o', 'pipefail', '-c', 'a | b'], 'a | b'],
  [['/bin/sh', '-ec', 'a'], 'a'],
  [['sh', 'script.sh', 'a b'], `sh script.sh 'a b'`],
  [['echo', `it's`, '', '$x', '~'], String.raw`echo 'it'\''s' '' '$x' '~'`],
  [['python3', '-c', 'print(1)'], `python3 -c 'print(1)'`],
] as const)
  test(`a command as one would type it: ${line}`, () => {
    assert.equal(commandLine(argv), line);
  });

for (const [ms, text] of [
  [0, '0.00s'],
  [999, '1.00s'],
  [1234, '1.23s'],
  [59_990, '59.99s'],
  [59_999, '1m00s'],
  [60_000, '1m00s'],
  [3_599_000, '59m59s'],
  [3_599_999, '1h00m'],
  [7_260_000, '2h01m'],
] as const)
  test(`a duration of ${ms} ms is ${text}`, () => {
    assert.equal(duration(ms), text);
  });

test('exit statuses in words', () => {
  assert.equal(statusText({ exit: 0 }), 'exit 0');
  assert.equal(statusText({ exit: 127 }), 'exit 127');
  assert.equal(statusText({ signal: 9 }), 'SIGKILL');
  assert.equal(statusText({ signal: 64 }), 'signal 64');
});

test('byte counts have at most four characters', () => {
  const counts: [number, string][] = [
    [0, '0'],
    [999, '999'],
    [1000, '1.0k'],
    [9949, '9.9k'],
    [9950, '10k'],
    [999_499, '999k'],
    [999_500, '1.0M'],
    [1e9, '1.0G'],
    [2.5e12, '2.5T'],
  ];
  for (const [bytes, text] of counts) assert.equal(byteCount(bytes), text);
});

for (const [kib, text] of [
  [0, '0.0MB'],
  [1000, '1.0MB'],
  [9765, '10.0MB'],
  [9766, '10MB'],
  [2_000_000, '2048MB'],
] as const)
  test(`memory of ${kib} KiB is ${text}`, () => {
    assert.equal(memorySize(kib), text);
  });

for (const [ms, ticking, ago] of [
  [-1, '0s', '0s'],
  [59_999, '59s', '59s'],
  [60_000, '1m00s', '1m'],
  [3_599_999, '59m59s', '59m'],
  [86_399_999, '23h59m', '23h'],
  [90_000_000, '25h00m', '1d'],
] as const)
  test(`${ms} ms so far are ${ticking}, and ${ago} ago`, () => {
    assert.deepEqual([wholeSeconds(ms), age(ms)], [ticking, ago]);
  });

const SHELLS = ['dash', 'bash', 'zsh', 'fish'].filter(
  (shell) => spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0,
);

/** The arguments that a shell reads from a line. */
function words(shell: string, line: string): string[] {
  const { stdout, stderr, status } = spawnSync(shell, ['-c', `printf '%s\\0' ${line}`], {
    encoding: 'buffer',
  });
  assert.deepEqual([status, stderr.toString()], [0, ''], `${shell}: ${line}`);
  return stdout.toString().split('\0').slice(0, -1);
}

test('a quoted shell word is read back as that word', () => {
  for (const name of HOSTILE)
    if (!/\0|\p{Cs}/u.test(name)) assert.deepEqual(words('sh', `x ${shellWord(name)}`), ['x', name]);
  assert.equal(shellWord('src/a-b.o#2'), 'src/a-b.o#2');
  assert.equal(shellWord('#a'), "'#a'");
  assert.equal(shellWord('=ls'), "'=ls'");
});

test('a target word for loglin show is that target, or its displayed form, in each shell; and is printable', () => {
  assert.ok(SHELLS.length > 0);
  for (const name of HOSTILE) {
    const word = targetWord(name);
    assert.equal(escapeName(word), word);
    const expected = /\0|\p{Cs}|\n$/u.test(name) ? escapeName(name) : name;
    for (const shell of SHELLS)
      assert.deepEqual(
        words(shell, `show ${word}`),
        ['show', ...(name.startsWith('-') ? ['--'] : []), expected],
        `${shell}: ${word}`,
      );
  }
});

test("a target word survives an interactive shell's history expansion", () => {
  assert.equal(targetWord('a!\n-b'), String.raw`"$(printf 'a\041\012\055b')"`);
  assert.equal(targetWord('a!b'), "'a!b'");
});

test('what was left out of a text is counted in lines and bytes, with units', () => {
  assert.equal(textSize(1, 1), '1 line (1 byte)');
  assert.equal(textSize(20, 878), '20 lines (878 bytes)');
  assert.equal(textSize(300, 4100), '300 lines (4.1k)');
});
