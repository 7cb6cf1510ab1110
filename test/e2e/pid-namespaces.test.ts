// Containers that share temp folders or stores: a process number from one means nothing in another. The tests
// need root for namespaces, and are skipped without.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { listBuilds, summarise } from '../../src/store/builds.ts';
import { mayRun } from '../../src/store/gc.ts';
import { LOGLIN, Tree, tree, until } from '../rig/tree.ts';

const EIGHT =
  'all: t1 t2 t3 t4 t5 t6 t7 t8\nt%: ; @echo job $@; while [ ! -e go ] && [ $@ != t1 ]; do sleep 0.05; done\n';

const possible = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;
const skip = possible ? false : 'needs a PID namespace of its own';

/** Starts a build that stops after its first job until `go` is there. */
async function running(
  t: TestContext,
): Promise<{ it: Tree; ended: Promise<{ end: string; stdout: string }> }> {
  const it = tree(t, { Makefile: EIGHT });
  const { ended } = it.start([LOGLIN, 'make', '-j1']);
  await until('the second job runs', () => it.has('.loglin/builds') && journal(it).includes('"name":"t2"'));
  return { it, ended };
}

function journal(it: Tree): string {
  const [id] = listBuilds(it.path('.loglin'));
  const file = `.loglin/builds/${id ?? ''}/journal.ndjson`;
  return it.has(file) ? it.read(file) : '';
}

test(
  'another loglin, in a PID namespace of its own, leaves the folder of a running build alone',
  { skip },
  async (t) => {
    const { it, ended } = await running(t);
    for (const words of [
      ['unshare', '-pf', '--mount-proc'],
      ['unshare', '-pf'],
    ]) {
      const { end, stdout } = await it.run([...words, LOGLIN, '--store', 'other', 'echo', 'inner']);
      assert.deepEqual([end, stdout], ['exit 0', 'inner\n']);
    }
    it.write({ go: '' });
    assert.equal((await ended).end, 'exit 0');
    assert.equal(await it.show(), [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `▸ t${n}\njob t${n}\n`).join(''));
  },
);

test('a running build is seen to run from another PID namespace, and is not removed', { skip }, async (t) => {
  const { it, ended } = await running(t);
  const [id = ''] = listBuilds(it.path('.loglin'));
  const file = it.path(`.loglin/builds/${id}/journal.ndjson`);
  const inside = ['unshare', '-pf', '--mount-proc', LOGLIN];
  assert.match((await it.run([...inside, 'ls'])).stdout, / running /);
  // The build is silent for two days but still runs, as its temp folder shows.
  const past = Date.now() / 1000 - 2 * 86_400;
  fs.utimesSync(file, past, past);
  assert.match((await it.run([...inside, 'ls'])).stdout, / running /);
  await it.run([...inside, 'gc', '--keep', '0']);
  assert.ok(fs.existsSync(file));
  // This container shares the store, but no temp folder.
  const apart = [
    'unshare',
    '-mpf',
    '--mount-proc',
    'sh',
    '-c',
    'mount -t tmpfs none /dev/shm && exec "$@"',
    'sh',
    LOGLIN,
  ];
  fs.utimesSync(file, new Date(), new Date());
  assert.match((await it.run([...apart, 'ls'])).stdout, / running /);
  await it.run([...apart, 'gc', '--keep', '0']);
  assert.ok(fs.existsSync(file));
  it.write({ go: '' });
  assert.equal((await ended).end, 'exit 0');
  assert.match((await it.loglin('ls')).stdout, / ok /);
});

test('a build that was killed in another PID namespace is interrupted, not running', { skip }, async (t) => {
  const it = tree(t, { Makefile: EIGHT });
  const script = `"$0" make -j1 & while ! grep -qs '"name":"t2"' .loglin/builds/*/journal.ndjson; do sleep 0.05; done; kill -9 $!; touch go`;
  await it.run(['unshare', '-pf', '--mount-proc', 'sh', '-c', script, LOGLIN]);
  const store = it.path('.loglin');
  const [id = ''] = listBuilds(store);
  assert.equal(summarise(store, id).state, 'interrupted');
  fs.utimesSync(path.join(store, 'builds', id, 'journal.ndjson'), 0, 0);
  assert.ok(!mayRun(store, summarise(store, id)));
});

test('a nested loglin in a PID namespace of its own is a job of the build around it', { skip }, async (t) => {
  const it = tree(t, {
    'main.sh':
      '#!/bin/sh\nfor how in "-pf" "-pf --mount-proc"; do unshare $how "$LOGLIN_BIN" -t inner sh -c "echo in; exit 3"; echo "status $?"; done\n',
  });
  const { stdout } = await it.loglin('./main.sh');
  assert.equal(
    stdout,
    '▸ inner\nin\n✗ inner (exit 3)\nstatus 3\n▸ inner#2\nin\n✗ inner#2 (exit 3)\nstatus 3\n',
  );
});
