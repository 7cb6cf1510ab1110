// `--report FILE`: reports of a build that loglin has just recorded.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'junit2json';
import { copyDemo } from '../rig/demo.ts';
import { LOGLIN, tree } from '../rig/tree.ts';

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly failure?: string;
  readonly skipped?: string;
  readonly error?: string;
}

/** The test cases of a JUnit file. */
async function casesOf(xml: string): Promise<Case[]> {
  const suites = await parse(xml);
  const [suite] = suites && 'testsuite' in suites ? (suites.testsuite ?? []) : [];
  return (suite?.testcase ?? []).map(({ classname = '', name = '', failure, skipped, error }) => ({
    classname,
    name,
    ...(failure && { failure: failure[0]?.message ?? '' }),
    ...(skipped && { skipped: skipped[0]?.message ?? '' }),
    ...(error && { error: error[0]?.message ?? '' }),
  }));
}

test('--report: of the demo that fails, in all formats, by ending and by name', async (t) => {
  const it = tree(t, {});
  copyDemo(it.path('.'));
  const reports = ['out/r.xml', 'r.sarif', 'r.md', 'r.rdjsonl', 'checkstyle:c.xml', 'codequality:q.json'];
  const options = reports.flatMap((file) => ['--report', file]);
  const { end, stderr } = await it.run([LOGLIN, ...options, 'make', '-j4', 'FAIL=1']);
  assert.equal(stderr, '');
  assert.equal(end, 'exit 2');
  const cases = await casesOf(it.read('out/r.xml'));
  assert.ok(cases.length > 10);
  assert.deepEqual(
    cases.filter((one) => one.failure !== undefined || one.skipped !== undefined),
    [
      { classname: 'make -j4 FAIL=1', name: 'app', skipped: 'failed because of app/broken' },
      {
        classname: 'app',
        name: 'app/broken',
        failure: "app/broken.c:6:50: error: 'const struct list' has no member named 'size'",
      },
    ],
  );
  assert.match(
    it.read('r.md'),
    /^## ✗ `make -j4 FAIL=1` failed \(exit 2\)\n\n2 of \d+ jobs failed, 1 by itself/,
  );
  const place = { path: 'app/broken.c', range: { start: { line: 6, column: 50 } } };
  const [first = ''] = it.read('r.rdjsonl').split('\n');
  assert.deepEqual((JSON.parse(first) as { location: unknown }).location, place);
  assert.match(
    it.read('c.xml'),
    /<file name="app\/broken\.c">\n {4}<error line="6" column="50" severity="error"/,
  );
  const [one] = JSON.parse(it.read('q.json')) as { location: unknown }[];
  assert.deepEqual(one?.location, { path: 'app/broken.c', lines: { begin: 6 } });
  // The same by `loglin problems`, also from a folder below.
  for (const [format, file] of [
    ['sarif', 'r.sarif'],
    ['checkstyle', 'c.xml'],
    ['codequality', 'q.json'],
    ['rdjsonl', 'r.rdjsonl'],
  ] as const) {
    const listed = await it.run([LOGLIN, 'problems', `--format=${format}`], { cwd: it.path('app') });
    assert.equal(listed.stdout, it.read(file), format);
  }
});

test('--report: of a build that is interrupted, of a command that is no build, of one without jobs', async (t) => {
  // A shell goes on after a SIGINT that comes while it waits for a command which then ends well.
  const it = tree(t, {
    Makefile: 'all: hangs\nquick:\n\t@echo hi\nhangs: quick\n\t@: >here; exec sleep 60\n',
  });
  const started = it.start([LOGLIN, '--report=r.xml', '--report=r.md', 'make', '-j2']);
  await it.file('here');
  process.kill(-started.pid, 'SIGINT');
  await started.ended;
  assert.deepEqual(await casesOf(it.read('r.xml')), [
    { classname: 'make -j2', name: 'hangs', error: 'it ran when the build was stopped' },
    { classname: 'make -j2', name: 'quick' },
  ]);
  assert.match(it.read('r.md'), /^## ✗ `make -j2` stopped /);
  assert.equal(
    (await it.run([LOGLIN, '--report=r.xml', 'sh', '-c', 'echo a.c:1: error: no; exit 3'])).end,
    'exit 3',
  );
  const [alone, ...none] = await casesOf(it.read('r.xml'));
  assert.deepEqual(
    [alone?.name, alone?.failure, none],
    ['sh -c echo a.c:1: error: no; exit 3', 'exit 3', []],
  );
  assert.match(it.read('r.xml'), /<failure type="exit 3" message="exit 3">a\.c:1: error: no<\/failure>/);
});

test('--report: a job that goes on despite a failure below it is no skipped one', async (t) => {
  const it = tree(t, {
    Makefile: 'all: goes-on\ngoes-on:\n\t@$(MAKE) bad || true\nbad:\n\t@echo x.c:1: error: no; exit 3\n',
  });
  assert.equal((await it.run([LOGLIN, '--report=r.xml', 'make'])).end, 'exit 0');
  assert.match(it.read('r.xml'), /<testsuite [^>]*tests="2" failures="1" errors="0" skipped="0"/);
  const [first, second] = await casesOf(it.read('r.xml'));
  assert.deepEqual(first, { classname: 'make', name: 'goes-on' });
  assert.ok(second?.failure);
});

test('--report: what cannot be written is said, and changes nothing; a format that is not known ends it before', async (t) => {
  const it = tree(t, { Makefile: 'all:\n\t@echo hi\n', 'file.md': '', 'dir.md/x': '' });
  const bad = await it.run([
    LOGLIN,
    '--report',
    'file.md/r.xml',
    '--report',
    'dir.md',
    '--report',
    'good.md',
    'make',
  ]);
  assert.equal(bad.end, 'exit 0');
  assert.match(bad.stderr, /^loglin: file\.md\/r\.xml: not a directory\nloglin: dir\.md: is a directory\n$/);
  assert.match(it.read('good.md'), /^## ✓ `make` ok\n/);
  for (const [word, why] of [
    [
      'r.txt',
      '--report r.txt: of which format? junit:r.txt, or sarif, checkstyle, rdjsonl, codequality, markdown',
    ],
    [
      'junti:r.xml',
      '--report junti:r.xml: junti is no format; want junit, sarif, checkstyle, rdjsonl, codequality, markdown',
    ],
  ] as const)
    assert.deepEqual(await it.run([LOGLIN, '--report', word, 'make']), {
      end: 'exit 125',
      stdout: '',
      stderr: `loglin: ${why}\n`,
    });
  const asked = await it.run([LOGLIN, '--report=r.xml', 'make', '--version']);
  assert.equal(asked.stderr, 'loglin: r.xml: there is no report of what is not recorded\n');
});

test('under GitHub Actions a summary is added to the page of the step, within its limit', async (t) => {
  const it = tree(t, {
    Makefile: 'all:\n\t@cat warnings\n',
    warnings: Array.from(
      { length: 20_000 },
      (_, i) => `w.c:${i + 1}:1: warning: ${'w'.repeat(100)} ${i}\n`,
    ).join(''),
    page: '',
  });
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: it.path('page') };
  const make = async (): Promise<void> => {
    const { end, stderr } = await it.run([LOGLIN, 'make'], { env });
    assert.deepEqual([end, stderr], ['exit 0', '']);
  };
  await make();
  const first = it.read('page');
  assert.match(first, /^## ✓ `make` ok\n\n1 job, in /);
  assert.match(first, /\n### 20000 warnings\n[^]*\nand 19950 more: `loglin problems -b \S+ --warnings`\n/);
  assert.ok(first.length < 64 * 1024);
  await make();
  assert.ok(it.read('page').startsWith(`${first}\n## ✓ \`make\` ok\n\n1 job, in `));
  it.write({ page: 'x'.repeat(1024 * 1024 - 20) });
  await make();
  assert.equal(it.read('page').length, 1024 * 1024 - 20);
  it.write({ page: '' });
  await it.run([LOGLIN, 'make'], { env: { GITHUB_STEP_SUMMARY: it.path('page') } });
  await it.run([LOGLIN, '--no-ci', 'make'], { env });
  await it.run([LOGLIN, 'make'], { env: { ...env, LOGLIN_CI: 'no' } });
  assert.equal(it.read('page'), '');
});
