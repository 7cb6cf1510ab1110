// `loglin show -f`: follows a build from another process while it runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listBuilds } from '../../src/store/builds.ts';
import { screen } from '../rig/tmux.ts';
import { LOGLIN, type Started, type Tree, needs, tree, until } from '../rig/tree.ts';

const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;
const MAKEFILE = `all: one two three
one: ; @echo one begins; ${WAIT('go1')}; echo one ends
two: ; @echo two begins; ${WAIT('go2')}; echo two ends
three: two ; @echo three; exit 3
`;

/** The output of a process so far. */
function saying(started: Started): () => string {
  let said = '';
  started.child.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  return () => said;
}

/** The journal of the only build. */
function recorded(it: Tree): string {
  const [id = ''] = listBuilds(it.path('.loglin'));
  return it.read(`.loglin/builds/${id}/journal.ndjson`);
}

/** Starts a build that has printed its first lines and now waits. */
async function waiting(it: Tree): Promise<{ build: Started; said: () => string }> {
  const build = it.start([LOGLIN, 'make', '-j4']);
  const said = saying(build);
  // The journal may be up to 100 ms behind.
  await until('it has begun', () => said().includes('one begins\n'));
  await until('that of both is on record', () => {
    const journal = recorded(it);
    return journal.includes('[1,11]') && journal.includes('[2,11]');
  });
  return { build, said };
}

test('follow: prints what was recorded, then what comes, as the build does, and returns its status if asked to', async (t) => {
  if (!needs(t, 'make')) return;
  const it = tree(t, { Makefile: MAKEFILE });
  const { build } = await waiting(it);
  const plain = it.start([LOGLIN, 'show', '-f']);
  const asked = it.start([LOGLIN, 'show', '-f', '--exit-code']);
  const followed = saying(plain);
  await until('the follower has begun', () => followed() === '▸ one\none begins\n');
  it.write({ go1: '' });
  await until('the follower goes on', () => followed().includes('one ends\n▸ two\ntwo begins\n'));
  it.write({ go2: '' });
  const { stdout, end } = await build.ended;
  const [log = ''] = stdout.split('\n1 of 3 jobs failed\n');
  assert.equal(end, 'exit 2');
  assert.deepEqual(await plain.ended, { stdout: log, stderr: '', end: 'exit 0' });
  assert.deepEqual(await asked.ended, { stdout: log, stderr: '', end: 'exit 2' });
});

test('follow: follows one target, also one that has not been started', async (t) => {
  if (!needs(t, 'make')) return;
  const it = tree(t, { Makefile: MAKEFILE });
  const { build } = await waiting(it);
  const one = it.start([LOGLIN, 'show', '-f', 'one']);
  const said = saying(one);
  await until('it is shown', () => said() === '▸ one\none begins\n');
  const none = await it.loglin('show', '-f', 'three');
  assert.match(none.stderr, /^loglin: three: no such target in this build/);
  it.write({ go1: '', go2: '' });
  assert.equal((await one.ended).stdout, '▸ one\none begins\none ends\n');
  await build.ended;
});

test('follow: ends when the recorder is killed', async (t) => {
  if (!needs(t, 'make')) return;
  const it = tree(t, { Makefile: MAKEFILE });
  const { build } = await waiting(it);
  const follower = it.start([LOGLIN, 'show', '-f', '--exit-code']);
  const said = saying(follower);
  await until('it is shown', () => said().includes('one begins\n'));
  process.kill(build.pid, 'SIGKILL');
  const { stdout, stderr, end } = await follower.ended;
  assert.equal(stdout, '▸ one\none begins\n▸ two\ntwo begins\n');
  assert.match(stderr, /^loglin: build \S+ was interrupted: its record ends where loglin was killed\n$/);
  assert.equal(end, 'exit 1');
  const listed = await it.loglin('ls');
  assert.match(listed.stdout, /^\S+ .* interrupted {2}/);
  it.write({ go1: '', go2: '' });
  await it.nothingLeft();
});

test('follow: prints the last build as show does when nothing runs, and refuses what cannot be followed', async (t) => {
  if (!needs(t, 'make')) return;
  const it = tree(t, { Makefile: MAKEFILE, go1: '', go2: '' });
  await it.loglin('make', '-j1');
  const { stdout, stderr, end } = await it.loglin('show', '-f', '--exit-code');
  assert.deepEqual([stdout, stderr, end], [await it.show(), '', 'exit 2']);
  const wrong = await it.loglin('show', '-f', '--failed');
  assert.deepEqual(
    [wrong.stderr, wrong.end],
    ['loglin: -f with --failed: which jobs fail is known when the build has ended\n', 'exit 125'],
  );
});

test('follow: a reader that goes away ends only the follower; a running build is shown as far as it is', async (t) => {
  if (!needs(t, 'make')) return;
  const it = tree(t, { Makefile: MAKEFILE });
  const { build } = await waiting(it);
  const head = it.start(['bash', '-c', '"$LOGLIN_BIN" show -f | head -n1; echo "${PIPESTATUS[0]}"']);
  const said = saying(head);
  await until('the reader has left', () => said() === '▸ one\n');
  const listed = await it.loglin('ls');
  assert.match(listed.stdout, / running {2}/);
  assert.match((await it.loglin('show')).stdout, /^▸ one\none begins\n▸ two\n/);
  it.write({ go1: '', go2: '' });
  assert.equal((await build.ended).end, 'exit 2');
  assert.equal((await head.ended).stdout, '▸ one\n0\n');
});

test('follow: Ctrl-C ends the follower and not the build', async (t) => {
  if (!needs(t, 'make', 'tmux')) return;
  const it = tree(t, { Makefile: MAKEFILE });
  const { build } = await waiting(it);
  const terminal = await screen(t, it, 40);
  terminal.type('"$LOGLIN_BIN" show -f');
  await terminal.see(/^one begins$/m);
  terminal.key('C-c');
  assert.equal(await terminal.status(), '130');
  assert.equal(build.child.exitCode, null);
  it.write({ go1: '', go2: '' });
  assert.equal((await build.ended).end, 'exit 2');
});
