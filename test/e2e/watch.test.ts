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

/** Where it writes lies in the tree, beside what it watches. */
const stateOf = (it: Tree): Record<string, string> => ({ XDG_STATE_HOME: it.path('said/state') });

async function watch(t: TestContext, it: Tree, ...args: readonly string[]): Promise<Watched> {
  return watchBy(t, it, [LOGLIN, 'watch', ...args]);
}

async function watchBy(t: TestContext, it: Tree, argv: readonly string[]): Promise<Watched> {
  fs.mkdirSync(it.path('said'));
  const out = fs.openSync(it.path('said/watch'), 'w');
  const started = it.start(argv, { stdout: out, merge: true, env: stateOf(it) });
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

/** Makes the tree one of git's. Nothing of what is made is in it. */
async function repository(it: Tree): Promise<void> {
  it.write({ '.gitignore': '*.o\nprog\nlib.txt\nout\nsaid\n.builds\n' });
  await it.sh('git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm one');
}

/** Changes several files as git does: nobody else is to begin meanwhile. */
function atOnce(it: Tree, change: () => void): void {
  const lock = it.path('.git/index.lock');
  fs.writeFileSync(lock, '');
  change();
  fs.rmSync(lock);
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
  if (!needs(t, 'git', 'vim')) return;
  const it = tree(t, PROJECT);
  await repository(it);
  const watched = await watch(t, it, '-q', 'make', '-j4');
  assert.deepEqual(watched.lines(), ['▸ watch: first build', 'watching 6 files']);
  const expected: string[] = [];
  const after = async (reason: string, change: () => void): Promise<void> => {
    atOnce(it, change);
    expected.push(reason);
    await watched.builds(expected.length + 1);
    assert.deepEqual(reasons(watched), expected);
  };
  /** What counts for nothing: the next reason names what does. */
  const unnoticed = (files: Readonly<Record<string, string>>): void => it.write(files);
  await after('common.h changed → 4 targets', () => fs.appendFileSync(it.path('common.h'), 'more\n'));
  for (const set of ['backup backupcopy=yes', 'backup backupcopy=no', 'nobackup nowritebackup'])
    await after('common.h changed → 4 targets', () => {
      const vim = ['-u', 'NONE', '-es', '-c', `set ${set} swapfile`, '-c', '1s/^/x/', '-c', 'wq', 'common.h'];
      assert.equal(spawnSync('vim', vim, { cwd: it.dir }).status, 0, set);
    });
  await after('a.c changed → 2 targets', () => spawnSync('sed', ['-i', 's/a/aa/', it.path('a.c')]));
  unnoticed({ 'new.c': '', 'b.c~': 'x', '.b.c.swp': 'x', '#b.c#': 'x', 'a.log': 'x' });
  unnoticed({ 'deep/er/new.c': '', 'lib/deep/new.h': '', prog: 'spoilt', 'a.o': 'spoilt' });
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

test('a checkout, and 2,000 files that are touched at once, are followed by one build', async (t) => {
  if (!needs(t, 'git')) return;
  const names = Array.from({ length: 2000 }, (_, i) => `many/${i % 100}/${i}`);
  const it = tree(t, {
    Makefile: 'out: $(wildcard many/*/*) ; date >>out\n',
    ...Object.fromEntries(names.map((name) => [name, 'one\n'])),
  });
  await repository(it);
  await it.sh('echo two | tee many/7/* >tee.txt && git -c user.name=x -c user.email=x@x commit -qam two');
  const watched = await watch(t, it, '-q', 'make');
  assert.deepEqual(watched.lines(), ['▸ watch: first build', 'watching 2001 files']);
  await it.sh('git checkout -q HEAD~1');
  await watched.builds(2);
  atOnce(it, () => spawnSync('find', [it.path('many'), '-type', 'f', '-exec', 'touch', '{}', '+']));
  await watched.builds(3);
  assert.deepEqual(reasons(watched), [
    'many/7/1007, many/7/107, many/7/1107 and 17 more changed → 1 target',
    'many/0/0, many/0/100, many/0/1000 and 1997 more changed → 1 target',
  ]);
  await end(watched);
});

test('where the system watches no more folders, files are looked at, and the limit is named', async (t) => {
  const few = 'echo 1 >/proc/sys/user/max_inotify_watches && exec "$@"';
  if (spawnSync('unshare', ['-Ur', 'sh', '-c', few, 'sh', 'true']).status !== 0) {
    t.skip('no namespace of users with limits of its own');
    return;
  }
  const it = tree(t, PROJECT);
  const argv = ['unshare', '-Ur', 'sh', '-c', few, 'sh', LOGLIN, 'watch', '-q', 'make'];
  const watched = await watchBy(t, it, argv);
  assert.deepEqual(watched.lines(), [
    'loglin: the system watches no more folders (ENOSPC), so files are looked at every second; sysctl fs.inotify.max_user_watches is the limit',
    '▸ watch: first build',
    'watching 6 files',
  ]);
  it.write({ 'lib/in.txt': 'in 2\n' });
  await watched.builds(2);
  assert.deepEqual(reasons(watched), ['lib/in.txt changed → 1 target']);
  await end(watched);
});

test('--clear and --bell are for a terminal', async (t) => {
  if (!needs(t, 'script')) return;
  const it = tree(t, { Makefile: 'all: out\nout: in ; ! grep -q bad in && cat in >$@\n', in: 'bad\n' });
  const clear = '\x1b[H\x1b[2J\x1b[3J';
  const ends = (bytes: string): number => bytes.split('watching 2 files').length - 1;
  for (const terminal of [false, true]) {
    const bytes = (): string => it.read('said/all');
    const line = '"$LOGLIN_BIN" watch --clear --bell -q make';
    it.write({ 'said/all': '', in: 'bad\n' });
    const words = terminal ? ['script', '-qefc', line, '/dev/null'] : ['sh', '-c', line];
    const out = fs.openSync(it.path('said/all'), 'w');
    const started = it.start(words, { stdout: out });
    fs.closeSync(out);
    await until('the first build has ended', () => ends(bytes()) === 1);
    it.write({ in: 'good\n' });
    await until('the second build has ended', () => ends(bytes()) === 2);
    process.kill(-started.pid, 'SIGTERM');
    await started.ended;
    const [, first = '', second = ''] = bytes().split('▸ watch: ');
    assert.equal(bytes().startsWith(`${clear}▸ watch: first build`), terminal);
    assert.equal(first.endsWith(clear), terminal);
    assert.deepEqual([first.includes('\x07'), second.includes('\x07')], [terminal, false]);
  }
  await it.nothingLeft();
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
  if (!needs(t, 'git')) return;
  const it = tree(t, PROJECT);
  await repository(it);
  const watched = await watch(t, it, '--port', '0', '-q', 'make', '-j4');
  const [address = ''] = it.read('said/watch').split('\n');
  const out = fs.openSync(it.path('said/serve'), 'w');
  const server = it.start([LOGLIN, 'serve'], { stdout: out, env: stateOf(it) });
  fs.closeSync(out);
  t.after(() => {
    server.child.kill('SIGKILL');
  });
  const clients = [await feedOf(t, address), await feedOf(t, await it.line('said/serve'))];
  const expected: FeedMessage[] = [];
  const after = async (change: FeedMessage, step: () => void, exit = 0): Promise<void> => {
    atOnce(it, step);
    const length = expected.length + 3;
    await until('it is told', () => clients.every(({ messages }) => messages.length >= length));
    const id = clients[0]?.messages.at(-1)?.id;
    expected.push(...told(id, change, length / 3, exit));
    for (const client of clients) assert.deepEqual(heard(client), expected);
  };
  const made = ['a.o', 'b.o', 'lib/lib.txt', 'prog'];
  await after({ inputs: ['common.h'], unrecognized: [], outputs: made }, () =>
    it.write({ 'common.h': 'h 2\n' }),
  );
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

test('ninja: headers count that the compiler has reported', async (t) => {
  if (!needs(t, 'ninja')) return;
  for (const builddir of ['', 'builddir = made\n']) {
    const it = tree(t, {
      'out/build.ninja': `${builddir}rule cc
  command = cat $in ../inc/h.h >$out && echo "$out: $in ../inc/h.h" >$out.d
  depfile = $out.d
  deps = gcc
build a.o: cc ../a.c
build b.o: cc ../b.c
build all: phony a.o b.o
default all
`,
      'a.c': 'a\n',
      'b.c': 'b\n',
      'inc/h.h': 'h\n',
    });
    const watched = await watch(t, it, '-q', 'ninja', '-C', 'out');
    assert.deepEqual(watched.lines(), ['▸ watch: first build', 'watching 4 files']);
    it.write({ 'inc/h.h': 'hh\n' });
    await watched.builds(2);
    it.write({ 'b.c': 'bb\n' });
    await watched.builds(3);
    fs.appendFileSync(it.path('out/build.ninja'), 'build c.o: cc ../a.c\n');
    await watched.builds(4);
    assert.deepEqual(reasons(watched), [
      'inc/h.h changed → 2 targets',
      'b.c changed → 1 target',
      'out/build.ninja changed → 0 targets',
    ]);
    assert.equal(it.read('out/b.o'), 'bb\nhh\n');
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
