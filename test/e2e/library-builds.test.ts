// The capture library and the launcher on machines other than the one they were compiled on: under musl, and
// on arm64, emulated.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { readElf } from '../../.ci/elf.mjs';
import { runRecorder } from '../rig/recorder-run.ts';
import { LOGLIN, needs, tree } from '../rig/tree.ts';

const DIST = path.join(import.meta.dirname, '../../dist/lib');

for (const [compiler, what] of [
  ['cc', "the system's C library"],
  ['musl-gcc', 'musl'],
] as const)
  test(`one library for all: it works in a program that is linked with ${what}`, async (t) => {
    if (!needs(t, compiler, 'make')) return;
    const it = tree(t, {
      'build.ninja':
        'rule r\n  command = echo $out; echo from make >&2; make -s $out\nbuild a: r\nbuild b: r\n',
      Makefile: 'a b:\n\t@echo making $@\n',
      'bin/keep': '',
    });
    const program = it.path('bin/ninja');
    const { status, stderr } = spawnSync(compiler, [
      '-o',
      program,
      path.join(import.meta.dirname, '../rig/fake-ninja.c'),
    ]);
    assert.equal(status, 0, stderr.toString());
    const { end, stdout } = await it.run([
      LOGLIN,
      program,
      'echo a; echo from make >&2; make -s a',
      'echo b; echo from make >&2; make -s b',
    ]);
    assert.equal(end, 'exit 0', stdout);
    const block = (name: string): string =>
      `▸ ${name}\necho ${name}; echo from make >&2; make -s ${name}\n${name}\nfrom make\n  ▸ ${name}#2\nmaking ${name}\n`;
    assert.equal(await it.show(), block('a') + block('b'));
  });

/** The steps of make, for a program into which the library is loaded rather than linked. */
const INSTRUCTIONS = [
  'shell=echo hello',
  'one=echo out; echo err >&2',
  'one+=echo second step',
  '@two=exit 3',
  'exit=5',
];

const EMULATOR = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'];

for (const [what, compiler, emulator, machine] of [
  ["a make of this machine's C library", 'cc', [], undefined],
  ['a make of musl', 'musl-gcc', [], undefined],
  ['a make for arm64', 'aarch64-linux-gnu-gcc', EMULATOR, 'linux-arm64'],
] as const)
  test(`one library for all: it works in ${what}`, async (t) => {
    if (!needs(t, compiler, ...emulator.slice(0, 1))) return;
    const it = tree(t, {});
    const program = it.path('fake-make');
    const source = path.join(import.meta.dirname, '../rig/fake-make.c');
    // The program has names that the library looks up.
    const { status, stderr } = spawnSync(compiler, ['-rdynamic', '-o', program, source]);
    assert.equal(status, 0, stderr.toString());
    const run = await runRecorder([...emulator, program, ...INSTRUCTIONS], {
      cwd: it.path('.'),
      preload: 1,
      ...(machine === undefined ? {} : { machine }),
    });
    assert.equal(run.code, 5);
    assert.deepEqual(
      run.build.jobs.map((job) => [job.name, job.status, run.log(job)]),
      [
        [run.build.jobs[0]?.name, { exit: 5 }, 'shell said: hello\n'],
        ['one', { exit: 0 }, 'echo out; echo err >&2\nout\nerr\necho second step\nsecond step\n'],
        ['two', { exit: 3 }, 'fake-make: *** [Makefile:1: two] Error 3\n'],
      ],
    );
  });

for (const [arch, compiler, emulator] of [
  ['x64', 'x86_64-linux-gnu-gcc', 'qemu-x86_64-static'],
  ['arm64', 'aarch64-linux-gnu-gcc', 'qemu-aarch64-static'],
] as const) {
  const own = arch === process.arch;

  test(`for ${arch}: the library and the launcher need no other library`, (t) => {
    if (!needs(t, own ? 'cc' : compiler)) return;
    for (const name of ['libloglin.so', 'libloglin-readers.so', 'loglin-launch'])
      assert.deepEqual(
        readElf(path.join(DIST, `linux-${arch}`, name)),
        { machine: arch, interpreter: undefined, needed: [], versions: false },
        `${name} loads under any C library`,
      );
  });

  test(`for ${arch}: the launcher starts a command with the original environment`, (t) => {
    if (!needs(t, own ? 'cc' : compiler, ...(own ? [] : [emulator]))) return;
    const launcher = path.join(DIST, `linux-${arch}/loglin-launch`);
    const script = `{ LOGLIN_WAS=$($EMULATOR "$LAUNCHER" note); } </proc/self/environ
export LOGLIN_WAS
unset GONE ; export NEW=1 PWD=/elsewhere
exec $EMULATOR "$LAUNCHER" start env`;
    const env = {
      PATH: process.env.PATH,
      EMULATOR: own ? '' : emulator,
      LAUNCHER: launcher,
      GONE: 'was',
      'ODD NAME': 'x',
    };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
    assert.deepEqual(
      stdout.trimEnd().split('\n').sort(),
      [...Object.entries(env).filter(([name]) => name !== 'GONE'), ['NEW', '1']]
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
  });
}

test("readElf: a file's needs are listed, and a file that is no ELF is refused", (t) => {
  assert.throws(() => readElf(import.meta.filename), /library-builds\.test\.ts: not a 64-bit/);
  if (!needs(t, 'cc')) return;
  const it = tree(t, { 'main.c': '#include <stdio.h>\nint main(void) { return puts(""); }\n' });
  assert.equal(spawnSync('cc', ['-o', it.path('main'), it.path('main.c')]).status, 0);
  const { machine, interpreter, needed, versions } = readElf(it.path('main'));
  assert.equal(machine, process.arch);
  assert.match(interpreter ?? '', /^\/.*ld/);
  assert.match(needed.join(), /^libc\./);
  assert.equal(versions, needed.includes('libc.so.6'), "glibc's symbols have versions");
});
