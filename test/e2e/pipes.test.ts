// Tools whose output goes into a pipe of the build itself: `make | tee log`.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { LOGLIN, tree, until } from '../rig/tree.ts';

const MAKEFILE =
  'all: one two\none two: ; @echo $@ begins; while [ ! -e go.$@ ]; do sleep 0.02; done; echo $@ ends\n';

for (const [name, command] of [
  ['tee', 'make -j1 2>&1 | tee log'],
  ['cat', 'make -j1 | cat'],
  ['a reader of lines', 'make -j1 2>&1 | while read -r line; do echo "$line"; done'],
] as const)
  test(`output that comes through ${name} is seen while the jobs run, in each build`, async (t) => {
    const it = tree(t, { Makefile: MAKEFILE });
    // The second build knows the graph.
    for (const build of ['first', 'second']) {
      const out = it.path(`out.${build}`);
      const stdout = fs.openSync(out, 'w');
      const { ended } = it.start([LOGLIN, 'sh', '-c', command], { stdout });
      fs.closeSync(stdout);
      for (const target of ['one', 'two']) {
        await until(`${target} is seen`, () => it.read(`out.${build}`).includes(`${target} begins\n`));
        it.write({ [`go.${target}`]: '' });
      }
      assert.equal((await ended).end, 'exit 0');
      assert.equal(it.read(`out.${build}`), 'one begins\none ends\ntwo begins\ntwo ends\n');
      assert.equal(await it.show(), 'one begins\none ends\ntwo begins\ntwo ends\n');
      for (const target of ['one', 'two']) fs.rmSync(it.path(`go.${target}`));
    }
  });
