// What a coding agent gets of a build: a summary within a budget, the verdict last.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { copyDemo } from '../rig/demo.ts';
import { LOGLIN, type Tree, tree } from '../rig/tree.ts';

/** The id of the last build. */
const lastId = (it: Tree): string => fs.readdirSync(it.path('.loglin/builds')).sort().at(-1)!;

test('agent: of the demo that fails it gets the cause and the verdict, of one that ends well a line', async (t) => {
  const it = tree(t, {});
  copyDemo(it.path('.'));
  const bad = await it.run([LOGLIN, '--agent', 'make', '-s', '-j4', 'FAIL=1']);
  const id = lastId(it);
  assert.equal(bad.end, 'exit 2');
  assert.equal(bad.stderr, `loglin: build ${id}: make -s -j4 FAIL=1\n`);
  const lines = bad.stdout.split('\n');
  assert.deepEqual(lines.slice(0, 9), [
    '✗ app/broken (exit 1)',
    '  all → app → app/all → app/broken',
    '  $ sh ../tools/cc.sh -Wall -O2 -c -o broken.o broken.c',
    "app/broken.c:6:50: error: 'const struct list' has no member named 'size'",
    '    6 |     for (; list; list = list->next) sum += list->size;',
    '      |                                                  ^',
    '1 more error:',
    "app/broken.c:7:12: error: expected ';' before '}' token",
    '7 warnings:',
  ]);
  assert.match(
    lines.at(-2)!,
    /^loglin: FAILED \(exit 2\), 1 of \d+ jobs by itself, in \S+; loglin show -b \S+ app\/broken has all of it$/,
  );
  const again = await it.sh(/show -b .*broken/.exec(lines.at(-2)!)![0].replace('show', '"$LOGLIN_BIN" show'));
  assert.match(again.stdout, /^broken\.c:6:50: error: /m);

  await it.sh('make -s clean');
  const good = await it.run([LOGLIN, '--agent', 'make', '-j4']);
  assert.equal(good.end, 'exit 0');
  assert.match(
    good.stdout,
    /^loglin: ok, \d+ jobs in \S+, \d+ warnings?( \(none new\))?; loglin show -b \S+ has the log\n$/,
  );
});

test('agent: thirteen copies of one error are one failure; of 5,000 new warnings ten are listed, the rest is counted', async (t) => {
  const objects = Array.from({ length: 13 }, (_, i) => `f${i}.o`).join(' ');
  const it = tree(t, {
    Makefile: `.PHONY: all\nall: ${objects} warned\n%.o:\n\t@sh cc $*.c\nwarned:\n\t@cat warnings\n`,
    cc: 'echo "In file included from $1:1:"; echo "x.h:3:1: error: unknown type name"; exit 1\n',
    warnings: '',
  });
  await it.run([LOGLIN, '-q', 'make', '-k']);
  it.write({
    warnings: Array.from(
      { length: 5000 },
      (_, i) => `w.c:${i + 1}:1: warning: unused variable 'v${i}'\n`,
    ).join(''),
  });
  const { stdout, end } = await it.run([LOGLIN, '--agent', 'make', '-k', '-j4']);
  const id = lastId(it);
  assert.equal(end, 'exit 2');
  assert.ok(Buffer.byteLength(stdout) <= 8192);
  assert.equal(stdout.match(/x\.h:3:1: error/g)?.length, 1, stdout);
  assert.match(stdout, /^✗ f0\.o \(exit 1\), also in 12 other jobs: f1\.o, f2\.o, .*$/m);
  assert.match(
    stdout,
    new RegExp(`^5000 new warnings, 10 of them here; all: loglin problems -b ${id} --warnings --new$`, 'm'),
  );
  assert.equal(stdout.match(/unused variable/g)?.length, 10);
  assert.match(stdout, /^loglin: FAILED \(exit 2\), 13 of 14 jobs by themselves, .*\n$/m);

  const small = await it.run([LOGLIN, '--agent', '--budget=320', 'make', '-k', '-j4']);
  assert.ok(Buffer.byteLength(small.stdout) <= 320, small.stdout);
  assert.match(
    small.stdout,
    /^✗ f0\.o [^]*lines left out: loglin show -b \S+ --failed\nloglin: FAILED .*\n$/,
  );
});

test('agent: warnings are in the order of the log, whatever ran first', async (t) => {
  const it = tree(t, {
    Makefile: `all: a b bad
a: below
below: ; @sleep 0.3; echo 'below.c:1:1: warning: second'
a: ; @echo 'a.c:1:1: warning: first'
b: ; @echo 'b.c:1:1: warning: third'
bad: ; @seq 9; exit 1
`,
  });
  const { stdout } = await it.run([LOGLIN, '--agent', 'make', '-k', '-j2']);
  assert.deepEqual(stdout.match(/warning: \w+/g), ['warning: first', 'warning: second', 'warning: third']);
});

test('agent: a short text is printed whole, also that of a command that is no build', async (t) => {
  const it = tree(t, { Makefile: 'version:\n\t@echo 1.4.2\n' });
  const { stdout } = await it.run([LOGLIN, '--agent', 'make', 'version']);
  assert.match(stdout, /^▸ version\n1\.4\.2\nloglin: ok, 1 job in /);
  const raw = await it.run([LOGLIN, '--agent', 'printf', 'no newline']);
  assert.match(raw.stdout, /^no newline\nloglin: ok, 0 jobs in /);
  const wrong = await it.run([LOGLIN, '--agent', 'make', 'nothing']);
  assert.match(wrong.stdout, /^make: \*\*\* No rule .*\nloglin: FAILED \(exit 2\), no job ran, in .*\n$/);
});

test('agent: each variable of an agent turns it on; --no-agent, LOGLIN_AGENT=0 and other forms do not', async (t) => {
  const it = tree(t, { Makefile: 'a:\n\t@seq 300\n' });
  const run = async (env: Readonly<Record<string, string>>, ...options: string[]): Promise<string> =>
    (await it.run([LOGLIN, ...options, 'make'], { env: { LOGLIN_AGENT: '', ...env } })).stdout;
  for (const name of ['AI_AGENT', 'AGENT', 'CLAUDECODE', 'CURSOR_AGENT', 'GEMINI_CLI', 'CODEX_SANDBOX'])
    assert.match(await run({ [name]: '1' }), /^loglin: ok, 1 job in .*\n$/, name);
  const log = `▸ a\n${Array.from({ length: 300 }, (_, i) => `${i + 1}\n`).join('')}`;
  assert.equal(await run({}), log);
  assert.equal(await run({ CLAUDECODE: '0' }), log);
  assert.equal(await run({ CLAUDECODE: '1', LOGLIN_AGENT: '0' }), log);
  assert.equal(await run({ CLAUDECODE: '1' }, '--no-agent'), log);
  assert.match(await run({ LOGLIN_AGENT: '1' }), /^loglin: ok/);
  assert.match(await run({ CLAUDECODE: '1' }, '--prefix'), /^a: 1$/m);
  assert.match(await run({ CLAUDECODE: '1' }, '--json'), /^\{/);
  assert.match(await run({ CLAUDECODE: '1' }, '--ci=github'), /^::group::a\n/);
  assert.match(await run({ CLAUDECODE: '1' }, '--ci=auto'), /^loglin: ok/);
  const { stderr, end } = await it.run([LOGLIN, '--agent', '--json', 'make']);
  assert.deepEqual(
    [end, stderr],
    ['exit 125', 'loglin: --agent prints no log: it goes with no option on how to print one\n'],
  );
});

test('agent: a build that is stopped says where it was, and ends as it would', async (t) => {
  const it = tree(t, { Makefile: 'all: quick hangs\nquick:\n\t@seq 300\nhangs:\n\t@touch here; sleep 60\n' });
  const started = it.start([LOGLIN, '--agent', 'make', '-j2']);
  await it.file('here');
  started.child.kill('SIGTERM');
  const { stdout, end } = await started.ended;
  assert.match(
    stdout,
    /^loglin: STOPPED \(.*\) after \S+, 2 jobs, at hangs; loglin show -b \S+ has the log\n$/m,
  );
  assert.notEqual(end, 'exit 0');
});

test('agent: it hears of a silent build every ten seconds, and of one that prints', async (t) => {
  const it = tree(t, { Makefile: 'a:\n\t@for i in 1 2 3 4 5 6 7 8 9 10 11; do echo $$i; sleep 1; done\n' });
  const { stderr } = await it.run([LOGLIN, '--agent', 'make']);
  assert.match(stderr, /^loglin: build .*\nloglin: 1\ds, 0 done, running: a 1\ds\n$/);
});

test('show --agent: the start and the end of a long log, and what prints the rest', async (t) => {
  const it = tree(t, { Makefile: 'a b:\n\t@seq -f "$@ %05.0f" 5000\n' });
  await it.run([LOGLIN, '-q', 'make', 'a', 'b']);
  const shown = await it.run([LOGLIN, 'show', '--agent', '--budget=1000', 'a']);
  assert.equal(shown.end, 'exit 0');
  assert.ok(Buffer.byteLength(shown.stdout) <= 1000);
  const id = lastId(it);
  const [, start = '', left, end = ''] =
    /^([^]*?)\.\.\. (\d+) lines \(\S+\) left out; all of it: loglin show -b \S+ a; its errors: loglin problems -b \S+ a\n([^]*)$/.exec(
      shown.stdout,
    ) ?? [];
  assert.match(start, /^▸ a\na 00001\na 00002\n/);
  assert.match(end, /\na 04999\na 05000\n$/);
  assert.equal(start.split('\n').length - 1 + Number(left) + end.split('\n').length - 1, 5001);
  assert.ok(shown.stdout.includes(`-b ${id} a`));
  const whole = await it.run([LOGLIN, 'show', '--agent', '--budget=1000000', 'a']);
  assert.equal(whole.stdout, await it.show('a'));
  const json = await it.run([LOGLIN, 'show', '--agent', '--json']);
  assert.equal(json.end, 'exit 125');
});

test('show -f --agent: the same of a build that runs, when it has ended', async (t) => {
  const it = tree(t, { Makefile: 'a:\n\t@seq 5000; touch here; while test -e here; do sleep 0.1; done\n' });
  const build = it.start([LOGLIN, '-q', 'make']);
  await it.file('here');
  const following = it.start([LOGLIN, 'show', '-f', '--agent', '--budget=300']);
  // That it has looked shows in nothing that it prints.
  await setTimeout(500);
  fs.rmSync(it.path('here'));
  const { stdout, end } = await following.ended;
  await build.ended;
  assert.equal(end, 'exit 0');
  assert.ok(Buffer.byteLength(stdout) <= 300, stdout);
  assert.match(stdout, /^▸ a\n1\n[^]*\n\.\.\. \d+ lines [^]*\n5000\n$/);
});

test('problems --agent: errors first, what fits, and how many there are as the last line', async (t) => {
  const it = tree(t, {
    Makefile:
      'a:\n\t@for i in $$(seq 200); do echo "w.c:$$i:1: warning: odd $$i"; done; echo "e.c:1:1: error: wrong"; exit 1\n',
  });
  await it.run([LOGLIN, '-q', 'make']);
  const { stdout } = await it.run([LOGLIN, 'problems', '--agent', '--budget=500']);
  const lines = stdout.split('\n').slice(0, -1);
  assert.ok(Buffer.byteLength(stdout) <= 500);
  assert.equal(lines[0], 'e.c:1:1: error: wrong (a)');
  assert.equal(lines[1], 'w.c:1:1: warning: odd 1 (a)');
  assert.equal(
    lines.at(-1),
    `loglin: 1 error, 200 warnings in 1 job; ${201 - (lines.length - 1)} left out: loglin problems -b ${lastId(it)}`,
  );
  const part = await it.run([LOGLIN, 'problems', '--agent', '--budget=200', '--warnings', 'a']);
  assert.match(part.stdout, / left out: loglin problems -b \S+ --warnings -- a\n$/);
  const json = await it.run([LOGLIN, 'problems', '--agent', '--json']);
  assert.equal(json.end, 'exit 125');
});

test('loglin make | tail -5 still says what failed', async (t) => {
  const it = tree(t, {});
  copyDemo(it.path('.'));
  const { stdout } = await it.sh('"$LOGLIN_BIN" make -s -j4 FAIL=1 | tail -5');
  assert.match(stdout, /^app\/broken\.c:6:50: error: /m);
  assert.match(stdout, /^ {2}loglin show app\/broken\n$/m);
});
