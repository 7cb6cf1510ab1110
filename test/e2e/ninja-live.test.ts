// ninja while it runs: which output is shown when, signals, and a ninja that cannot be looked into.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  LOGLIN,
  type Started,
  type Tree,
  forWantOf,
  needs,
  skipOutsideCi,
  tree,
  until,
} from '../rig/tree.ts';

const NOTE = 'echo "$$LOGLIN_BUILD" >>.builds';
/** A command for an edge that waits for a file. */
const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;

test('a line is seen when it is written; the output of another edge beside it follows whole', async (t) => {
  if (!needs(t, 'ninja')) return;
  const it = tree(t, {
    'build.ninja': `rule slow
  command = ${NOTE}; for i in 1 2 3; do echo $out $$i; ${WAIT('$out.$$i')}; done; touch $out
  description = SLOW $out
build a: slow
build b: slow
`,
  });
  const started = it.start([LOGLIN, 'ninja', '-j2']);
  let seen = '';
  started.child.stdout!.on('data', (bytes: Buffer) => (seen += bytes.toString()));
  const sees = (text: string): Promise<void> => until(`${text} is seen`, () => seen.includes(text));
  // The second edge goes on first, and is not seen.
  await sees('a 1\n');
  it.write({ 'b.1': '', 'b.2': '' });
  it.write({ 'a.1': '' });
  await sees('a 2\n');
  it.write({ 'a.2': '' });
  await sees('a 3\n');
  assert.doesNotMatch(seen, /b \d/);
  it.write({ 'a.3': '', 'b.3': '' });
  const { end, stdout } = await started.ended;
  assert.equal(end, 'exit 0');
  assert.equal(stdout, '▸ a\nSLOW a\na 1\na 2\na 3\n▸ b\nSLOW b\nb 1\nb 2\nb 3\n');
  assert.equal(await it.show(), stdout);
  await it.nothingLeft();
});

interface Scenario {
  readonly what: string;
  readonly act: (it: Tree, started: Started) => void;
  readonly manifest: string;
  /**
   * ninja's status, where ninja's own race decides whether it dies of the signal or exits with 2 (or 130,
   * since 1.12).
   */
  readonly end?: RegExp;
}

const RUNS = `rule run
  command = ${NOTE}; echo half > $out; echo $$$$ > $out.pid; ${WAIT('go')}; echo all > $out
build one: run
build two: run
`;

const SCENARIOS: readonly Scenario[] = [
  ...(['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal): Scenario => ({
    what: `${signal} to the process group, as from a terminal`,
    act: (_, { pid }) => process.kill(-pid, signal),
    manifest: RUNS,
  })),
  {
    // The pipe of an edge with the console ends with the signal: ninja may find the pipe's end first, and the
    // signal pending.
    what: 'INT while an edge has the console',
    end: /^(?:SIGINT|exit 2|exit 130)$/,
    act: (_, { pid }) => process.kill(-pid, 'SIGINT'),
    manifest: RUNS.replace('build one: run\n', 'build one: run\n  pool = console\n'),
  },
  {
    what: 'an edge that is killed',
    act: (it) => {
      process.kill(Number(it.read('one.pid')), 'SIGKILL');
      it.write({ go: '' });
    },
    manifest: RUNS,
  },
];

/** The status, the files and the output, except for what depends on when the signal came. */
async function play(t: TestContext, { act, manifest, end: either }: Scenario, wrapper: readonly string[]) {
  const it = tree(t, { 'build.ninja': manifest });
  const started = it.start([...wrapper, 'ninja', '-j2'], { merge: wrapper.length === 0 });
  await it.line('one.pid');
  await it.line('two.pid');
  act(it, started);
  const { end, stdout, stderr } = await started.ended;
  await it.nothingLeft();
  if (wrapper.length > 0) assert.equal(stderr, '');
  const output = wrapper.length > 0 ? await it.show('--raw') : stdout;
  const files = Object.keys(it.contents()).filter((name) => !name.startsWith('.ninja'));
  const lines = output.split('\n').filter((line) => line.startsWith('ninja: ') || line.startsWith('FAILED'));
  return { end: either?.test(end) ? String(either) : end, files, lines };
}

for (const scenario of SCENARIOS)
  test(`ninja handles signals as without loglin: ${scenario.what}`, async (t) => {
    if (!needs(t, 'ninja')) return;
    assert.deepEqual(await play(t, scenario, [LOGLIN]), await play(t, scenario, []));
  });

test('a ninja whose loglin is killed goes on alone', async (t) => {
  if (!needs(t, 'ninja')) return;
  const it = tree(t, { 'build.ninja': RUNS });
  const started = it.start([LOGLIN, 'ninja', '-j2']);
  await it.line('one.pid');
  await it.line('two.pid');
  process.kill(started.pid, 'SIGKILL');
  it.write({ go: '' });
  await until(
    'both edges have ended',
    () => it.has('one') && it.read('one') === 'all\n' && it.read('two') === 'all\n',
  );
  assert.equal((await started.ended).end, 'SIGKILL');
});

/** Prints what a static ninja prints: for each edge that has ended, a status line and its output. */
const STATIC = `#include <stdio.h>
#include <stdlib.h>
int main(int count, char **arguments) {
	if (count > 1) return puts("1.99") < 0 || !arguments;
	const char *status = getenv("NINJA_STATUS"), *edges[] = {"a", "b"};
	for (int i = 0; i < 2; i++) {
		for (const char *c = status ? status : "[%f/%t] "; *c; c++)
			if (*c == '%' && c[1]) { if (*++c == '%') putchar('%'); else printf("%d", *c == 't' ? 2 : i + 1); }
			else putchar(*c);
		printf("SAY %s\\n", edges[i]);
		if (i == 1) printf("FAILED: [code=7] b \\nfalse\\n");
		printf("output of %s\\n", edges[i]);
	}
	puts("ninja: build stopped: subcommand failed.");
	return 7;
}
`;

test('edges of a static ninja become jobs when they have ended, and a message explains that', (t) => {
  if (!needs(t, 'cc')) return;
  const it = tree(t, {
    'ninja.c': STATIC,
    'build.ninja': `rule say
  command = echo output of $out
  description = SAY $out
build a: say
build b: say | a
`,
  });
  const program = it.path('bin/ninja');
  it.write({ 'bin/keep': '' });
  const { status, stderr } = spawnSync('cc', ['-static', '-o', program, it.path('ninja.c')]);
  if (status !== 0) {
    assert.match(stderr.toString(), /-lc\b/);
    skipOutsideCi(t, forWantOf('a static C library'));
    return;
  }
  const env = { PATH: `${path.dirname(program)}:${process.env.PATH ?? ''}`, NINJA_STATUS: '<%f of %t> ' };
  return (async () => {
    const { end, stdout } = await it.run([LOGLIN, 'ninja'], { env });
    assert.equal(end, 'exit 7');
    assert.match(stdout, /SAY a\noutput of a\n/);
    assert.match(
      stdout,
      /SAY b\nFAILED: \[code=7\] b \nfalse\noutput of b\n✗ b \(exit 7\)\nninja: build stopped/,
    );
    const show = await it.show();
    assert.equal(
      show,
      '▸ b\n  ▸ a\nSAY a\noutput of a\n▸ b (resumed)\nSAY b\nFAILED: [code=7] b \nfalse\noutput of b\n✗ b (exit 7)\nninja: build stopped: subcommand failed.\n',
    );
    const doctor = await it.run([LOGLIN, 'doctor'], { env });
    assert.match(doctor.stdout, /^less {2}ninja 1\.99 is static: its edges are shown when they have ended/m);
  })();
});
