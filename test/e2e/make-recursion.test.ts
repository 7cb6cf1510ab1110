import test from 'node:test';
import assert from 'node:assert/strict';
import { needs } from '../rig/tree.ts';
import { type Recorded, sameAsPlainMake } from '../rig/twin.ts';

/** Each job's name, after the names of the jobs above it. */
function paths(recorded: Recorded): string[] {
  return recorded.jobs
    .map((job) => {
      const names = [job.name];
      for (let up = job.parent; up?.parent; up = up.parent) names.unshift(up.name);
      return names.join(' > ');
    })
    .sort();
}

const SUB = 'all: a b\na b: ; @echo $@ of $(notdir $(CURDIR)) at level $(MAKELEVEL)\n';

test('sub-makes in a for loop stand below the recipe that ran them', async () => {
  await sameAsPlainMake(
    {
      Makefile: `SUBDIRS := one two
all: subdirs after
subdirs:
	@for dir in $(SUBDIRS); do echo "into $$dir"; $(MAKE) --no-print-directory -C $$dir || exit 1; done
	@echo done
after: subdirs ; @echo after
`,
      'one/Makefile': SUB,
      'two/Makefile': SUB,
    },
    {
      check: (recorded) => {
        assert.deepEqual(paths(recorded), [
          'after',
          'subdirs',
          'subdirs > one/a',
          'subdirs > one/b',
          'subdirs > two/a',
          'subdirs > two/b',
        ]);
        const subdirs = recorded.jobs.find((job) => job.name === 'subdirs')!;
        assert.equal(recorded.log(subdirs).toString(), 'into one\ninto two\ndone\n');
        assert.deepEqual(subdirs.links.map((link) => [link.job?.name, Number(link.at)]).sort(), [
          ['one/a', 9],
          ['one/b', 9],
          ['two/a', 18],
          ['two/b', 18],
        ]);
      },
    },
  );
});

test('two sub-makes in the background of one recipe stand below it', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: both
both:
	+@echo begin; $(MAKE) --no-print-directory -C one & $(MAKE) --no-print-directory -C two & wait; echo end
`,
      // Each waits for the other, so both must run at once.
      'one/Makefile':
        'all: a ; @echo all of one\na: ; @touch ../one-is; until test -e ../two-is; do sleep 0.05; done; echo a of one\n',
      'two/Makefile':
        'all: a ; @echo all of two\na: ; @touch ../two-is; until test -e ../one-is; do sleep 0.05; done; echo a of two\n',
    },
    {
      parallel: [4],
      jobs: {
        both: 'begin\nend\n',
        'one/a': 'a of one\n',
        'one/all': 'all of one\n',
        'two/a': 'a of two\n',
        'two/all': 'all of two\n',
      },
    },
  );
});

test('a target that two makes make one after the other is two jobs', async () => {
  await sameAsPlainMake(
    {
      Makefile: 'all: ; @$(MAKE) -s x V=1; $(MAKE) -s x V=2\nx: ; @echo x $(V)\n.PHONY: x\n',
    },
    {
      args: ['-s', '--no-print-directory'],
      check: (recorded) => {
        assert.deepEqual(paths(recorded), ['all', 'all > x', 'all > x']);
        assert.deepEqual(
          recorded.jobs.slice(1).map((job) => recorded.log(job).toString()),
          ['x 1\n', 'x 2\n'],
        );
      },
    },
  );
});

test('deep recursion is split through scripts, env, xargs, find, time, nice and sh -c', async () => {
  await sameAsPlainMake(
    {
      Makefile: `N ?= 0
NEXT = $(words $(subst x,x ,$(X)))
all: level$(N)
level0: ; +@./run.sh $(MAKE) -s N=1
level1: ; +@env -u NOTHING nice -n 0 $(MAKE) -s N=2
level2: ; +@echo N=3 | xargs $(MAKE) -s
level3: ; +@sh -c 'exec timeout 100 $(MAKE) -s N=4'
level4: ; +@bash -c '$(MAKE) -s N=5; true'
level5: ; +@find . -name run.sh -exec $(MAKE) -s N=6 ';'
level6: ; @echo at the bottom
`,
      'run.sh!': '#!/usr/bin/env bash\nset -e\necho "run.sh: $#"\n(cd . && exec "$@")\n',
    },
    {
      args: ['--no-print-directory'],
      check: (recorded) => {
        const names = Array.from({ length: 7 }, (_, i) => `level${i}`);
        assert.deepEqual(
          recorded.jobs.map((job) => job.name),
          names,
        );
        assert.ok(paths(recorded).includes(names.join(' > ')));
      },
    },
  );
});

for (const [interpreter, call] of [
  ['perl', "-e 'system(@ARGV); exit($$? >> 8)'"],
  ['python3', "-c 'import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))'"],
] as const)
  test(`deep recursion is split through ${interpreter}`, async (t) => {
    if (!needs(t, interpreter)) return;
    await sameAsPlainMake(
      {
        Makefile: `N ?= 0
all: level$(N)
level0: ; +@${interpreter} ${call} $(MAKE) -s N=1
level1: ; +@${interpreter} ${call} $(MAKE) -s N=2
level2: ; @echo at the bottom
`,
      },
      {
        args: ['--no-print-directory'],
        check: (recorded) => {
          assert.deepEqual(
            recorded.jobs.map((job) => job.name),
            ['level0', 'level1', 'level2'],
          );
          assert.ok(paths(recorded).includes('level0 > level1 > level2'));
        },
      },
    );
  });

test('the jobserver is shared: there are no warnings, and exactly as many jobs at once as asked for', async () => {
  const barrier = `@touch here/$@-$(D); until test $$(ls here | wc -l) -ge 4; do sleep 0.05; done; echo $@ of $(D)\n`;
  await sameAsPlainMake(
    {
      Makefile: `all: here ; +@$(MAKE) subs
subs: one two
one two: ; +@$(MAKE) --no-print-directory -f sub.mk D=$@
here: ; @mkdir here
`,
      // Four run at once, or none of them ends.
      'sub.mk': `all: a b\na b: ; ${barrier}`,
    },
    {
      args: ['--no-print-directory'],
      parallel: [4],
      check: (recorded, plain) => {
        for (const ran of [recorded, plain]) assert.doesNotMatch(ran.out.toString(), /jobserver|warning/);
        assert.equal(recorded.jobs.filter((job) => job.name === 'a' || job.name === 'b').length, 4);
      },
    },
  );
  await sameAsPlainMake(
    {
      Makefile: `all: one two three
one two three: ; +@$(MAKE) --no-print-directory -f sub.mk D=$@
`,
      // More than two at once would find each other's marks.
      'sub.mk': `all: a b c
a b c: ; @mkdir lock1 2>/dev/null && mine=lock1 || { mkdir lock2 && mine=lock2; } || { echo too many at once; exit 1; }; sleep 0.05; rmdir $$mine
`,
    },
    {
      // In make, the recipes of the two sub-makes hold a token each, which their first job uses.
      parallel: [2],
      check: (recorded) => {
        assert.equal(recorded.jobs.length, 12);
      },
    },
  );
});

test('a sub-make without + or $(MAKE) in a make with -j prints the same warning about the jobserver', async () => {
  await sameAsPlainMake(
    { Makefile: 'all: ; @make -s -f sub.mk\n', 'sub.mk': 'all: a b\na b: ; @echo $@\n' },
    { args: ['--no-print-directory'] },
  );
  await sameAsPlainMake(
    { Makefile: 'all: ; @$(MAKE) -s -j3 -f sub.mk\n', 'sub.mk': 'all: a b\na b: ; @echo $@\n' },
    { args: ['--no-print-directory'] },
  );
});

test('make -w and -C: Entering and Leaving stay in the log of the recipe that ran it', async () => {
  await sameAsPlainMake(
    { Makefile: 'all: sub\nsub: ; @$(MAKE) -C one\n', 'one/Makefile': SUB },
    {
      parallel: [1],
      check: (recorded) => {
        const sub = recorded.jobs.find((job) => job.name === 'sub')!;
        assert.match(
          recorded.log(sub).toString(),
          /^make\[1\]: Entering directory '.*\/one'\nmake\[1\]: Leaving directory '.*\/one'\n$/,
        );
      },
    },
  );
});

test('an unrelated make inside a make has its own MAKEFLAGS and its own jobs', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: ; @env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory -k -f sub.mk || echo failed with $$?
`,
      'sub.mk': 'all: a b\na: ; @exit 2\nb: ; @echo b at level $(MAKELEVEL)\n',
    },
    {
      check: (recorded) => {
        assert.deepEqual(paths(recorded), ['all', 'all > a', 'all > b']);
      },
    },
  );
});
