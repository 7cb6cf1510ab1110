// ctest: its tests are jobs with exactly their own output and ctest's verdict; what ctest itself writes is as
// without loglin.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { LOGLIN, type Tree, needs, tree } from '../rig/tree.ts';

const PROJECT = {
  'CTestTestfile.cmake': `
add_test(one "sh" "-c" "echo one; echo err >&2; sleep 0.05; echo last")
add_test(two "echo" "two words")
add_test(fails "sh" "-c" "echo bad: error; exit 3")
add_test([=[has blanks]=] "printf" "no newline")
add_test(will "false")
set_tests_properties(will PROPERTIES WILL_FAIL 1)
add_test(regex "echo" "nothing")
set_tests_properties(regex PROPERTIES PASS_REGULAR_EXPRESSION "something")
add_test(slow "sleep" "60")
set_tests_properties(slow PROPERTIES TIMEOUT 1)
add_test(missing "/nonexistent/program")
add_test(skips "sh" "-c" "echo no device; exit 77")
set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 77)
add_test(off "true")
set_tests_properties(off PROPERTIES DISABLED 1)
add_test(crash "sh" "-c" "kill -SEGV \\$\\$")
add_test(setup "false")
set_tests_properties(setup PROPERTIES FIXTURES_SETUP F)
add_test(user "true")
set_tests_properties(user PROPERTIES FIXTURES_REQUIRED F)
add_test(locked1 "echo" "first")
add_test(locked2 "echo" "second")
set_tests_properties(locked1 locked2 PROPERTIES RESOURCE_LOCK L)
`,
};

const OUTCOMES = {
  one: 'ok',
  two: 'ok',
  fails: 'exit 3',
  'has blanks': 'ok',
  will: 'ok',
  regex: 'exit 1',
  slow: 'SIGKILL',
  missing: 'exit 1',
  skips: 'skipped',
  off: 'skipped',
  crash: 'SIGSEGV',
  setup: 'exit 1',
  user: 'exit 1',
  locked1: 'ok',
  locked2: 'ok',
};

/** What differs from run to run: times, and with -j the order. */
function still(text: string, sorted = true): string {
  const lines = text
    .replaceAll(/\d+\.\d+ sec/g, 'T sec')
    .replaceAll(/^ *\d+\/(\d+) (Test)/gm, 'n/$1 $2')
    .replaceAll(/(Start testing|End testing|(?:start|end) time|time elapsed|Test time \(real\)).*/g, '$1')
    .replaceAll(/(timestamp|time|starttime|hostname)="[^"]*"/g, '$1')
    .replaceAll(/^-+$/gm, '-')
    .split('\n');
  return (sorted ? lines.sort() : lines).join('\n');
}

/** All lines without headers, and without what ctest puts before the tests' lines. */
function ownLines(text: string): string {
  return still(text.replaceAll(/^ *[▸✗].*\n/gm, '').replaceAll(/^\d+: /gm, ''));
}

async function outcomes(it: Tree): Promise<Record<string, string>> {
  const { stdout } = await it.run([LOGLIN, 'jobs', '--json']);
  const jobs = stdout
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          name: string;
          skipped?: true;
          status?: { exit?: number; signal?: number; name?: string };
        },
    );
  const list = jobs.flatMap(({ name = '', status, skipped }): [string, string][] => {
    if (!name.startsWith('test ')) return [];
    const signal = status?.signal === 9 ? 'SIGKILL' : status?.signal === 11 ? 'SIGSEGV' : '';
    const exit = status?.exit === 0 ? 'ok' : `exit ${String(status?.exit)}`;
    return [[name.slice(5), skipped ? 'skipped' : signal || exit]];
  });
  return Object.fromEntries(list);
}

for (const options of [
  '-j1',
  '-j4',
  '-j4 --output-on-failure --output-junit junit.xml',
  '-j4 -V --output-junit junit.xml',
  '-VV',
  '-Q',
  '-j2 --repeat until-pass:2 --timeout 1',
])
  test(`ctest ${options}: it writes the same, and each test is a job`, async (t) => {
    if (!needs(t, 'ctest')) return;
    const it = tree(t, PROJECT);
    const argv = ['ctest', ...options.split(' ')];
    const sorted = !options.startsWith('-j1') && !options.startsWith('-VV');
    const files = ['Testing/Temporary/LastTest.log', 'junit.xml', 'Testing/Temporary/LastTestsFailed.log'];
    const written = (): string[] =>
      files.map((file) => (it.has(file) ? still(it.read(file), sorted || file === 'junit.xml') : ''));
    // The second run is like the first one: ctest starts slow tests first, as it remembers them.
    await it.run(argv);
    fs.rmSync(it.path('Testing/Temporary/CTestCostData.txt'), { force: true });
    const plain = await it.run(argv, { merge: true });
    const plainFiles = written();
    fs.rmSync(it.path('Testing/Temporary/CTestCostData.txt'), { force: true });
    const wrapped = await it.run([LOGLIN, ...argv], { merge: true });
    assert.equal(wrapped.end, plain.end);
    assert.deepEqual(written(), plainFiles);
    assert.equal(ownLines(await it.show()), ownLines(plain.stdout));
    if (options === '-Q') return;
    const found = await outcomes(it);
    for (const [name, outcome] of Object.entries(OUTCOMES)) assert.equal(found[name], outcome, name);
    assert.equal(await it.show('test one'), '▸ test one\none\nerr\nlast\n');
    assert.equal(await it.show('test has blanks'), '▸ test has blanks\nno newline\n');
    assert.equal(await it.show('test skips'), '▸ test skips\nno device\n');
    assert.equal(await it.show('test fails'), '▸ test fails\nbad: error\n✗ test fails (exit 3)\n');
    await it.nothingLeft();
  });

test('ctest -j: the log is the same however the tests were ordered', async (t) => {
  if (!needs(t, 'ctest')) return;
  const names = ['first', 'second', 'third', 'fourth'];
  const it = tree(t, {
    'CTestTestfile.cmake': names
      .map((name, i) => `add_test(${name} "sh" "-c" "sleep 0.0${i}; echo ${name} says")\n`)
      .join(''),
  });
  for (const order of [[], ['--schedule-random'], ['-j1']]) {
    await it.run([LOGLIN, 'ctest', '-V', '-j4', ...order]);
    const shown = await it.show();
    const blocks = shown.split('\n').filter((line) => /^▸|says$/.test(line));
    assert.deepEqual(
      blocks,
      names.flatMap((name) => [`▸ test ${name}`, `${name} says`]),
      shown,
    );
  }
});

for (const [generator, argv] of [
  ['Unix Makefiles', ['make', 'test']],
  ['Ninja', ['ninja', 'test']],
  ['Ninja', ['cmake', '--build', '.', '--target', 'test']],
] as const)
  test(`ctest below ${argv.join(' ')}: tests are jobs of the target`, async (t) => {
    if (!needs(t, 'ctest', argv[0], generator === 'Ninja' ? 'ninja' : 'make')) return;
    const it = tree(t, {
      'CMakeLists.txt': `cmake_minimum_required(VERSION 3.10)
project(p NONE)
enable_testing()
add_test(NAME good COMMAND echo good says)
add_test(NAME bad COMMAND sh -c "echo bad says; exit 4")
`,
    });
    await it.run(['cmake', '-G', generator, '.']);
    const plain = await it.run([...argv], { merge: true });
    const wrapped = await it.run([LOGLIN, ...argv], { merge: true });
    assert.equal(wrapped.end, plain.end);
    assert.deepEqual(await outcomes(it), { good: 'ok', bad: 'exit 4' });
    assert.equal(await it.show('test good'), '▸ test good\ngood says\n');
    assert.match(wrapped.stdout, /✗ test bad \(exit 4\)\n.*\n {2}\$ echo bad says; exit 4\nbad says\n/);
    const shown = still((await it.show()).replaceAll(/^ *[▸✗].*\n/gm, '')).split('\n');
    for (const line of still(plain.stdout).split('\n'))
      if (/Start|Test/.test(line)) assert.ok(shown.includes(line), `${line}\n${shown.join('\n')}`);
  });

test('ctest: what tests run is split; what they leave behind, print without end or in a pipe, is theirs', async (t) => {
  if (!needs(t, 'ctest', 'make')) return;
  const it = tree(t, {
    Makefile: 'all: x\n\t@echo done\nx:\n\t@echo making x\n',
    // ctest has read what stands before it: until then nobody knows of it.
    nested: `#!/bin/sh\necho before; sleep 1\n"${LOGLIN}" -t inner echo inside\necho after\n`,
    'CTestTestfile.cmake': `
add_test(makes "make" "--no-print-directory")
add_test(nested "./nested")
add_test(leaves "sh" "-c" "(sleep 0.3; echo late) & echo now")
add_test(big "seq" "1" "50000")
add_test(pipes "sh" "-c" "make --no-print-directory | cat")
`,
  });
  const plain = await it.run(['ctest', '-j3'], { merge: true });
  // A loglin that is not nested prints headers.
  const written = (): string => ownLines(it.read('Testing/Temporary/LastTest.log'));
  const log = written();
  const wrapped = await it.run([LOGLIN, 'ctest', '-j3'], { merge: true });
  assert.equal(written(), log);
  assert.equal(ownLines(wrapped.stdout), ownLines(plain.stdout));
  assert.equal(ownLines(await it.show()), ownLines(plain.stdout));
  const numbers = Array.from({ length: 50_000 }, (_, i) => `${i + 1}\n`).join('');
  assert.equal(await it.show('test big'), `▸ test big\n${numbers}`);
  assert.equal(await it.show('test leaves'), '▸ test leaves\nnow\nlate\n');
  assert.equal(
    await it.show('test nested'),
    '▸ test nested\nbefore\n  ▸ inner\ninside\n▸ test nested (resumed)\nafter\n',
  );
  assert.match(await it.show('test makes'), /^▸ test makes\n.*▸ x.*\nmaking x\n.*\ndone\n$/s);
  assert.match(await it.show('test pipes'), /making x\n.*done\n/s);
  await it.nothingLeft();
});

test('ctest behind a pipe: its reader gets the same, and tests are jobs', async (t) => {
  if (!needs(t, 'ctest')) return;
  const it = tree(t, PROJECT);
  const command = 'ctest -j2 --output-on-failure -R "one|two|fails" | tee log';
  await it.run(['sh', '-c', command]);
  const plain = still(it.read('log'));
  await it.run([LOGLIN, 'sh', '-c', command]);
  assert.equal(still(it.read('log')), plain);
  assert.deepEqual(await outcomes(it), { one: 'ok', two: 'ok', fails: 'exit 3' });
  assert.equal(await it.show('test one'), '▸ test one\none\nerr\nlast\n');
});

test('ctest: its tests end as without loglin when the recorder is killed', async (t) => {
  if (!needs(t, 'ctest')) return;
  const it = tree(t, {
    'CTestTestfile.cmake': `
add_test(waits "sh" "-c" "echo begins; : >begun; while ! test -e go; do sleep 0.05; done; echo ends")
add_test(after "echo" "after")
set_tests_properties(after PROPERTIES DEPENDS waits)
`,
    run: '#!/bin/sh\nctest -V >out 2>&1\necho $? >status\n',
  });
  const started = it.start([LOGLIN, './run']);
  await it.file('begun');
  process.kill(started.pid, 'SIGKILL');
  await started.ended;
  it.write({ go: '' });
  assert.equal(await it.line('status'), '0');
  assert.match(it.read('out'), /^1: begins\n1: ends\n[^]*^2: after\n[^]*100% tests passed/m);
});
