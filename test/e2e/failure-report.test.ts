// The report at the end of a failed build: file names are relative to the folder where loglin was started,
// whatever folder the tool ran in; each error appears once; a command that is not split has its error
// reported too.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LOGLIN, Tree, tree } from '../rig/tree.ts';

/** The output from the report on. */
function reportOf(stdout: string): string {
  const found = /(?:^|\n)\n(?=\d+ of \d+ jobs? failed|✗ )/.exec(stdout);
  return found ? stdout.slice(found.index + found[0].length) : '';
}

async function report(it: Tree, argv: readonly string[], cwd?: string): Promise<string> {
  const { stdout } = await it.run([LOGLIN, ...argv], cwd === undefined ? {} : { cwd });
  return reportOf(stdout);
}

/** The lines with an error. */
const errors = (text: string): string[] =>
  text.split('\n').filter((line) => /^(?! {2}\$|make: ).*(?:error|Error|File ")/.test(line));

/** The folders that tools print in, and the same error as each tool prints it. */
const PLACES: readonly {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
  readonly cwd?: string;
  readonly lines: readonly string[];
}[] = [
  {
    what: 'make -C',
    files: {
      Makefile: 'all: ; +@$(MAKE) -C lib\n',
      'lib/Makefile': 'all: ; @cat said; exit 1\n',
      'lib/said':
        'In file included from x.c:1:\nx.h:2:3: error: oops\n    2 | in x.c:2: error\nx.c:2: note: error\n',
    },
    lines: ['lib/x.h:2:3: error: oops', '    2 | in x.c:2: error', 'lib/x.c:2: note: error'],
  },
  {
    what: 'a recipe that changes folder',
    files: { Makefile: 'all: ; @cd lib && cat said && exit 1\n', 'lib/said': 'x.c:2:3: error: oops\n' },
    lines: ['lib/x.c:2:3: error: oops'],
  },
  {
    what: 'a folder with a blank in its name',
    files: {
      Makefile: 'all: ; @cd "my lib" && cat said && exit 1\n',
      'my lib/x.c': '',
      'my lib/said': 'x.c:2:3: error: oops\n',
    },
    lines: ['my lib/x.c:2:3: error: oops'],
  },
  {
    what: 'a file with a blank in its name',
    files: {
      Makefile: 'all: ; @cd lib && cat said && exit 1\n',
      'lib/x y.c': '',
      'lib/said': 'x y.c:2:3: error: oops\n',
    },
    lines: ['lib/x y.c:2:3: error: oops'],
  },
  {
    what: 'a make below that is not split',
    files: {
      Makefile: 'all: ; @cat said; exit 1\n',
      said: "make[1]: Entering directory 'lib'\nx.c:2:3: error: oops\nmake[1]: Leaving directory 'lib'\n",
    },
    lines: ['lib/x.c:2:3: error: oops'],
  },
  {
    what: 'an absolute file in the project',
    files: { Makefile: 'all: ; @echo "$(CURDIR)/lib/x.c:2:3: error: oops"; exit 1\n' },
    lines: ['lib/x.c:2:3: error: oops'],
  },
  {
    what: "a traceback's frames",
    files: {
      Makefile: 'all: ; @cd lib && cat said && exit 1\n',
      'lib/said':
        'Traceback (most recent call last):\n  File "x.c", line 3, in f\n    g()\n  File "<string>", line 1, in g\nValueError: oops\n',
    },
    lines: ['  File "lib/x.c", line 3, in f', '  File "<string>", line 1, in g', 'ValueError: oops'],
  },
  {
    what: 'files outside the project',
    files: {
      Makefile: 'all: a b\na b: ; @cat $@.txt; exit 1\n',
      'a.txt': '/usr/include/none.h:2:3: error: oops\n',
      'b.txt': '../none.c:2:3: error: oops\n',
    },
    argv: ['make', '-k'],
    lines: ['/usr/include/none.h:2:3: error: oops', '../none.c:2:3: error: oops'],
  },
  {
    what: 'started below the root',
    files: {
      'lib/Makefile': 'all: ; @cat said; exit 1\n',
      'lib/said': 'x.c:2:3: error: oops\n../y.c:1: error: two\n',
    },
    cwd: 'lib',
    lines: ['x.c:2:3: error: oops'],
  },
  {
    what: 'started beside',
    files: {
      'lib/Makefile': 'all: ; @cat said; exit 1\n',
      'lib/said': 'x.c:2:3: error: oops\n',
      'out/there': '',
    },
    argv: ['make', '-C', '../lib'],
    cwd: 'out',
    lines: ['../lib/x.c:2:3: error: oops'],
  },
  {
    what: 'loglin -C',
    files: { 'lib/Makefile': 'all: ; @cat said; exit 1\n', 'lib/said': 'x.c:2:3: error: oops\n' },
    argv: ['-C', 'lib', 'make'],
    lines: ['lib/x.c:2:3: error: oops'],
  },
  {
    what: 'a command that is not split, and says it in colours',
    files: {
      'build.sh': '#!/bin/sh\ncd lib\ncat said; exit 3\n',
      'lib/said':
        "make: Entering directory 'lib'\n\x1b[01m\x1b[Kx.c:2:3:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Koops\n",
    },
    argv: ['./build.sh'],
    lines: ['lib/x.c:2:3: error: oops'],
  },
];

for (const { what, files, argv = ['make'], cwd, lines } of PLACES)
  test(`file names are relative to the folder where loglin was started: ${what}`, async (t: TestContext) => {
    const it = tree(t, { 'lib/x.c': '', 'lib/x.h': '', 'y.c': '', '.loglin/.keep': '', ...files });
    const text = await report(it, argv, cwd === undefined ? undefined : it.path(cwd));
    assert.deepEqual(errors(text), lines);
  });

test('loglin problems uses the same names; other formats use names relative to the root', async (t: TestContext) => {
  const it = tree(t, {
    '.loglin/.keep': '',
    'lib/x.c': '',
    'sub/there': '',
    Makefile: 'all: ; @cd lib && echo "x.c:2:3: error: oops"; exit 1\n',
  });
  await it.run([LOGLIN, 'make']);
  const problems = async (folder: string, ...args: string[]): Promise<string> =>
    (await it.run([LOGLIN, 'problems', ...args], { cwd: it.path(folder) })).stdout;
  assert.equal(await problems('.'), 'lib/x.c:2:3: error: oops (all)\n');
  assert.equal(await problems('lib'), 'x.c:2:3: error: oops (all)\n');
  assert.equal(await problems('sub'), '../lib/x.c:2:3: error: oops (all)\n');
  assert.match(await problems('sub', '--json'), /"file":"lib\/x\.c"/);
  assert.match(await problems('sub', '--format=github'), /file=lib\/x\.c,/);
});

test("the log has the tool's own text", async (t: TestContext) => {
  const it = tree(t, {
    '.loglin/.keep': '',
    'lib/x.c': '',
    Makefile: 'all: ; @cd lib && echo "x.c:2: error: oops"; exit 1\n',
  });
  const { stdout } = await it.run([LOGLIN, 'make']);
  assert.match(stdout, /^▸ all\nx\.c:2: error: oops\n/);
  assert.match((await it.run([LOGLIN, 'show'])).stdout, /^▸ all\nx\.c:2: error: oops\n/);
});

test('an error that many jobs share is reported once', async (t: TestContext) => {
  const jobs = Array.from({ length: 30 }, (_, i) => `j${i}`);
  const it = tree(t, {
    Makefile: `all: ${jobs.join(' ')} other silent quiet\nj%: ; @printf 'In file included from %s.c:1:\\nx.h:1: error: oops\\n' $@; exit 1\nother: ; @echo 'x.h:2: error: oops'; exit 1\nsilent quiet: ; @exit 3\n`,
  });
  const text = await report(it, ['make', '-k', '-j3']);
  assert.deepEqual(errors(text), ['x.h:1: error: oops', 'x.h:2: error: oops']);
  assert.match(text, /^33 of 33 jobs failed\n/);
  assert.match(text, /\n {2}also in 29 other jobs: j1, j2, j3, .*, …\n {2}loglin show j0\n/);
  assert.doesNotMatch(text, /\nand \d+ more/);
  assert.equal(text.match(/^✗ /gm)?.length, 2 + 2, text);
});

test('a command that is not split: the report has the error that loglin problems finds, also with -q', async (t: TestContext) => {
  const it = tree(t, {
    'pytest.sh': `#!/bin/sh
cat <<'END'
=================================== FAILURES ===================================
___________________________________ test_sum ___________________________________

    def test_sum():
>       assert 1 == 2
E       assert 1 == 2

test_a.py:2: AssertionError
=========================== short test summary info ============================
FAILED test_a.py::test_sum - assert 1 == 2
END
exit 1
`,
    'plain.sh': '#!/bin/sh\necho one\necho two\nexit 3\n',
    'fine.sh': '#!/bin/sh\necho "a.c:1: error: ignored"\n',
    'stopped.sh': '#!/bin/sh\necho "a.c:1: error: seen"\nkill -TERM $$\n',
    'crashed.sh': '#!/bin/sh\necho "a.c:1: error: seen"\nulimit -c 0\nkill -SEGV $$\n',
  });
  for (const argv of [['./pytest.sh'], ['-q', './pytest.sh']])
    assert.match(
      await report(it, argv),
      /^✗ \.\/pytest\.sh \(exit 1\)\n[^]*E +assert 1 == 2\n[^]* {2}loglin show\n$/,
    );
  // Either its last lines were just printed, or nothing was.
  assert.equal(await report(it, ['./plain.sh']), '✗ ./plain.sh (exit 3)\n');
  assert.equal(await report(it, ['-q', './plain.sh']), '✗ ./plain.sh (exit 3)\none\ntwo\n  loglin show\n');
  assert.equal(await report(it, ['./fine.sh']), '');
  assert.equal(await report(it, ['./stopped.sh']), '');
  assert.equal(
    await report(it, ['./crashed.sh']),
    '✗ ./crashed.sh (SIGSEGV)\na.c:1: error: seen\n  loglin show\n',
  );
});

test("go's tests run in the folder of their package", async (t: TestContext) => {
  const it = tree(t, {
    'go.mod': 'module example.com/m\n',
    'calc/calc_test.go': '',
    'calc/deep/deep_test.go': '',
    'top_test.go': '',
    'go.sh': `#!/bin/sh
printf -- '--- FAIL: TestTop (0.00s)\\n    top_test.go:3: zero\\nFAIL\\nFAIL\\texample.com/m\\t0.002s\\n'
printf -- '--- FAIL: TestA (0.00s)\\n    calc_test.go:12: one\\n--- FAIL: TestB (0.00s)\\n    calc_test.go:15: two\\nFAIL\\nFAIL\\texample.com/m/calc\\t0.003s\\n'
printf -- '--- FAIL: TestC (0.00s)\\n    deep_test.go:7: three\\nFAIL\\nFAIL\\texample.com/m/calc/deep\\t0.003s\\n'
printf 'ok  \\texample.com/m/other\\t0.001s\\n'
printf -- '--- FAIL: TestD (0.00s)\\n    gone_test.go:7: four\\nFAIL\\nFAIL\\texample.com/m/gone\\t0.003s\\nFAIL\\n'
exit 1
`,
  });
  assert.match(await report(it, ['./go.sh']), /\n {4}top_test\.go:3: zero\n/);
  assert.equal(
    (await it.run([LOGLIN, 'problems'])).stdout,
    `top_test.go:3: error: TestTop: zero (./go.sh)
calc/calc_test.go:12: error: TestA: one (./go.sh)
calc/calc_test.go:15: error: TestB: two (./go.sh)
calc/deep/deep_test.go:7: error: TestC: three (./go.sh)
gone_test.go:7: error: TestD: four (./go.sh)
`,
  );
  it.write({ 'go.sh': it.read('go.sh').replace(/^printf .*TestTop.*\n/m, '') });
  assert.match(
    await report(it, ['./go.sh']),
    /^✗ .*\n--- FAIL: TestA \(0\.00s\)\n {4}calc\/calc_test\.go:12: one\n/,
  );
});

test('diff has one new problem for a failure, not one for each job above it', async (t: TestContext) => {
  const makefile = (status: number): string =>
    `all: ; @echo x; if [ ${status} != 0 ]; then echo "a.c:1: error: oops"; fi; exit ${status}\n`;
  const it = tree(t, {
    '.loglin/.keep': '',
    Makefile: 'all: mid\nmid: ; @echo mid; $(MAKE) --no-print-directory -C sub\n',
    'sub/Makefile': 'all: ; @echo sub; $(MAKE) --no-print-directory -C sub\n',
    'sub/sub/Makefile': makefile(0),
  });
  await it.run([LOGLIN, 'make']);
  it.write({ 'sub/sub/Makefile': makefile(2) });
  await it.run([LOGLIN, 'make']);
  const { stdout } = await it.run([LOGLIN, 'diff']);
  assert.deepEqual(stdout.match(/^new: .*$/gm), ['new:  sub/sub/a.c:1: error: oops']);
  assert.equal(stdout.match(/^diff /gm)?.length, 3, stdout);
});
