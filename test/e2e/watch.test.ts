// `loglin watch` with real builds: exactly the builds that are expected, and their lines.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { LOGLIN, type Started, type Tree, needs, tree, until } from '../rig/tree.ts';
import { type FeedClient, type FeedMessage, feedOf } from '../rig/websocket.ts';

const PROJECT = {
  Makefile: `all: prog lib/lib.txt
prog: a.o b.o
\tcat a.o b.o >prog
a.o: a.c common.h
\tcp a.c a.o
b.o: b.c common.h
\tcp b.c b.o
lib/lib.txt: FORCE
\t@$(MAKE) -s -C lib
FORCE:
`,
  'a.c': 'a\n',
  'b.c': 'b\n',
  'common.h': 'h\n',
  'lib/Makefile': 'lib.txt: in.txt ../common.h ; cp in.txt $@\n',
  'lib/in.txt': 'in\n',
};

interface Watched extends Started {
  /** The lines that watch prints. */
  lines(): string[];
  /** Waits for so many builds to have ended. */
  builds(count: number): Promise<void>;
}

async function watch(t: TestContext, it: Tree, ...args: readonly string[]): Promise<Watched> {
  fs.mkdirSync(it.path('said'));
  const out = fs.openSync(it.path('said/watch'), 'w');
  const started = it.start([LOGLIN, 'watch', ...args], { stdout: out, merge: true });
  fs.closeSync(out);
  t.after(() => {
    started.child.kill('SIGKILL');
  });
  const lines = (): string[] =>
    it
      .read('said/watch')
      .split('\n')
      .filter((line) => /^(▸ watch|watching |loglin:)/.test(line));
  const ends = (): number => lines().filter((line) => line.startsWith('watching')).length;
  const watched: Watched = {
    ...started,
    lines,
    builds: (count) => until(`${count} builds have ended`, () => ends() >= count),
  };
  await watched.builds(1);
  return watched;
}

/** The reasons of the builds after the first one. */
const reasons = (watched: Watched): string[] =>
  watched
    .lines()
    .filter((line) => line.startsWith('▸'))
    .map((line) => line.slice('▸ watch: '.length))
    .slice(1);

async function end(watched: Watched): Promise<void> {
  process.kill(-watched.pid, 'SIGINT');
  assert.equal((await watched.ended).end, 'SIGINT');
}

test('each change of an input is followed by one build, and nothing else is', async (t) => {
  const it = tree(t, PROJECT);
  const watched = await watch(t, it, '-q', 'make', '-j4');
  assert.deepEqual(watched.lines(), ['▸ watch: first build', 'watching 6 files']);
  const expected: string[] = [];
  const after = async (reason: string, change: () => void): Promise<void> => {
    change();
    expected.push(reason);
    await watched.builds(expected.length + 1);
    assert.deepEqual(reasons(watched), expected);
  };
  await after('common.h changed → 4 targets', () => fs.appendFileSync(it.path('common.h'), 'more\n'));
  await after('a.c changed → 2 targets', () => spawnSync('sed', ['-i', 's/a/aa/', it.path('a.c')]));
  await after('b.c changed → 2 targets', () => {
    // As an editor saves a file, with a backup.
    it.write({ '.b.c.swp': '', '4913': '' });
    fs.rmSync(it.path('4913'));
    fs.renameSync(it.path('b.c'), it.path('b.c~'));
    it.write({ 'b.c': 'bb\n' });
    fs.rmSync(it.path('.b.c.swp'));
  });
  // None of these counts; the next reason names what does.
  it.write({ 'new.c': '', 'b.c~': 'x', 'deep/er/new.c': '', prog: 'spoilt', 'a.log': 'x' });
  await after('lib/in.txt changed → 1 target', () => it.write({ 'lib/in.txt': 'in 2\n' }));
  assert.equal(it.read('lib/lib.txt'), 'in 2\n');
  await after('Makefile changed → 0 targets', () => fs.appendFileSync(it.path('Makefile'), '# more\n'));
  await after('a.c removed → 2 targets', () => fs.rmSync(it.path('a.c')));
  await after('a.c changed → 2 targets', () => it.write({ 'a.c': 'back\n' }));
  // The folder is another one, and so is its makefile.
  await after('lib/Makefile, lib/in.txt changed → 1 target', () => {
    fs.renameSync(it.path('lib'), it.path('moved'));
    it.write({ 'lib/Makefile': PROJECT['lib/Makefile'], 'lib/in.txt': 'in 3\n', 'lib/lib.txt': '' });
    fs.rmSync(it.path('moved'), { recursive: true });
  });
  await end(watched);
});

/** What the feed tells of one change: the build's beginning, its end, and the change. */
function told(id: unknown, change: FeedMessage, sequence: number, exit = 0): FeedMessage[] {
  const build = { type: 'build', id, argv: ['make', '-j4'] };
  const status = { exit };
  return [
    { ...build, state: 'started' },
    { ...build, state: 'finished', status },
    { type: 'change', change, sequence, id, status },
  ];
}

/** What a client was told, without counts and times. */
const heard = ({ messages }: FeedClient): FeedMessage[] =>
  messages.map(({ jobs: _jobs, failed: _failed, ms: _ms, ...message }) => message);

test('the feed tells of builds and changes, under watch --port and under serve', async (t) => {
  const it = tree(t, PROJECT);
  const watched = await watch(t, it, '--port', '0', '-q', 'make', '-j4');
  const [address = ''] = it.read('said/watch').split('\n');
  const out = fs.openSync(it.path('said/serve'), 'w');
  const server = it.start([LOGLIN, 'serve'], { stdout: out });
  fs.closeSync(out);
  t.after(() => {
    server.child.kill('SIGKILL');
  });
  const clients = [await feedOf(t, address), await feedOf(t, await it.line('said/serve'))];
  const expected: FeedMessage[] = [];
  const after = async (change: FeedMessage, step: () => void, exit = 0): Promise<void> => {
    step();
    const length = expected.length + 3;
    await until('it is told', () => clients.every(({ messages }) => messages.length >= length));
    const id = clients[0]?.messages.at(-1)?.id;
    expected.push(...told(id, change, length / 3, exit));
    for (const client of clients) assert.deepEqual(heard(client), expected);
  };
  it.write({ 'common.h': 'h 2\n' });
  const made = ['a.o', 'b.o', 'lib/lib.txt', 'prog'];
  await after({ inputs: ['common.h'], unrecognized: [], outputs: made }, () => undefined);
  await after(
    {
      inputs: ['a.c', 'lib/in.txt'],
      unrecognized: ['a.c~', 'lib/new'],
      outputs: ['a.o', 'lib/lib.txt', 'prog'],
    },
    () => {
      // prettier-ignore
      it.write({ 'a.c~': 'a\n', 'lib/new': '', 'a.c': 'aa\n', 'lib/in.txt': 'in 2\n' });
    },
  );
  await after({ inputs: ['b.c'], unrecognized: [], outputs: [] }, () => fs.rmSync(it.path('b.c')), 2);
  await end(watched);
  await until('its server has gone', () => clients[0]?.closed === 1001);
  process.kill(server.pid, 'SIGTERM');
  assert.equal((await server.ended).end, 'exit 0');
});

test('what changes during a build is built once more, after it; --restart interrupts', async (t) => {
  const files = {
    Makefile:
      'all: out\nout: in other ; echo >started; while test -e hold; do sleep 0.05; done; cat in other >$@\n',
    in: '1\n',
    other: '1\n',
  };
  for (const restart of [false, true]) {
    const it = tree(t, files);
    const watched = await watch(t, it, ...(restart ? ['--restart'] : []), '-q', 'make');
    it.write({ hold: '' });
    fs.rmSync(it.path('started'));
    it.write({ in: '2\n' });
    await it.file('started');
    it.write({ in: '3\n' });
    it.write({ other: '3\n' });
    if (restart) await until('it is interrupted', () => watched.lines().length >= 4);
    fs.rmSync(it.path('hold'));
    await watched.builds(3);
    assert.equal(it.read('out'), '3\n3\n');
    assert.equal(reasons(watched)[0], 'in changed → 1 target');
    assert.equal(reasons(watched)[1], 'in, other changed → 1 target');
    await end(watched);
  }
});

test('without a graph, the files count that git does not ignore, also new ones', async (t) => {
  if (!needs(t, 'git')) return;
  const it = tree(t, {
    'build.sh': '#!/bin/sh\ncat src/* >out.txt\n',
    'src/one': '1\n',
    '.gitignore': 'out*\nsaid\n.builds\n*.tmp\n',
  });
  await it.sh('git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm x');
  const watched = await watch(t, it, '-q', './build.sh');
  assert.match(watched.lines().join('\n'), /loglin: no graph tells what this build reads/);
  it.write({ 'src/ignored.tmp': 'x' });
  it.write({ 'src/two': '2\n' });
  await watched.builds(2);
  it.write({ 'src/one': '11\n' });
  await watched.builds(3);
  await it.run(['mkdir', '-p', 'src/new']);
  it.write({ 'more/deep/file': 'x\n' });
  await watched.builds(4);
  assert.deepEqual(reasons(watched), ['src/two changed', 'src/one changed', 'more/deep/file changed']);
  await end(watched);
});

test('--ignore, --on-success and --on-failure', async (t) => {
  const it = tree(t, {
    Makefile: 'all: out\nout: in version.h ; ! grep -q bad in && cat in >$@\n',
    in: '1\n',
    'version.h': '1\n',
  });
  const onSuccess = 'echo good >>ran; exec sleep 1000';
  const options = ['--ignore', '**/version.h', '--on-success', onSuccess, '--on-failure', 'echo bad >>ran'];
  const watched = await watch(t, it, ...options, '-q', 'make');
  await it.file('ran');
  it.write({ 'version.h': '2\n' });
  it.write({ in: 'bad\n' });
  await watched.builds(2);
  await until('the command has run', () => it.read('ran') === 'good\nbad\n');
  it.write({ in: 'good again\n' });
  await watched.builds(3);
  await until('the command has run', () => it.read('ran') === 'good\nbad\ngood\n');
  assert.deepEqual(reasons(watched), ['in changed → 1 target', 'in changed → 1 target']);
  await end(watched);
  await it.nothingLeft();
});

test('what cannot be watched is said, and ends', async (t) => {
  const it = tree(t, {});
  for (const [args, status, line] of [
    [[], 125, /watch: <command> is missing/],
    [['--tui', 'make'], 125, /^loglin: --tui: a watch has no browser/],
    [['--port', '65536', 'make'], 125, /^loglin: --port 65536: want a number up to 65535\n$/],
    [['-C', 'nosuch', 'make'], 125, /nosuch: no such folder\n$/],
    [['./nosuch'], 127, /nosuch/],
  ] as const) {
    const { stderr, end: ended } = await it.loglin('watch', ...args);
    assert.match(stderr, line);
    assert.equal(ended, `exit ${status}`, args.join(' '));
  }
});
