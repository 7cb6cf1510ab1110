import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {
  type HowToRun,
  LOGLIN,
  MakeProject,
  type Recorded,
  expectSame,
  sameAsPlainMake,
} from '../rig/twin.ts';

const PROJECT = {
  Makefile: `all: prog sub
prog: a.o b.o
	cat $^ >$@
	@echo linked $@
%.o: %.c gen.h
	@echo compiling $<
	cp $< $@
gen.h:
	echo '#define X' >$@
sub:
	$(MAKE) -C lib
	+@echo always
.PHONY: all sub
`,
  'a.c': 'a\n',
  'b.c': 'b\n',
  'lib/Makefile': 'lib.a: ; @echo archiving; touch $@\n',
};

for (const flags of ['-t', '-s', '-k', '-i', '-B', '-w', '--trace', '-st', '-rR', '-e'])
  test(`make ${flags} has the same status, files and lines as plain make`, async () => {
    await sameAsPlainMake(PROJECT, { args: [flags] });
  });

for (const flags of ['-n', '-q', '-nB', '--version', '--help'])
  test(`make ${flags} is the same as plain make, and leaves no record`, async () => {
    const project = new MakeProject(PROJECT);
    try {
      await sameUnrecorded(project, [flags]);
    } finally {
      project.remove();
    }
  });

/** Runs a make that only answers a question. @returns its status. */
async function sameUnrecorded(
  project: MakeProject,
  args: readonly string[],
  how: HowToRun = {},
): Promise<number | null> {
  const plain = await project.plain(args, how);
  const store = path.join(project.folder, 'store');
  const wrapped = await project.plain(['--store', store, 'make', ...args], { ...how, command: LOGLIN });
  assert.deepEqual(
    [wrapped.code, wrapped.out.toString(), wrapped.files],
    [plain.code, plain.out.toString(), plain.files],
  );
  assert.equal(fs.existsSync(store), false);
  return plain.code;
}

test('make -q exits with 0 when all is up to date and with 1 when not', async () => {
  const files = { Makefile: 'out: in ; cp in out\nin: ; touch in\n' };
  const project = new MakeProject(files);
  const prepare = (folder: string): void => {
    fs.writeFileSync(path.join(folder, 'in'), '');
    fs.writeFileSync(path.join(folder, 'out'), '');
  };
  try {
    assert.equal(await sameUnrecorded(project, ['-q']), 1);
    assert.equal(await sameUnrecorded(project, ['-q'], { prepare }), 0);
  } finally {
    project.remove();
  }
});

test('-s and echoes keep their places, with silent and loud lines mixed', async () => {
  const files = {
    Makefile: `all: a b
.SILENT: b
a:
	echo loud
	@echo silent
	@-echo both; false
	-@+echo three
	  @	echo blanks
b:
	echo never shown
`,
  };
  await sameAsPlainMake(files, {
    jobs: {
      a: {
        log: 'echo loud\nloud\nsilent\nboth\nmake: [Makefile:6: a] Error 1 (ignored)\nthree\nblanks\n',
        steps: 5,
      },
      b: 'never shown\n',
    },
  });
  await sameAsPlainMake(files, { args: ['-s'] });
});

test('-k goes on, and what depends on the failed target is not a job', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: good bad after
bad: ; @echo about to fail; exit 7
after: bad ; @echo not reached
good: ; @echo fine
`,
    },
    {
      args: ['-k'],
      code: 2,
      jobs: {
        good: 'fine\n',
        bad: { log: 'about to fail\nmake: *** [Makefile:2: bad] Error 7\n', status: 7 },
      },
    },
  );
});

test('errors ignored by -, -i or .IGNORE, also under -s, are not failures', async () => {
  const files = {
    Makefile: `.IGNORE: c
all: a b c
a:
	-@echo a; exit 2
	@echo a goes on
b: ; @$(DASH)sh -c 'echo b; exit 3'
c: ; @echo c; kill -TERM $$$$
`,
  };
  await sameAsPlainMake(files, {
    args: ['DASH=-'],
    jobs: {
      a: { log: 'a\nmake: [Makefile:4: a] Error 2 (ignored)\na goes on\n', steps: 2 },
      b: { log: 'b\nmake: [Makefile:6: b] Error 3 (ignored)\n', status: 3, ignored: true },
      c: { log: 'c\nmake: [Makefile:7: c] Terminated (ignored)\n', status: -15, ignored: true },
    },
  });
  for (const flags of [['-i'], ['-si'], ['-s', 'DASH=-']]) {
    await sameAsPlainMake(files, {
      args: flags,
      check: (recorded) => {
        const marks = Object.fromEntries(recorded.jobs.map((job) => [job.name, job.ignored]));
        assert.deepEqual(marks, { a: false, b: true, c: true });
        assert.equal(recorded.build.ended?.failed, 0);
      },
    });
  }
});

for (const mode of ['none', 'line', 'target', 'recurse']) {
  test(`--output-sync=${mode} gives the same output as plain make`, async () => {
    await sameAsPlainMake(
      {
        Makefile: `all: a b c sub
a b:
	@echo $@ 1
	echo $@ 2; echo $@ on stderr >&2
	@echo $@ 3
c:
	@echo c; false
sub:
	@$(MAKE) --no-print-directory -f sub.mk
`,
        'sub.mk': 'sub: x y\nx y: ; @echo $@ >$@.txt; echo sub $@\n\techo sub $@ again\n',
      },
      {
        args: [`--output-sync=${mode}`, '-k'],
        code: 2,
        check: (recorded) => {
          for (const name of ['a', 'b']) {
            const job = recorded.jobs.find((one) => one.name === name);
            assert.ok(job);
            assert.equal(
              recorded.log(job).toString(),
              `${name} 1\necho ${name} 2; echo ${name} on stderr >&2\n${name} 2\n${name} on stderr\n${name} 3\n`,
            );
          }
          for (const name of ['x', 'y']) {
            const job = recorded.jobs.find((one) => one.name === name);
            assert.ok(job);
            assert.equal(
              recorded.log(job).toString(),
              `sub ${name}\necho sub ${name} again\nsub ${name} again\n`,
            );
          }
        },
      },
    );
  });
}

/**
 * The hard cases of `--output-sync -w`: recursive lines, which are not held back, and failures, which make
 * reports in the same piece.
 */
const SYNCED = {
  Makefile: `.PHONY: sub
all: a b c quiet sub plus info gone half killed ignored errors
a b:
	@echo $@ 1
	echo $@ 2; echo $@ on stderr >&2
	@echo $@ 3
c:
	-@echo c; false
	@echo c goes on
quiet: ; @true
sub:
	@echo before sub
	$(MAKE) -C sub
	@echo after sub
plus:
	+@echo plus; $(MAKE) -C sub fails
info: ; $(info info of $@)@true
gone: ; /no/such/program
half:
	@echo first
	/no/such/program again
killed: ; touch $@; echo killed; kill -9 $$$$
ignored:
	-@false
	-@exit 3
errors: ; @echo only stderr >&2
`,
  'sub/Makefile': `all: x y
x y: ; @echo $@ >$@.txt; echo sub $@
	echo sub $@ again
fails: ; @echo fails; false
`,
};

for (const mode of ['line', 'target', 'recurse']) {
  test(`--output-sync=${mode} -w: make names its folder around each piece of a job’s output`, async () => {
    await sameAsPlainMake(SYNCED, {
      args: [`--output-sync=${mode}`, '-w', '-k'],
      parallel: [3],
      code: 2,
      check: (recorded) => {
        if (mode === 'recurse') return;
        for (const job of recorded.jobs) {
          // The line of `sub` that runs make is not held back; nothing at all is printed for a silent job.
          const log = recorded.log(job).toString();
          if (['quiet', 'plus'].includes(job.name)) assert.doesNotMatch(log, /^make: Entering/);
          else assert.match(log, /^make(\[1\])?: Entering [^]*: Leaving directory '.*'\n$/, job.name);
          if (mode === 'target' && job.name === 'a')
            assert.equal(log.match(/Entering/g)?.length, 1, 'one piece');
          if (mode === 'line' && job.name === 'a')
            assert.equal(log.match(/Entering/g)?.length, 3, 'a piece for each line');
        }
      },
    });
  });

  test(`--output-sync=${mode} -w into a file writes the same file as without loglin`, async () => {
    const project = new MakeProject({
      ...SYNCED,
      'to-file.sh': 'make "$@" >out.txt; code=$?; sort out.txt >sorted.txt; rm out.txt; exit $code\n',
    });
    try {
      const args = ['to-file.sh', '-k', '-w', '-j3', `--output-sync=${mode}`];
      const plain = await project.plain(args, { command: 'sh' });
      const recorded = await project.loglin(args, { command: 'sh' });
      expectSame(recorded, plain);
    } finally {
      project.remove();
    }
  });
}

test('--warn-undefined-variables warns about the makefile alone', async () => {
  await sameAsPlainMake(
    { Makefile: 'all: one\none: ; @echo $(NOT_THERE) $(MAKECMDGOALS) $@ $^ $? $|\n' },
    { args: ['--warn-undefined-variables'] },
  );
  await sameAsPlainMake(
    { Makefile: '.EXPORT_ALL_VARIABLES:\nV = $(W)\nall: one two\none two: ; @echo $@\n' },
    { args: ['--warn-undefined-variables', 'two', 'one'], jobs: { one: 'one\n', two: 'two\n' } },
  );
  // make 4.4 does this for each $(shell): it expands the exported variables where there is no target.
  await sameAsPlainMake(
    {
      Makefile: `SHELLED := $(shell echo shelled)
USED := $(foreach name,$(filter LOGLIN_%,$(.VARIABLES)),$(if $($(name)),))
all: ; @echo $(SHELLED)
`,
    },
    { args: ['--warn-undefined-variables'], jobs: { all: 'shelled\n' } },
  );
});

test('make -p has the same status', async () => {
  const project = new MakeProject(PROJECT);
  try {
    const store = path.join(project.folder, 'store');
    for (const args of [['-p'], ['-pn'], ['-pq', '-f', '/dev/null']]) {
      const plain = await project.plain(args);
      const recorded = await project.plain(['--store', store, 'make', ...args], { command: LOGLIN });
      assert.equal(recorded.code, plain.code, args.join(' '));
      assert.deepEqual(recorded.files, plain.files);
    }
  } finally {
    project.remove();
  }
});

test('-f -, several -f, -I, -C and --eval work as in plain make', async () => {
  await sameAsPlainMake(
    {
      'a.mk': 'include inc.mk\nall: one\none: ; @echo one $(FROM_INC) $(MAKEFILE_LIST)\n',
      'b.mk': 'all: two\ntwo: ; @echo two $(EVALED)\n',
      'where/inc.mk': 'FROM_INC = included\n',
    },
    {
      args: ['-f', 'a.mk', '-f', 'b.mk', '-I', 'where', '--eval', 'EVALED = evaled'],
      jobs: { one: 'one included a.mk where/inc.mk b.mk\n', two: 'two evaled\n' },
    },
  );
  await sameAsPlainMake(
    {},
    { args: ['-f', '-'], stdin: 'all: ; @cat; echo made $@\n', jobs: { all: 'made all\n' } },
  );
  await sameAsPlainMake(
    { 'deep/er/Makefile': 'all: x ../y\nx ../y: ; @echo $@ in $(notdir $(CURDIR)); touch $@\n' },
    { args: ['-C', 'deep', '-C', 'er'], jobs: { 'deep/er/x': 'x in er\n', 'deep/y': '../y in er\n' } },
  );
});

test('a missing makefile, a syntax error and a missing rule print the same message and are no job', async () => {
  await sameAsPlainMake({}, { code: 2, jobs: {} });
  await sameAsPlainMake({ Makefile: 'all:\nthis is no rule\n' }, { code: 2, jobs: {} });
  await sameAsPlainMake({ Makefile: 'all: nowhere.c\n' }, { code: 2, jobs: {} });
  await sameAsPlainMake({ Makefile: '$(error stopped by the makefile)\n' }, { code: 2, jobs: {} });
});

test('$(info), $(warning) and $(error) in a recipe print the same as in plain make', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: a b
a: ; $(info info of $@)$(warning warning of $@)@echo a
b: a ; @echo b$(error error of $@)
`,
    },
    { code: 2 },
  );
});

test('-l, --no-print-directory and MAKEFLAGS from the environment reach every make', async () => {
  const files = {
    Makefile: `all: ; @echo "$(MAKEFLAGS)" | sed 's/[0-9],[0-9]/R,W/' >flags.txt; echo "$$MAKEFLAGS|$(MFLAGS)|$(MAKEOVERRIDES)"
	@$(MAKE) -f sub.mk Z=2
`,
    'sub.mk':
      'all: ; @echo "$(MAKEFLAGS) $(MAKELEVEL) $(origin X)" | sed "s/[0-9]*,[0-9]*/R,W/" >subflags.txt\n',
  };
  await sameAsPlainMake(files, { args: ['-l', '100', 'X=1 2'], env: { MAKEFLAGS: 'k' } });
  await sameAsPlainMake(files, { args: ['--no-print-directory'], env: { GNUMAKEFLAGS: '-r' } });
});

test('MAKEFLAGS inside the makefile may ask for more jobs than one', async () => {
  const project = new MakeProject({
    Makefile: 'MAKEFLAGS += -j3\nall: a b c\na b c: ; @echo $@\n',
  });
  try {
    const plain = await project.plain([]);
    const recorded: Recorded = await project.loglin([]);
    expectSame(recorded, plain);
    assert.deepEqual(recorded.jobs.map((job) => job.name).sort(), ['a', 'b', 'c']);
  } finally {
    project.remove();
  }
});
