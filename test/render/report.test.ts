// The lines of a failed job's log that the report repeats.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorLines, failureReport, lineByItself, likelyErrorLines } from '../../src/render/report.ts';
import type { Status } from '../../src/model/events.ts';
import { Story } from '../rig/story.ts';

test('the report shows the first error and the lines after it', () => {
  const log =
    'cc -c a.c\na.c:1: warning: unused\na.c:2: error: oops\n  2 | oops\nmake: *** [Makefile:1: a.o] Error 1\n';
  assert.deepEqual(likelyErrorLines(log), [
    'a.c:2: error: oops',
    '  2 | oops',
    'make: *** [Makefile:1: a.o] Error 1',
  ]);
});

test('an error is found even directly after a colour sequence, as compilers write it', () => {
  for (const colour of ['\x1b[31m', '\x1b[01;31m\x1b[K'])
    assert.deepEqual(likelyErrorLines(`cc -c a.c\n\na.c:2: ${colour}error:\x1b[0m oops\n  2 | oops\n\n`), [
      `a.c:2: ${colour}error:\x1b[0m oops`,
      '  2 | oops',
    ]);
});

test('without a clear error, a line with a word of errors is used; else the last lines', () => {
  assert.deepEqual(likelyErrorLines('one\nld: cannot find -lfoo\ntwo\n'), ['ld: cannot find -lfoo', 'two']);
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  assert.equal(likelyErrorLines(`${lines.join('\n')}\n\n`).at(-1), 'line 49');
  assert.deepEqual(likelyErrorLines(''), []);
});

test('a clear error takes precedence over a possible one above it', () => {
  for (const error of ['a.c:2: error: oops', 'error[E0308]: mismatched types', 'a.c:1: fatal error stops it'])
    assert.deepEqual(likelyErrorLines(`cannot find a cache\n0 failed\n${error}\nrest\n`), [error, 'rest']);
});

test('the lines of an error are taken from its start, or around its message', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
  const text = `${lines.join('\n')}\n\n`;
  assert.deepEqual(errorLines(text, 0), lines.slice(0, 8));
  assert.deepEqual(errorLines(text, 7), lines.slice(0, 8));
  assert.deepEqual(errorLines(text, 20), lines.slice(15, 23));
  assert.deepEqual(errorLines(text, 29), lines.slice(22, 30));
  assert.deepEqual(errorLines('one\ntwo\n', 1), ['one', 'two']);
});

test('a single line is shown in its last state, with its colour turned off', () => {
  for (const [line, shown] of [
    ['text  ', 'text'],
    ['10%\r100%\r', '100%'],
    ['good\r\x1b[31mbad', '\x1b[31mbad\x1b[0m'],
    ['\x1b[31mbad\x1b[0m', '\x1b[31mbad\x1b[0m'],
    ['\x1b[31mbad\x1b[m text', '\x1b[31mbad\x1b[m text'],
  ] as const)
    assert.equal(lineByItself(line), shown);
});

test('the suggested command names the job as loglin show does', () => {
  const { build } = new Story('sh')
    .start('a\x1b')
    .end('a\x1b', { exit: 2 })
    .start('-b', { as: 'b' })
    .end('b', { exit: 1 });
  const [, first, second] = build.jobs;
  const report = failureReport(
    [
      {
        job: first!,
        name: 'a\x1b',
        showName: 'a\x1b#2',
        path: [],
        lines: ['said'],
        error: undefined,
        also: [],
      },
      { job: second!, name: '-b', showName: '-b', path: [], lines: [], error: undefined, also: [] },
    ],
    {
      alone: 2,
      ascii: true,
      colour: false,
      jobs: 2,
      failed: 2,
      status: { exit: 1 },
      command: 'sh',
      commandLog: [],
    },
  );
  assert.equal(
    report,
    String.raw`
2 of 2 jobs failed

x a\x1b (exit 2)
said
  loglin show "$(printf 'a\033#2')"

x -b (exit 1)
  loglin show -- -b
`,
  );
});

test('the same error in several jobs is one block that names the others', () => {
  const { build } = new Story('sh').start('a').end('a', { exit: 2 });
  const [, job] = build.jobs;
  const others = Array.from({ length: 40 }, (_, i) => `dir/other-${i}.o`);
  const report = (also: string[], alone: number): string =>
    failureReport(
      [{ job: job!, name: 'a', showName: 'a', path: [], lines: ['said'], error: undefined, also }],
      {
        alone,
        ascii: true,
        colour: false,
        jobs: 50,
        failed: alone,
        status: { exit: 1 },
        command: 'sh',
        commandLog: [],
      },
    );
  assert.match(report(['b'], 2), /\nsaid\n {2}also in 1 other job: b\n {2}loglin show a\n$/);
  assert.match(report(['b', 'c\n'], 3), /\n {2}also in 2 other jobs: b, c\\n\n/);
  const many =
    /\n {2}(also in 40 other jobs: .*, …)\n {2}loglin show a\n\nand 2 more: loglin show --failed\n$/;
  const [, line = ''] = many.exec(report(others, 43)) ?? [];
  assert.ok(line.length > 80 && line.length < 140, line);
  assert.ok(report(['x'.repeat(500)], 2).includes(`: ${'x'.repeat(500)}\n`));
});

test('a command that fails although no job does shows its own error, unless it was stopped', () => {
  const report = (status: Status, commandLog: string[]): string =>
    failureReport([], {
      alone: 0,
      ascii: true,
      colour: false,
      jobs: 0,
      failed: 0,
      status,
      command: 'pytest',
      commandLog: commandLog,
    });
  assert.equal(report({ exit: 3 }, []), '\nx pytest (exit 3)\n');
  assert.equal(report({ exit: 3 }, ['a.py:3: no']), '\nx pytest (exit 3)\na.py:3: no\n  loglin show\n');
  assert.equal(report({ signal: 11 }, []), '\nx pytest (SIGSEGV)\n');
  for (const signal of [1, 2, 3, 13, 15]) assert.equal(report({ signal }, ['no']), '');
});
