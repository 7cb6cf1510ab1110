// GNU parallel: its jobs have a log each, and everything that it does itself is as without loglin.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { LOGLIN, type Tree, needs, tree, until } from '../rig/tree.ts';

/** parallel's notice for those who have not said that they will cite it. */
const home = (it: Tree): Record<string, string> => {
  it.write({ 'home/.parallel/will-cite': '' });
  return { HOME: it.path('home') };
};

const headers = (text: string): string[] => text.split('\n').filter((line) => /^ *[▸✗]/.test(line));
const sorted = (text: string): string[] => text.split('\n').filter(Boolean).sort();

test('parallel: jobs are named by their command, come in the order in which they started, and are streamed', async (t) => {
  if (!needs(t, 'parallel')) return;
  const it = tree(t, {
    'job.sh': `#!/bin/sh
echo "$1 begins"; echo "$1 warns" >&2; echo >$1.begun
while ! test -e $1.go; do sleep 0.02; done
echo "$1 ends"
`,
  });
  const out = fs.openSync(it.path('out'), 'w');
  const started = it.start([LOGLIN, 'parallel', '-j2', './job.sh', ':::', 'a', 'b'], {
    stdout: out,
    env: home(it),
  });
  await it.file('a.begun');
  await it.file('b.begun');
  // The first job streams, though parallel itself would print it at its end; the second waits.
  await until('a is seen', () => it.read('out').includes('a warns'));
  assert.equal(it.read('out'), '▸ ./job.sh a\na begins\na warns\n');
  it.write({ 'b.go': '', 'a.go': '' });
  const { end } = await started.ended;
  fs.closeSync(out);
  assert.equal(end, 'exit 0');
  const all = '▸ ./job.sh a\na begins\na warns\na ends\n▸ ./job.sh b\nb begins\nb warns\nb ends\n';
  assert.equal(it.read('out'), all);
  assert.equal(await it.show(), all);
  await it.nothingLeft();
});

// Each runs plain and under loglin. The output is the same line by line (lines of different jobs in any
// order); so are the status, the job log except for times (its lines are in the order in which jobs end,
// hence -j1), and the files.
const ALIKE: readonly (readonly [options: string, jobs: number, stdin?: string])[] = [
  ["-j4 'echo out {}; echo err {} >&2' ::: 1 2 3 4 5", 5],
  ["-k -j4 'echo out {}' ::: 1 2 3", 3],
  ["-u 'echo out {}; echo err >&2' ::: 1 2", 2],
  ["--line-buffer -j3 'echo a {}; echo b {}' ::: 1 2 3", 3],
  ["--tag 'echo a; echo b >&2' ::: 1 2", 2],
  ["--tagstring '<{}>' -k 'echo a; printf unfinished' ::: 1 2", 2],
  ["-j1 --joblog log 'echo {}; exit {}' ::: 0 3 1", 3],
  ["-j1 -u --joblog log 'echo {}; exit {}' ::: 0 3 1", 3],
  ["-j1 -k --joblog log 'echo {}; kill -9 $$' ::: 1 2", 2],
  ["--results res 'echo {}; echo e >&2' ::: 1 2", 2],
  ["--retries 3 'echo try; echo x >>tried; exit 2' ::: 1", 3],
  ["--compress 'seq {}' ::: 100 200", 2],
  ['--pipe -N2 wc -l', 3, '1\n2\n3\n4\n5\n'],
  ['-X -j2 echo', 2, '1\n2\n3\n4\n'],
  ['-N2 echo {1}-{2}', 2, '1\n2\n3\n4\n'],
  ["--colsep , 'echo {2} {1}'", 2, 'a,b\nc,d\n'],
  ["'echo {#} {%} {/.}' ::: dir/one.c", 1],
  ["-q echo 'a  b' {} ::: \"it's\" 'a\"b' '$HOME' 'two  blanks' 'ünï' ';x' '`id`'", 7],
  ["echo {} ::: \"it's\" 'a\"b' '$HOME' 'two  blanks' 'ünï' ';x' '`id`' '*'", 8],
  ["-v 'echo {}' ::: 1 2", 2],
  ["--dry-run 'echo {}' ::: 1 2", 0],
  ["--halt soon,fail=1 -j1 'echo {}; exit {}' ::: 0 2 0", 2],
  ["--halt now,fail=1 -j1 'echo {}; exit {}' ::: 0 2 0", 2],
  ["--timeout 0.3 'echo {}; sleep {}' ::: 0 30", 2],
  ["-S 2/: 'echo {}' ::: 1 2", 2],
  ["--nice 5 --delay 0.01 'echo {}; nice' ::: 1", 1],
  ["'echo $PARALLEL_SEQ $PARALLEL_JOBSLOT' ::: 1", 1],
  ['-j0 nothing-there ::: 1', 1],
  // parallel starts one job too many, which gets no input.
  ["--cat 'cat {}'", 2, 'text\n'],
  ["'cat; exit 101' ::: 1", 1, 'nobody reads this\n'],
];

for (const [options, jobs, input] of ALIKE)
  test(`parallel: it behaves as without loglin: ${options}`, async (t) => {
    if (!needs(t, 'parallel')) return;
    const it = tree(t, { input: input ?? '' });
    const env = home(it);
    const run = async (where: string, before: string[]): Promise<{ end: string; stdout: string }> => {
      fs.mkdirSync(it.path(where));
      const script = `exec ${before.map((word) => `'${word}'`).join(' ')} parallel ${options} <../input`;
      return it.run(['sh', '-c', script], { cwd: it.path(where), env, merge: true });
    };
    const plain = await run('plain', []);
    const { end } = await run('wrapped', [LOGLIN, '--store', it.path('.loglin')]);
    assert.equal(end, plain.end);
    const shown = await it.show('--raw', '--no-pager');
    assert.deepEqual(sorted(shown), sorted(plain.stdout));
    const names = headers(await it.show()).filter(
      (line) => line.includes('▸') && !line.includes('(resumed)'),
    );
    assert.equal(names.length, jobs, names.join('\n'));
    const contents = (folder: string): Record<string, string> =>
      Object.fromEntries(
        Object.entries(it.contents())
          .filter(([name]) => name.startsWith(`${folder}/`))
          .map(([name, text]) => [name.slice(folder.length), name.endsWith('/log') ? untimed(text) : text]),
      );
    assert.deepEqual(contents('wrapped'), contents('plain'));
    await it.nothingLeft();
  });

/** Seq, Host, Starttime, JobRuntime, Send, Receive, Exitval, Signal, Command. */
const untimed = (log: string): string =>
  log
    .split('\n')
    .map((line) => line.split('\t').toSpliced(2, 2).join('\t'))
    .join('\n');

test('parallel: jobs have their statuses: an exit, a signal, a timeout', async (t) => {
  if (!needs(t, 'parallel')) return;
  const it = tree(t, {});
  const commands = ['exit 3', 'kill -TERM $$', 'sleep 60'];
  const { stdout, end } = await it.run([LOGLIN, 'parallel', '-k', '--timeout', '1', ':::', ...commands], {
    env: home(it),
  });
  assert.equal(end, 'exit 3');
  const failed = headers(stdout.slice(0, stdout.indexOf(' jobs failed')));
  assert.ok(failed.includes('✗ exit 3 (exit 3)'), stdout);
  assert.ok(failed.includes('✗ kill -TERM $$ (SIGTERM)'), stdout);
  assert.ok(failed.includes('✗ sleep 60 (SIGTERM)'), stdout);
});

test("parallel: bash's exported functions and the environment reach jobs, and what they start is split", async (t) => {
  if (!needs(t, 'parallel', 'bash', 'make')) return;
  const it = tree(t, {
    Makefile: 'all: x y\nx y:\n\t@echo making $@\n.PHONY: all x y\n',
    'main.sh': `#!/bin/bash
say() { echo "say $1"; }; export -f say
export PERL5OPT=-Mstrict
parallel -k say ::: 1 2
parallel -j1 'env | grep -E "^(PERL|LD_PRELOAD|PARALLEL_SHELL)"; perl -e "print qq(perl\\n)"' ::: 1
parallel make -s ::: all
`,
  });
  const { stdout, end } = await it.run([LOGLIN, './main.sh'], { env: home(it) });
  assert.equal(end, 'exit 0');
  assert.deepEqual(stdout.split('\n'), [
    '▸ say 1',
    'say 1',
    '▸ say 2',
    'say 2',
    '▸ env | grep -E "^(PERL|LD_PRELOAD|PARALLEL_SHELL)"; perl -e "print qq(perl\\n)" 1',
    'PERL5OPT=-Mstrict',
    'perl',
    '▸ make -s all',
    '  ▸ x',
    'making x',
    '  ▸ y',
    'making y',
    '',
  ]);
  await it.nothingLeft();
});

for (const options of [
  '',
  '--tag',
  '--line-buffer',
  '-k --joblog log',
  '--results res',
  '--retries 2',
  '--compress',
])
  test(`parallel: what runs below jobs whose output parallel prints itself is split: ${options}`, async (t) => {
    if (!needs(t, 'parallel', 'make')) return;
    const makefile = 'all: ; @for i in 1 2 3; do echo $(N) out $$i; done; echo $(N) err >&2\n';
    const it = tree(t, { 'a/Makefile': makefile, 'b/Makefile': makefile });
    const env = home(it);
    const script = `parallel ${options} 'echo {} before; make --no-print-directory -C {} N={}; echo {} after' ::: a b`;
    const plain = await it.run(['sh', '-c', script], { env });
    const wrapped = await it.run([LOGLIN, 'sh', '-c', script], { env });
    assert.equal(wrapped.end, plain.end);
    assert.equal(await it.show('a/all'), '▸ a/all\na out 1\na out 2\na out 3\na err\n');
    const { stdout } = await it.run([LOGLIN, 'show', '--raw']);
    const untagged = (text: string): string[] => sorted(text.replaceAll(/^[ab]\t/gm, ''));
    assert.deepEqual(untagged(stdout), untagged(plain.stdout + plain.stderr));
    if (fs.existsSync(it.path('res/1/a/stdout')))
      assert.equal(it.read('res/1/a/stdout'), 'a before\na out 1\na out 2\na out 3\na after\n');
    await it.nothingLeft();
  });

test('parallel: output that does not go to the log is left alone', async (t) => {
  if (!needs(t, 'parallel')) return;
  const it = tree(t, {
    'main.sh': `#!/bin/sh
parallel -k echo ::: 1 2 >file
parallel -k echo ::: 3 4 | tee -a file
value=$(parallel -k echo ::: 5 6); echo "$value" >>file
parallel -k 'echo out; echo err >&2' ::: 7 2>errors
`,
  });
  const { stdout } = await it.run([LOGLIN, './main.sh'], { env: home(it) });
  assert.equal(it.read('file'), '1\n2\n3\n4\n5\n6\n');
  assert.equal(it.read('errors'), 'err 7\n');
  assert.equal(stdout, '3\n4\n▸ echo out; echo err >&2 7\nout\n');
});

test('parallel: commands may be long, odd and many at once', async (t) => {
  if (!needs(t, 'parallel')) return;
  const it = tree(t, {});
  const long = 'x'.repeat(9000);
  const env = home(it);
  const one = await it.run(
    [LOGLIN, 'parallel', 'printf', '%s', '{}', '|', 'wc', '-c', ':::', long, 'two\nlines\t%41'],
    { env },
  );
  assert.equal(one.end, 'exit 0');
  assert.match(one.stdout, /^9000$/m);
  const many = await it.sh(`seq 300 | "$LOGLIN_BIN" parallel -j64 'seq {} {}; sleep 0.1; echo end {}'`, {
    env,
  });
  assert.equal(many.end, 'exit 0');
  for (let i = 1; i <= 300; i++) assert.ok(many.stdout.includes(`\n${i}\nend ${i}\n`), `${i}`);
  assert.equal(headers(many.stdout).length, 300);
  await it.nothingLeft();
});

test('parallel: --no-hooks=parallel records one job', async (t) => {
  if (!needs(t, 'parallel')) return;
  const it = tree(t, {});
  const { stdout } = await it.run(
    [LOGLIN, '--no-hooks=parallel', 'parallel', '-k', 'echo', ':::', '1', '2'],
    {
      env: home(it),
    },
  );
  assert.equal(stdout, '1\n2\n');
});

test('parallel: TERM ends it and its jobs as without loglin', async (t) => {
  if (!needs(t, 'parallel')) return;
  const ends: string[] = [];
  for (const before of [[], [LOGLIN]]) {
    const it = tree(t, {});
    // parallel does not end a job that it is only just starting: that is the third.
    const jobs = ['sleep 60', 'sleep 60', 'echo >begun'];
    const started = it.start([...before, 'parallel', '-j3', ':::', ...jobs], { env: home(it) });
    await it.file('begun');
    process.kill(-started.pid, 'SIGTERM');
    ends.push((await started.ended).end);
    await it.nothingLeft();
  }
  assert.equal(ends[1], ends[0]);
});
