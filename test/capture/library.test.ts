import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type RecorderRun, runRecorder } from '../rig/recorder-run.ts';
import { forWantOf, skipOutsideCi } from '../rig/tree.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-library.'));
/**
 * Compiles the library with sanitizers into a program that calls it like make; undefined if there are no
 * sanitizers.
 */
let fakeMake: string | undefined;
/** A program in which the library's writes fail. */
let failedWrite: string | undefined;

const SANITIZERS = {
  ASAN_OPTIONS: 'abort_on_error=0:exitcode=99:detect_leaks=0',
  UBSAN_OPTIONS: 'halt_on_error=1:exitcode=99:print_stacktrace=1',
};

before(() => {
  const sources = fs
    .readdirSync('src/capture/library')
    .filter((name) => name.endsWith('.c') && !['ninja.c', 'ctest.c', 'piped.c'].includes(name))
    .map((name) => path.join('src/capture/library', name));
  const out = path.join(folder, 'fake-make');
  const flags =
    '-g -O1 -Wall -Wextra -Werror -rdynamic -fsanitize=address,undefined -fno-sanitize-recover=all'.split(
      ' ',
    );
  const compile = (input: readonly string[], to = out): SpawnSyncReturns<Buffer> =>
    spawnSync('cc', [...flags, '-o', to, ...input]);
  fs.writeFileSync(path.join(folder, 'empty.c'), 'int main(void) { return 0; }\n');
  // Only missing tools may skip tests, not faults of the sources.
  if (!process.env.CI && compile([path.join(folder, 'empty.c')]).status !== 0) return;
  const { status, stderr } = compile(['test/rig/fake-make.c', ...sources]);
  assert.equal(status, 0, stderr.toString());
  fakeMake = out;
  const wire = ['test/rig/failed-write.c', 'src/capture/library/slots.c'];
  const small = path.join(folder, 'failed-write');
  const compiled = compile(wire, small);
  assert.equal(compiled.status, 0, compiled.stderr.toString());
  failedWrite = small;
});

after(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function logs(run: RecorderRun): [string, unknown, string][] {
  return run.build.jobs.map((job) => [job.name, job.status, run.log(job)]);
}

async function fake(
  t: { skip: (why: string) => void },
  instructions: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RecorderRun | undefined> {
  if (fakeMake === undefined) {
    t.skip(forWantOf('sanitizers'));
    return undefined;
  }
  const run = await runRecorder([fakeMake, ...instructions], { cwd: folder, env: { ...SANITIZERS, ...env } });
  assert.doesNotMatch(
    logs(run)
      .map(([, , log]) => log)
      .join(''),
    /Sanitizer|runtime error/,
  );
  assert.deepEqual(run.leftoverFiles, [], 'spool files are read and removed');
  return run;
}

test('the library under sanitizers: jobs, steps, statuses and the graph', async (t) => {
  const run = await fake(t, [
    'shell=echo hello; echo aside >&2',
    'one=echo out; echo err >&2',
    'one+=echo second step',
    '@two=exit 3',
    'three=kill -9 $$',
    'noactions=echo no actions',
    'exit=5',
  ]);
  if (!run) return;
  assert.equal(run.code, 5);
  assert.deepEqual(logs(run).slice(1), [
    ['one', { exit: 0 }, 'echo out; echo err >&2\nout\nerr\necho second step\nsecond step\n'],
    ['two', { exit: 3 }, 'fake-make: *** [Makefile:1: two] Error 3\n'],
    ['three', { signal: 9 }, 'kill -9 $$\nfake-make: *** [Makefile:1: three] Error 0\n'],
    ['noactions', { exit: 0 }, 'echo no actions\nno actions\n'],
  ]);
  assert.equal(logs(run)[0]?.[2], 'aside\nshell said: hello\n');
  assert.deepEqual(
    run.build.jobs.map((job) => job.steps.length),
    [0, 2, 1, 1, 1],
  );
  assert.deepEqual(
    run.graphs.flat().map(({ name, needs }) => [name, needs]),
    [
      ['all', ['two', 'one']],
      ['one', []],
      ['two', []],
    ],
  );
});

test('the library under sanitizers: :: rules of one target, with the same needs, are a job each', async (t) => {
  const run = await fake(t, ['@one=echo 1', 'one+=echo 1 more', '@one=echo 2', '@one=echo 3', 'exit=0']);
  if (!run) return;
  assert.deepEqual(logs(run).slice(1), [
    ['one', { exit: 0 }, '1\necho 1 more\n1 more\n'],
    ['one', { exit: 0 }, '2\n'],
    ['one', { exit: 0 }, '3\n'],
  ]);
});

test('the library under sanitizers: needs and environments beyond every buffer', async (t) => {
  for (const [needs, env] of [
    [0, 0],
    [1, 1],
    [300, 1000],
    [330, 10],
    [20_000, 5],
  ] as const) {
    const run = await fake(t, [
      `needs=${needs}`,
      `env=${env}`,
      'one=echo x',
      `two=echo "${'y'.repeat(env * 9)}"`,
    ]);
    if (!run) return;
    assert.equal(run.code, 0);
    const [, one, two] = run.build.jobs;
    assert.equal(one?.needs?.split(' ').filter(Boolean).length, needs);
    assert.ok(run.log(two!).endsWith(`\n${'y'.repeat(env * 9)}\n`));
  }
});

test('the library under sanitizers: many at once, more than there are slots, all reaped', async (t) => {
  const names = Array.from({ length: 150 }, (_, i) => `job-${i}`);
  const run = await fake(t, [...names.map((name) => `@${name}&=echo ${name}`), 'wait', 'exit=0']);
  if (!run) return;
  assert.equal(run.code, 0);
  assert.deepEqual(
    logs(run).slice(1),
    names.map((name) => [name, { exit: 0 }, `${name}\n`]),
  );
});

test('the library under sanitizers: --output-sync, a program that is not there, executing itself anew', async (t) => {
  const run = await fake(t, ['sync=echo synced', 'missing=/not/there', 'again', 'one=echo after', 'exit=0'], {
    MAKEFILES: 'users.mk',
  });
  if (!run) return;
  assert.equal(run.code, 0);
  assert.deepEqual(
    run.build.jobs.slice(1).map((job) => [job.name, run.log(job)]),
    [
      ['sync', 'echo synced\nsynced\n'],
      ['missing', ''],
      ['one', 'echo after\nafter\n'],
    ],
  );
  assert.equal(run.log(run.build.jobs[0]!), 'fake-make: /not/there: No such file or directory\n');
  assert.equal(run.build.instances.length, 1, 'the same make, executed anew');
});

test('the library under sanitizers: where stdout is full, make finds that out itself', async (t) => {
  if (fakeMake === undefined) {
    t.skip(forWantOf('sanitizers'));
    return;
  }
  const instructions = ['closing', 'info=lost', 'exit=0'];
  const run = await runRecorder(['sh', '-c', 'exec "$0" "$@" >/dev/full', fakeMake, ...instructions], {
    cwd: folder,
    env: SANITIZERS,
  });
  assert.equal(run.code, 2);
  const said = logs(run).map(([, , log]) => log);
  assert.deepEqual(said, ['fake-make: write error: stdout: No space left on device\n']);
});

test('the library under sanitizers: a stdout that is a file is not taken for one of --output-sync', async (t) => {
  if (fakeMake === undefined) {
    t.skip(forWantOf('sanitizers'));
    return;
  }
  const words = ['sh', '-c', 'exec "$0" "$@" >out.txt', fakeMake, 'vfork=echo out; echo err >&2', 'exit=0'];
  const run = await runRecorder(words, { cwd: folder, env: SANITIZERS });
  assert.equal(run.code, 0);
  assert.deepEqual(
    logs(run).map(([, status, log]) => [status, log]),
    [
      [{ exit: 0 }, ''],
      [{ exit: 0 }, 'err\n'],
    ],
  );
  assert.equal(fs.readFileSync(path.join(folder, 'out.txt'), 'utf8'), 'out\n');
});

test('the library under sanitizers: a write that fails leaves the signals as they were', (t) => {
  if (failedWrite === undefined) {
    t.skip(forWantOf('sanitizers'));
    return;
  }
  const program: string = failedWrite;
  for (const signal of ['PIPE', 'XFSZ'])
    for (const [before, now] of [
      ['default', 'not pending, not blocked'],
      ['blocked', 'not pending, blocked'],
      ['pending', 'pending, blocked'],
    ] as const) {
      const ran = spawnSync(program, [signal, before], {
        env: { ...process.env, ...SANITIZERS },
        encoding: 'utf8',
      });
      assert.deepEqual(
        [ran.status, ran.signal, ran.stdout, ran.stderr],
        [0, null, `failed: ${now}\n`, ''],
        `SIG${signal}, ${before}`,
      );
    }
});

test('the library under sanitizers: no build, a build that is gone, and nonsense in its variables change nothing', (t) => {
  if (fakeMake === undefined) {
    t.skip(forWantOf('sanitizers'));
    return;
  }
  const program: string = fakeMake;
  const instructions = [
    'shell=echo hello',
    'one=echo "$LOGLIN_TARGET|$LD_PRELOAD"',
    'one+=echo 2',
    '@two=exit 3',
    'exit=4',
  ];
  const gone = path.join(folder, 'loglin-0123456789abcdef');
  const places: Record<string, string>[] = [
    {},
    { LOGLIN_BUILD: gone, LOGLIN_JOB: '0/root' },
    { LOGLIN_BUILD: '/'.repeat(300), LOGLIN_JOB: '0/root' },
    { LOGLIN_BUILD: gone, LOGLIN_JOB: 'x'.repeat(5000) },
    { LOGLIN_BUILD: gone, LOGLIN_JOB: `${'1'.repeat(100)}/x` },
    { LOGLIN_BUILD: 'relative-0123456789abcdef', LOGLIN_JOB: '0/root' },
    { LOGLIN_BUILD: '', LOGLIN_JOB: '' },
    { LOGLIN_BUILD: gone, LOGLIN_JOB: '0/root', LD_PRELOAD: '', MAKEFILES: '' },
  ];
  for (const place of places) {
    const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, ...SANITIZERS, ...place };
    const { status, stdout, stderr } = spawnSync(program, instructions, {
      env,
      encoding: 'utf8',
    });
    assert.equal(stderr, 'fake-make: *** [Makefile:1: two] Error 3\n', JSON.stringify(place));
    assert.equal(status, 4);
    assert.match(
      stdout,
      /^shell said: hello\necho "\$LOGLIN_TARGET\|\$LD_PRELOAD"\n(two|one)?\|\necho 2\n2\n$/,
    );
  }
});

test('the real make under valgrind: no invalid access in the library', async (t) => {
  if (spawnSync('valgrind', ['--version']).status !== 0) {
    skipOutsideCi(t, forWantOf('valgrind'));
    return;
  }
  const work = path.join(folder, 'valgrind');
  fs.mkdirSync(work);
  fs.writeFileSync(
    path.join(work, 'Makefile'),
    `all: one two three sub $(shell echo shelled)
one two: ; @echo $@
	echo $@ again
three: one two | four ; -@exit 3
four shelled: ; echo $@
sub: ; +@$(MAKE) -f sub.mk
`,
  );
  fs.writeFileSync(path.join(work, 'sub.mk'), 'all: a b\na b: ; @echo sub $@\n');
  const report = path.join(folder, 'valgrind.%p.log');
  // The valgrind command, before it is make, may be two processes: each takes the library out of its
  // environment.
  const run = await runRecorder(
    [
      'valgrind',
      '--trace-children=no',
      '--leak-check=no',
      '--num-callers=30',
      `--log-file=${report}`,
      'make',
      '-j2',
    ],
    { cwd: work, preload: 4 },
  );
  assert.equal(
    run.code,
    0,
    logs(run)
      .map(([, , log]) => log)
      .join(''),
  );
  assert.deepEqual(
    run.build.jobs
      .slice(1)
      .map((job) => job.name)
      .sort(),
    ['a', 'b', 'four', 'one', 'shelled', 'sub', 'three', 'two'],
    'the library was at work',
  );
  const reports = fs.readdirSync(folder).filter((name) => /^valgrind\.\d+\.log$/.test(name));
  const texts = reports.map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
  assert.match(texts.join(''), /Command: make -j2\n[^]*ERROR SUMMARY: \d+ errors/);
  for (const text of texts) assert.doesNotMatch(text, /libloglin|lib\.so\b/, text.slice(0, 4000));
});
