// Three tools below one another: make calls cmake, whose ninja runs npm. The tree is right, every byte is
// there once, and Ctrl-C ends all of it, whichever tool runs at the moment.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LOGLIN, NOTED, type Tree, needs, tree } from '../rig/tree.ts';

const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;

const FILES = {
  Makefile: `${NOTED}all: before app
before:
	@echo make speaks; test -z "$(AT_MAKE)" || { echo make waits > waits; ${WAIT('go')}; }
app: before
	@echo building the app; cmake --build out; echo the app is built
`,
  'CMakeLists.txt': `cmake_minimum_required(VERSION 3.10)
project(demo NONE)
add_custom_command(OUTPUT first COMMAND sh \${CMAKE_SOURCE_DIR}/first.sh VERBATIM)
add_custom_command(OUTPUT second DEPENDS first WORKING_DIRECTORY \${CMAKE_SOURCE_DIR}/web
  COMMAND sh -c "echo before npm; npm run --silent build; echo after npm" COMMAND cmake -E touch \${CMAKE_BINARY_DIR}/second VERBATIM)
add_custom_target(everything ALL DEPENDS second)
`,
  'first.sh': `echo ninja speaks; test -z "$AT_NINJA" || { echo ninja waits > ../waits; ${WAIT('../go')}; }; echo 1 > first\n`,
  'web/package.json': JSON.stringify({
    name: 'web',
    version: '1.0.0',
    scripts: {
      prebuild: 'echo cleaning',
      build: 'echo bundling; npm run --silent styles; echo bundled',
      styles: `echo styles; test -z "$AT_NPM" || { echo npm waits > ../waits; ${WAIT('../go')}; }`,
    },
  }),
};

async function project(t: TestContext): Promise<Tree | undefined> {
  if (!needs(t, 'make', 'cmake', 'ninja', 'npm')) return undefined;
  const it = tree(t, FILES);
  const { end, stderr } = await it.run(['cmake', '-G', 'Ninja', '-S', '.', '-B', 'out']);
  assert.equal(end, 'exit 0', stderr);
  return it;
}

const SHOWN = `▸ before
make speaks
▸ app
building the app
  ▸ out/second
    ▸ out/first
Generating first
ninja speaks
  ▸ out/second (resumed)
Generating second
before npm
    ▸ web prebuild
cleaning
    ▸ web build
bundling
      ▸ web styles
styles
    ▸ web build (resumed)
bundled
  ▸ out/second (resumed)
after npm
▸ app (resumed)
the app is built
`;

test('make, cmake, ninja, npm: the tree is right, and every line is there once', async (t) => {
  const it = await project(t);
  if (!it) return;
  for (const jobs of ['-j1', '-j4']) {
    await it.sh('rm -f out/first out/second');
    const { end, stdout, stderr } = await it.run([LOGLIN, 'make', jobs]);
    assert.equal(stderr, '');
    assert.equal(end, 'exit 0', stdout);
    // ninja's status line of an edge without a description is its command.
    assert.equal(await it.show(), SHOWN);
    const raw = (await it.show('--raw')).split('\n').sort();
    const shown = SHOWN.split('\n').filter((line) => !/^ *▸/.test(line));
    assert.deepEqual(raw, shown.sort());
  }
  await it.nothingLeft();
});

for (const [level, variable] of [
  ['make', 'AT_MAKE'],
  ['ninja', 'AT_NINJA'],
  ['npm', 'AT_NPM'],
] as const)
  test(`Ctrl-C while ${level} runs ends all of it, as without loglin`, async (t) => {
    for (const wrapper of [[], [LOGLIN]]) {
      const it = await project(t);
      if (!it) return;
      const started = it.start([...wrapper, 'make', '-j2', `AT_MAKE=${variable === 'AT_MAKE' ? '1' : ''}`], {
        env: { [variable]: '1' },
      });
      assert.equal(await it.line('waits'), `${level} waits`);
      process.kill(-started.pid, 'SIGINT');
      // Which of the two it is, is a race of make's own, between the signal and its child's end.
      assert.match((await started.ended).end, /^(?:SIGINT|exit 2)$/);
      assert.equal(it.has('out/second'), false);
      await it.nothingLeft();
    }
  });
