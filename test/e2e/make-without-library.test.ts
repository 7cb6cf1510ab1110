import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LOGLIN, MakeProject, expectSame } from '../rig/twin.ts';

/** An installed loglin with changes to its files. */
function installed(change: (folder: string) => void): { loglin: string; remove: () => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin installed: 100%.'));
  const home = path.join(LOGLIN, '../..');
  for (const part of ['bin', 'dist', 'package.json'])
    fs.cpSync(path.join(home, part), path.join(folder, part), { recursive: true });
  change(folder);
  return {
    loglin: path.join(folder, 'bin/loglin'),
    remove: () => {
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

const FILES = {
  Makefile: `all: one two sub
one two:
	@echo $@; echo $@ >$@.txt
	@cat /proc/self/environ | tr '\\0' '\\n' | grep -av ^LOGLIN_ | LC_ALL=C sort >$@.env
bad: ; exit 3
sub: ; @$(MAKE) --no-print-directory -f sub.mk
`,
  'sub.mk': 'sub: ; echo sub; echo on stderr >&2\n',
};

test('a build without the library is one job with the same results, and one message explains why', async () => {
  const { loglin, remove } = installed((folder) => {
    fs.rmSync(path.join(folder, 'dist/lib'), { recursive: true });
  });
  const project = new MakeProject(FILES);
  try {
    for (const args of [[], ['bad']]) {
      const plain = await project.plain(args);
      const recorded = await project.loglin(args, {}, loglin);
      assert.equal(recorded.code, plain.code);
      assert.deepEqual(recorded.files, plain.files);
      assert.deepEqual(recorded.raw, plain.out);
      assert.equal(recorded.jobs.length, 0);
      assert.equal(recorded.build.notes.length, 1);
      const why = recorded.build.notes[0] ?? '';
      assert.match(why, /no capture library for \S+; install a C compiler/);
      // The message comes in a pipe too.
      assert.equal(recorded.out.toString().split(`loglin: ${why}\n`).length, 2, recorded.out.toString());
    }
    const parallel = await project.loglin(['-j4'], {}, loglin);
    assert.equal(parallel.code, 0);
    assert.equal(parallel.jobs.length, 0);
    const doctor = spawnSync(loglin, ['doctor'], { encoding: 'utf8', cwd: project.folder });
    assert.match(doctor.stdout, /no capture library/);
    assert.match(
      doctor.stdout,
      /^less {2}make \d.*: one job: no capture library for \S+; install a C compiler/m,
    );
  } finally {
    project.remove();
    remove();
  }
});

test('a library that cannot be loaded costs the split and nothing else', async () => {
  const { loglin, remove } = installed((folder) => {
    const lib = path.join(folder, 'dist/lib');
    for (const name of fs.readdirSync(lib)) fs.writeFileSync(path.join(lib, name, 'libloglin.so'), '');
  });
  const project = new MakeProject(FILES);
  try {
    const plain = await project.plain([]);
    const recorded = await project.loglin([], {}, loglin);
    assert.equal(recorded.code, plain.code);
    assert.equal(recorded.jobs.length, 0);
    // The dynamic loader's message is the only difference.
    const lines = recorded.raw.toString().split('\n');
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('ERROR: ld.so:')).join('\n'),
      plain.out.toString(),
    );
  } finally {
    project.remove();
    remove();
  }
});

test('loglin may be removed while a build runs: later jobs are not split, and their output has no message about it', async () => {
  const project = new MakeProject({
    Makefile: `all: one gone two sub
one two: ; @sh -c 'echo $@ in sh; :'; perl -e 'system("sh -c \\"echo $@ in perl; :\\""); print "end\\n"'
gone: one ; @rm -rf "$(GONE)"
two sub: gone
sub: ; +@$(MAKE) --no-print-directory -f sub.mk
`,
    'sub.mk': 'all: a b\na b: ; @echo $@; sh -c "echo x; :"\n',
  });
  try {
    for (const part of ['dist/lib', 'dist', '']) {
      const { loglin, remove } = installed(() => undefined);
      try {
        const gone = path.join(path.dirname(loglin), '..', part);
        const plain = await project.plain(['GONE=']);
        const recorded = await project.loglin([`GONE=${gone}`], {}, loglin);
        assert.equal(fs.existsSync(gone), false);
        expectSame(recorded, plain);
        const jobs = recorded.jobs.map(({ name }) => name).sort();
        assert.deepEqual(jobs, ['gone', 'one', 'sub', 'two'], 'a make that starts then is not split');
      } finally {
        remove();
      }
    }
  } finally {
    project.remove();
  }
});

test('--no-hooks and --no-hooks=make record one job without a message', async () => {
  const project = new MakeProject(FILES);
  try {
    const plain = await project.plain([]);
    for (const option of ['--no-hooks', '--no-hooks=make']) {
      const recorded = await project.loglin([option, 'make'], { command: '--ascii' });
      assert.equal(recorded.code, 0);
      assert.deepEqual(recorded.files, plain.files);
      assert.deepEqual(recorded.raw, plain.out);
      assert.equal(recorded.jobs.length, 0);
      assert.deepEqual(recorded.build.notes, []);
    }
  } finally {
    project.remove();
  }
});

test('an option whose value is optional does not take the command for it', async () => {
  const project = new MakeProject({ Makefile: 'all: one\none: ; @echo $@\n' });
  try {
    // The recording command line of the rig ends with a word that stands before the command: here an option.
    const coloured = await project.loglin(['make', '-j2'], { command: '--color' });
    assert.equal(coloured.code, 0);
    assert.match(coloured.out.toString(), /\x1b\[1m.*one/);
    const plain = await project.loglin(['make', '--color'], { command: '--color=never' });
    assert.match(
      plain.out.toString(),
      /unrecognized option '--color'/,
      'after the command, options are its own',
    );
  } finally {
    project.remove();
  }
});
