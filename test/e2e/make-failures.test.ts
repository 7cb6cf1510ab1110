import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { LOGLIN, type Recorded, sameAsPlainMake } from '../rig/twin.ts';

function seen(recorded: Recorded): Record<string, unknown> {
  return Object.fromEntries(
    recorded.jobs.map((job) => [job.name, [job.status, job.ignored, recorded.log(job).toString()]]),
  );
}

test('a missing program fails as in plain make: in a simple line, which make starts without a shell', async () => {
  const files = {
    Makefile: `all: simple through-a-shell not-executable
simple:
	no-such-program-here with arguments
through-a-shell:
	no-such-program-here; exit $$?
not-executable:
	@./data
`,
    data: 'not a program\n',
  };
  await sameAsPlainMake(files, { args: ['-k', 'simple', 'not-executable'], parallel: [4], code: 2 });
  await sameAsPlainMake(files, {
    args: ['-k'],
    // The shell writes its message in parts: at -j4, plain make's output could have other output between
    // them.
    parallel: [1],
    code: 2,
    check: (recorded) => {
      assert.deepEqual(seen(recorded), {
        simple: [
          { exit: 127 },
          false,
          'no-such-program-here with arguments\nmake: no-such-program-here: No such file or directory\nmake: *** [Makefile:3: simple] Error 127\n',
        ],
        'through-a-shell': [
          { exit: 127 },
          false,
          'no-such-program-here; exit $?\n/bin/sh: 1: no-such-program-here: not found\nmake: *** [Makefile:5: through-a-shell] Error 127\n',
        ],
        'not-executable': [
          { exit: 127 },
          false,
          'make: ./data: Permission denied\nmake: *** [Makefile:7: not-executable] Error 127\n',
        ],
      });
      assert.equal(recorded.build.ended?.failed, 3);
    },
  });
});

test('a missing program fails as in plain make: as the second line, and where the failure does not matter', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: second ignored
second:
	@echo first line
	@no-such-program-here
	@echo not reached
ignored:
	-@no-such-program-here
	@echo goes on
`,
    },
    {
      args: ['-k'],
      code: 2,
      check: (recorded) => {
        const second = recorded.jobs.filter((job) => job.name === 'second');
        assert.equal(second.length, 1, 'one job, although make started nothing for its second line');
        assert.deepEqual(second[0]?.status, { exit: 127 });
        assert.equal(second[0].ignored, false);
        assert.equal(recorded.build.ended?.failed, 1);
        assert.equal(
          recorded.log(second[0]).toString(),
          'first line\nmake: no-such-program-here: No such file or directory\nmake: *** [Makefile:4: second] Error 127\n',
        );
        const ignored = recorded.jobs.filter((job) => job.name === 'ignored');
        assert.deepEqual(
          ignored.map((job) => job.status),
          [{ exit: 0 }],
        );
      },
    },
  );
});

test('the job of a script whose interpreter is missing does not end before it starts', () =>
  sameAsPlainMake(
    {
      Makefile: 'all: first second\nfirst:\n\t./script\nsecond:\n\t@sleep 0.05\n\t./script\n',
      script: '#!/no/such/interpreter\n',
    },
    {
      args: ['-k'],
      code: 2,
      prepare: (folder) => {
        fs.chmodSync(path.join(folder, 'script'), 0o755);
      },
      check: ({ jobs }) => {
        assert.equal(jobs.length, 2);
        for (const { name, status, started, ended = 0, steps } of jobs) {
          assert.deepEqual(status, { exit: 127 }, name);
          for (const begun of [started, ...steps.map((step) => step.started)])
            assert.ok(ended >= begun, `${name} ends at ${ended}, before ${begun}`);
        }
      },
    },
  ));

test('a missing program fails as in plain make after a failure that make ignores', async () => {
  const lost = 'make: no-such-program-here: No such file or directory\n';
  // The shell's message must be one write: dash writes it in two, and at -j4 the output of others comes
  // between.
  for (const flags of ['-k', '-ks'])
    await sameAsPlainMake(
      {
        Makefile: `all: lost ignored shell
lost:
	-@echo one; exit 3
	@no-such-program-here
ignored:
	-@echo one; exit 3
	-@no-such-program-here
shell:
	-@echo one; exit 3
	@text=$$(no-such-program-here 2>&1); echo "$$text"; exit 127
`,
      },
      {
        args: [flags],
        code: 2,
        check: (recorded) => {
          const jobs = recorded.jobs.toSorted((a, b) => (a.name < b.name ? 1 : -1));
          const silent = flags === '-ks';
          assert.deepEqual(
            jobs.map((job) => [job.name, job.status, job.ignored]),
            [
              ['shell', { exit: 127 }, false],
              ['lost', { exit: 127 }, false],
              ['ignored', { exit: 3 }, true],
            ],
          );
          assert.equal(recorded.build.ended?.failed, 2);
          const first = silent ? 'one\n' : 'one\nmake: [Makefile:3: lost] Error 3 (ignored)\n';
          assert.equal(
            recorded.log(jobs[1]!).toString(),
            `${first}${lost}make: *** [Makefile:4: lost] Error 127\n`,
          );
        },
      },
    );
});

test('a script without #! is run by the shell that make falls back to, as one job of one step', async () => {
  await sameAsPlainMake(
    {
      Makefile: 'all: a b\na: ; @./script one\nb: ; ./script two\n',
      'script!': 'echo "script $1"\nsleep 0\n',
    },
    {
      jobs: { a: { log: 'script one\n', steps: 1 }, b: { log: './script two\nscript two\n', steps: 1 } },
      check: (recorded) => {
        const [step] = recorded.jobs.find(({ name }) => name === 'b')?.steps ?? [];
        assert.deepEqual([step?.argv, step?.status], [['./script', 'two'], { exit: 0 }]);
      },
    },
  );
});

for (const [name, number] of [
  ['SEGV', 11],
  ['KILL', 9],
  ['TERM', 15],
  ['ABRT', 6],
  ['PIPE', 13],
  ['INT', 2],
  ['HUP', 1],
] as const)
  test(`make deletes the half-made target of a recipe killed by SIG${name}, and the job has the signal`, async () => {
    await sameAsPlainMake(
      {
        Makefile: `all: half other
half: ; @echo half >$@; echo going; ulimit -c 0; kill -${name} $$$$
other: ; @echo other >$@
precious: ; @echo x >$@; kill -${name} $$$$
.PRECIOUS: precious
`,
      },
      {
        args: ['-k', 'all', 'precious'],
        code: 2,
        check: (recorded, plain) => {
          const half = recorded.jobs.find((job) => job.name === 'half');
          assert.ok(half);
          assert.deepEqual(half.status, { signal: number });
          const said = plain.out
            .toString()
            .split('\n')
            .filter((line) => line === 'going' || line.includes('half'));
          assert.equal(recorded.log(half).toString(), said.map((line) => `${line}\n`).join(''));
        },
      },
    );
  });

test(".DELETE_ON_ERROR deletes the target, and the message is in the job's log", async () => {
  await sameAsPlainMake(
    {
      Makefile:
        '.DELETE_ON_ERROR:\nall: half other\nhalf: ; @echo half >$@; sleep 0; exit 4\nother: ; @echo other\n',
    },
    {
      args: ['-k'],
      code: 2,
      jobs: {
        half: {
          log: "make: *** [Makefile:3: half] Error 4\nmake: *** Deleting file 'half'\n",
          status: 4,
        },
        other: 'other\n',
      },
    },
  );
});

test('without -k the other jobs end, and make prints that it waits for them', async () => {
  await sameAsPlainMake(
    {
      // The slow job goes on once make has reaped the bad one: a shell that has only ended is still in /proc.
      Makefile: `all: slow bad never
slow: ; @echo slow starts; until test -s failed && ! test -e /proc/$$(cat failed); do sleep 0.05; done; echo slow ends
bad: ; @echo bad; echo $$$$ >failed; exit 9
never: slow ; @echo never
`,
    },
    {
      parallel: [2],
      code: 2,
      jobs: {
        slow: 'slow starts\nslow ends\n',
        bad: { log: 'bad\nmake: *** [Makefile:3: bad] Error 9\n', status: 9 },
      },
      ignoreFiles: /^failed$/,
    },
  );
});

test('the failure of a sub-make is in its job, and in the jobs that lead to it', async () => {
  await sameAsPlainMake(
    {
      Makefile: 'all: sub\nsub: ; +@$(MAKE) --no-print-directory -C dir\n',
      'dir/Makefile': 'all: deep\ndeep: ; @$(MAKE) --no-print-directory -f deep.mk\n',
      'dir/deep.mk': 'all: bad\nbad: ; @echo the reason; exit 5\n',
    },
    {
      code: 2,
      jobs: {
        sub: { log: 'make: *** [Makefile:2: sub] Error 2\n', status: 2 },
        'dir/deep': { log: 'make[1]: *** [Makefile:2: deep] Error 2\n', status: 2 },
        'dir/bad': { log: 'the reason\nmake[2]: *** [deep.mk:2: bad] Error 5\n', status: 5 },
      },
      check: (recorded) => {
        const shown = recorded.out.toString();
        assert.match(shown, /^x dir\/bad \(exit 5\)$/m);
        assert.match(shown, /^ {2}all > sub > .*dir\/deep > .*dir\/bad$/m);
      },
    },
  );
});

test('an error message that names another target’s file is not taken for that target’s message', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: a a.b
a: ; @echo "make: *** [Makefile:9: a.b] Error 9"; echo "make: *** [Makefile:9: a] Error 9"; exit 1
a.b: ; @exit 1
`,
    },
    {
      args: ['-k'],
      code: 2,
      jobs: {
        a: {
          log: 'make: *** [Makefile:9: a.b] Error 9\nmake: *** [Makefile:9: a] Error 9\nmake: *** [Makefile:2: a] Error 1\n',
          status: 1,
        },
        'a.b': { log: 'make: *** [Makefile:3: a.b] Error 1\n', status: 1 },
      },
    },
  );
});

test('two hundred recipes of three lines each lose no step and no echo', async () => {
  const names = Array.from({ length: 200 }, (_, i) => `t${i}`);
  await sameAsPlainMake(
    {
      Makefile: `all: ${names.join(' ')}
${names.join(' ')}:
	echo $@ 1
	@echo $@ 2
	-@false
	echo $@ 3
`,
    },
    {
      parallel: [4],
      // Which line make 4.3 names is a race between targets of one rule.
      normalize: (line) => line.replace(/Makefile:\d+/, 'Makefile:n'),
      check: (recorded) => {
        assert.equal(recorded.jobs.length, names.length);
        for (const job of recorded.jobs) {
          const { name } = job;
          const said = `make: [Makefile:n: ${name}] Error 1 (ignored)\n`;
          assert.equal(
            recorded
              .log(job)
              .toString()
              .replace(/Makefile:\d+/, 'Makefile:n'),
            `echo ${name} 1\n${name} 1\n${name} 2\n${said}echo ${name} 3\n${name} 3\n`,
          );
          assert.equal(job.steps.length, 4);
        }
      },
    },
  );
});

test('the report has the same count as ls, and the number of jobs that failed by themselves', async () => {
  const count = (recorded: Recorded): unknown[] => {
    const { stdout } = spawnSync(LOGLIN, ['ls', '--store', recorded.store], { encoding: 'utf8' });
    return [/^\d+ of .*$/m.exec(recorded.out.toString())?.[0], /\d+ jobs?(, \d+ failed)?/.exec(stdout)?.[0]];
  };
  const report = (args: readonly string[], told: string, listed: string): Promise<void> =>
    sameAsPlainMake(
      {
        Makefile: `all: sub one two
sub: ; @$(MAKE) --no-print-directory -f sub.mk
one two: ; @exit 3
good: ; @echo $@
`,
        'sub.mk': 'all: inner\ninner: ; @exit 4\n',
      },
      {
        args: ['-k', ...args],
        code: 2,
        check: (recorded) => {
          assert.deepEqual(count(recorded), [told, listed]);
        },
      },
    );
  await report(['sub', 'good'], '2 of 3 jobs failed, 1 by itself', '3 jobs, 2 failed');
  await report([], '4 of 4 jobs failed, 3 by themselves', '4 jobs, 4 failed');
  await report(['one', 'good'], '1 of 2 jobs failed', '2 jobs, 1 failed');
});

test('the report shows the first error instead of the last lines, and the end of a traceback', async () => {
  const frames = Array.from(
    { length: 9 },
    (_, i) => `  File "a.py", line ${i + 1}, in f${i}\n    f${i + 1}()\n`,
  );
  await sameAsPlainMake(
    {
      Makefile: 'all: a b c\na b c: ; @cat $@.txt; exit 1\n',
      'a.txt': `a.c:1: warning: w\nIn file included from a.c:1:\na.h:2:3: error: first\n    2 | x\n${'more\n'.repeat(50)}`,
      'b.txt': `error rate: 0\nTraceback (most recent call last):\n${frames.join('')}ValueError: bad\n${'more\n'.repeat(50)}`,
      'c.txt': `no pattern knows this\n${'line\n'.repeat(50)}last\n`,
    },
    {
      args: ['-k'],
      code: 2,
      check: (recorded) => {
        const report = recorded.out.toString().split(/^\d+ of .* failed$/m)[1] ?? '';
        const told = report.split('\n\n').map((part) => part.trim().split('\n').slice(3, -1));
        assert.deepEqual(told.slice(1), [
          ['In file included from a.c:1:', 'a.h:2:3: error: first', '    2 | x'],
          [...frames.join('').trimEnd().split('\n').slice(-7), 'ValueError: bad'],
          [...Array<string>(6).fill('line'), 'last', 'make: *** [Makefile:2: c] Error 1'],
        ]);
      },
    },
  );
});
