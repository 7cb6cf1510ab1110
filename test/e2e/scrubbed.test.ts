// Builds below a program that makes an environment of its own (env -i, subprocess.run(env=…)), and builds
// that cannot be looked into: they are split where possible, without a trace of it in the build; otherwise
// one message says so, also in a pipe.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { isRoot, needs, tree } from '../rig/tree.ts';
import { type Files, LOGLIN, MakeProject, expectJobs, expectSame } from '../rig/twin.ts';

/** Writes the environment as programs of several kinds see it; `$$` in a makefile is a `$`. */
const NOTE = [
  `env`,
  `/bin/sh -c 'env; exec printenv'`,
  `env -i KEPT=1 env`,
  `env -i KEPT=1 printenv`,
  `perl -e 'print map { "$$_=$$ENV{$$_}\\n" } keys %ENV'`,
  `perl -e '%ENV = (); exec "/usr/bin/env"'`,
].join('; ');

const FILES: Files = {
  Makefile: `$(shell env | LC_ALL=C sort >parse.env)
all: one two sub
one two: ; @echo $@; { ${NOTE}; } | LC_ALL=C sort >$@.env
sub: ; @$(MAKE) -s --no-print-directory -f sub.mk
export EXPORTED = 1
`,
  'sub.mk': 'below: ; @echo below; env | LC_ALL=C sort >sub.env\n',
  'python.py': `import os, subprocess, sys
sys.exit(subprocess.run(["make", "-j2"], env={"PATH": os.environ["PATH"], "MINE": "1"}).returncode)
`,
  'perl.pl': '%ENV = (PATH => $ENV{PATH}); exec "make", "-j2";\n',
  'node.mjs': `import { spawnSync } from 'node:child_process';
const env = { PATH: process.env.PATH };
process.exitCode = spawnSync('make', ['-j2'], { env, stdio: 'inherit' }).status;
`,
};

const PATH = process.env.PATH ?? '';

for (const [what, command, ...args] of [
  ['env -i make', 'env', '-i', `PATH=${PATH}`, 'make', '-j2'],
  ['env -i, twice', 'env', '-i', 'A=1', `PATH=${PATH}`, 'env', '-i', `PATH=${PATH}`, 'sh', '-c', 'make -j2'],
  ['env -u', 'env', '-u', 'LOGLIN_BUILD', '-u', 'LOGLIN_JOB', 'make', '-j2'],
  ["Python's subprocess.run(env=…)", 'python3', 'python.py'],
  ["Perl's %ENV", 'perl', 'perl.pl'],
  ["Node's spawn(…, {env})", 'node', 'node.mjs'],
] as const)
  test(`${what}: builds are split, and each program has the environment that it would have without loglin`, async (t) => {
    if (!needs(t, 'python3', 'perl')) return;
    const project = new MakeProject(FILES);
    try {
      const plain = await project.plain(args, { command });
      assert.equal(plain.code, 0, plain.out.toString());
      const recorded = await project.loglin(args, { command });
      expectSame(recorded, plain);
      expectJobs(recorded, { one: 'one\n', two: 'two\n', sub: '', below: 'below\n' });
      assert.doesNotMatch(recorded.files.get('one.env') ?? '', /LOGLIN|LD_PRELOAD/);
    } finally {
      project.remove();
    }
  });

test('ninja below env -i is split', async (t) => {
  if (!needs(t, 'ninja')) return;
  const project = new MakeProject({
    'build.ninja':
      'rule note\n  command = echo said; env >$out; env -i printenv >>$out\nbuild one: note\nbuild two: note\n',
  });
  try {
    const args = ['-i', `PATH=${PATH}`, 'ninja', '-j1'];
    const plain = await project.plain(args, { command: 'env' });
    const recorded = await project.loglin(args, { command: 'env' });
    assert.equal(recorded.code, plain.code);
    for (const name of ['one', 'two']) assert.equal(recorded.files.get(name), plain.files.get(name));
    assert.deepEqual(recorded.jobs.map(({ name }) => name).sort(), ['one', 'two']);
    for (const job of recorded.jobs) assert.match(recorded.log(job).toString(), /^said$/m);
  } finally {
    project.remove();
  }
});

test('another loglin below env -i has a build of its own', async (t) => {
  const it = tree(t, { Makefile: 'all: ; @echo $@\n' });
  const { end, stdout } = await it.run([
    ...[LOGLIN, 'env', '-i', `PATH=${PATH}`, LOGLIN, '--store', it.path('other'), 'make'],
  ]);
  assert.deepEqual([end, stdout], ['exit 0', '▸ all\nall\n']);
  assert.equal(fs.readdirSync(it.path('other/builds')).length, 1);
  assert.match((await it.run([LOGLIN, '--store', it.path('other'), 'jobs'])).stdout, / all /);
});

/** Builds a program that calls itself GNU make. @returns false where there is no static C library. */
function staticMake(folder: string): boolean {
  const source = '#include <stdio.h>\nint main(void) { puts("GNU Make 4.3"); return 0; }\n';
  fs.mkdirSync(folder);
  const args = ['-static', '-x', 'c', '-o', path.join(folder, 'make'), '-'];
  return spawnSync('cc', args, { input: source }).status === 0;
}

test('a static make is named once in a pipe, by show, and by doctor', async (t) => {
  const it = tree(t, {});
  if (!staticMake(it.path('bin'))) {
    t.skip('no static C library');
    return;
  }
  const env = { PATH: `${it.path('bin')}:${PATH}` };
  const why = `${it.path('bin/make')} is static, so it is one job; one that is linked dynamically is split`;
  for (const command of [
    ['make', '-j2'],
    ['sh', '-c', 'make -j2; make'],
    ['env', '-i', `PATH=${env.PATH}`, 'make'],
  ]) {
    const { end, stderr } = await it.run([LOGLIN, ...command], { env });
    assert.deepEqual([end, stderr], ['exit 0', `loglin: ${why}\n`], command.join(' '));
    const shown = await it.run([LOGLIN, 'show', 'all'], { env });
    assert.deepEqual(
      [shown.end, shown.stderr],
      ['exit 1', `loglin: all: no targets in this build: ${why}\n`],
    );
  }
  const unhooked = await it.run([LOGLIN, '--no-hooks', 'make'], { env });
  assert.deepEqual([unhooked.end, unhooked.stderr], ['exit 0', '']);
  const doctor = await it.run([LOGLIN, 'doctor'], { env });
  assert.match(doctor.stdout, /^less {2}make 4\.3: one job: .*bin\/make is static/m);
  assert.equal(doctor.end, 'exit 1');
});

test('programs that su starts are out of reach, which a message explains where nothing else was split', async (t) => {
  if (!needs(t, 'su')) return;
  if (!isRoot()) {
    t.skip('asks for a password');
    return;
  }
  const it = tree(t, { Makefile: 'all: ; @echo $@\n' });
  const { end, stdout, stderr } = await it.run([LOGLIN, 'su', '-c', 'make -s', 'root']);
  assert.deepEqual([end, stdout], ['exit 0', 'all\n']);
  assert.equal(
    stderr,
    'loglin: what su starts cannot be seen from outside, so it is one job; to split it, call loglin inside: su … loglin make\n',
  );
  const both = await it.run([LOGLIN, 'sh', '-c', 'su -c true root; make -s']);
  assert.deepEqual([both.end, both.stderr], ['exit 0', '']);
});
