// redo: its logs, imported from a tree that the real redo made, and read while it runs, where redo is on the
// PATH.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { LOGLIN, type Tree, needs, tree, until, wants } from '../rig/tree.ts';

const FIXTURE = path.join(import.meta.dirname, '../capture/fixtures/redo');

/** A tree with the .redo of the fixture. */
function imported(t: TestContext): Tree | undefined {
  if (!needs(t, 'sqlite3')) return undefined;
  const it = tree(t, { 'src/c.c': '' });
  fs.cpSync(FIXTURE, it.path('.redo'), { recursive: true });
  return it;
}

const LAST = `▸ all
  ▸ prog
    ▸ src/lib.a
      ▸ src/c.o
compiling c.c
    ▸ src/lib.a (resumed)
archiving lib
half a line, lib done
  ▸ prog (resumed)
linking prog
  ▸ docs/manual.txt
manual
▸ all (resumed)
all begins
all ends
▸ ko
bad things happen here
✗ ko (exit 1)
`;
const BEFORE = `▸ src/a.o
  ▸ gen.h
generating gen.h
▸ src/a.o (resumed)
compiling a.c
▸ src/b.o
compiling b.c
`;

test('import redo: it has the last run, and before it the targets that the last run left alone', async (t) => {
  const it = imported(t);
  if (!it) return;
  const before = it.contents();
  const { end, stdout, stderr } = await it.run([LOGLIN, 'import', 'redo'], { cwd: it.path('src') });
  assert.equal(stderr, '');
  assert.equal(end, 'exit 0');
  assert.match(stdout, /^\S+ {2}3 jobs\n\S+ {2}6 jobs\n$/);
  assert.deepEqual(it.contents(), before, 'the tree is as it was');
  assert.equal(await it.show(), LAST);
  assert.equal(await it.show('-b', '-1'), BEFORE);
  assert.match(
    (await it.loglin('ls')).stdout,
    /ok .* 3 jobs .*\n.*exit 1 .* 6 jobs, 1 failed .* redo all ko\n$/,
  );
  assert.match(await it.show('--order=launch', 'src/lib.a'), /lib\nhalf a line, lib done\n {2}▸ src\/c\.o\n/);
});

test('import redo: a target that a later run failed to build has failed, whatever its last log says', async (t) => {
  const it = imported(t);
  if (!it) return;
  const failed = "update Files set failed_runid = 1000000002 where name = 'src/lib.a'";
  assert.equal(spawnSync('sqlite3', [it.path('.redo/db.sqlite3'), failed]).status, 0);
  assert.equal((await it.loglin('import', 'redo')).end, 'exit 0');
  assert.match(await it.show('src/lib.a'), /\nhalf a line, lib done\n✗ src\/lib\.a \(exit 1\)\n$/);
  assert.match((await it.loglin('ls')).stdout, /exit 1 .* 6 jobs, 2 failed .* redo all ko\n$/);
});

test('import redo: the second import finds the build there already', async (t) => {
  const it = imported(t);
  if (!it) return;
  await it.loglin('import', 'redo');
  const { end, stdout } = await it.loglin('import', 'redo', it.dir);
  assert.equal(end, 'exit 0');
  assert.equal(stdout.match(/was there already/g)?.length, 2);
  assert.equal(fs.readdirSync(it.path('.loglin/builds')).length, 2);
});

test('import redo: no redo tree, another tool and a missing folder are refused', async (t) => {
  const it = tree(t, { 'empty/.redo/locks': '' });
  const failure = async (...args: string[]): Promise<string> => {
    const { end, stderr } = await it.loglin('import', ...args);
    assert.equal(end, 'exit 125');
    assert.match(stderr, /^loglin: [^\n]+\n/);
    return stderr;
  };
  assert.match(await failure('redo'), /no \.redo here or above/);
  assert.match(await failure('redo', 'nowhere'), /nowhere: no such file/);
  assert.match(await failure('redo', 'empty'), /no target has a log/);
  assert.match(await failure('tup'), /tup: no such file or directory; see loglin help import$/m);
  assert.ok(!it.has('.loglin'));
});

/** Imports a damaged tree. @returns the text on stderr, and the output of show. */
async function damaged(it: Tree, env: Record<string, string> = {}): Promise<{ said: string; shown: string }> {
  const { end, stderr } = await it.run([LOGLIN, 'import', 'redo'], { env });
  assert.equal(end, 'exit 1');
  return { said: stderr, shown: await it.show() };
}

test('import redo: a file that is no data base, and one of another version, are named', async (t) => {
  const it = imported(t);
  if (!it) return;
  it.write({ '.redo/db.sqlite3': 'no data base at all\n'.repeat(1000) });
  const { said, shown } = await damaged(it);
  assert.match(said, /^loglin: .*\.redo\/db\.sqlite3: .*not a database.*\n$/);
  assert.match(shown, /▸ log\.10\ngenerating gen\.h\n/);
  assert.match(shown, /half a line, lib done\n/);
  fs.copyFileSync(path.join(FIXTURE, 'db.sqlite3'), it.path('.redo/db.sqlite3'));
  spawnSync('sqlite3', [it.path('.redo/db.sqlite3'), 'update Schema set version = 7']);
  assert.match((await it.loglin('import', 'redo')).stderr, /of version 7; this loglin reads version 2/);
});

test('import redo: a data base that was cut in the middle is named', async (t) => {
  const it = imported(t);
  if (!it) return;
  fs.truncateSync(it.path('.redo/db.sqlite3'), 10_000);
  const { said, shown } = await damaged(it);
  assert.match(said, /^loglin: .*\.redo\/db\.sqlite3: [^\n]+\n$/);
  assert.match(shown, /compiling c\.c\n/);
});

test('import redo: logs that are cut in the middle, no files, or of no known target are imported as far as they go', async (t) => {
  const it = imported(t);
  if (!it) return;
  const lib = it.read('.redo/log.6');
  it.write({ '.redo/log.6': lib.slice(0, lib.lastIndexOf('@@ c.o')), '.redo/log.99': 'a stranger\n' });
  fs.rmSync(it.path('.redo/log.5'));
  fs.mkdirSync(it.path('.redo/log.5'));
  const { said, shown } = await damaged(it);
  assert.match(said, /log\.6: the last line is cut short\n/);
  assert.match(said, /log\.99: of no known target\n/);
  assert.match(said, /log\.5: is a directory\n/);
  assert.equal(said.split('\n').length, 4);
  assert.match(shown, /archiving lib\n/);
  assert.match(shown, /linking prog\n/);
});

test('import redo: a target that was killed has its signal, and logs that are no files are named', async (t) => {
  const it = imported(t);
  if (!it) return;
  const log = it.read('.redo/log.6');
  it.write({
    '.redo/log.6': `${log}@@REDO:do:1:1795231853.06@@ c.o\n@@REDO:done:1:1795231853.07@@ -15 c.o\n`,
  });
  const failed = "update Files set failed_runid = 1000000002 where name = 'src/c.o'";
  assert.equal(spawnSync('sqlite3', [it.path('.redo/db.sqlite3'), failed]).status, 0);
  it.write({ outside: 'a secret\n' });
  fs.rmSync(it.path('.redo/log.5'));
  fs.rmSync(it.path('.redo/log.10'));
  fs.symlinkSync('../outside', it.path('.redo/log.10'));
  assert.equal(spawnSync('mkfifo', [it.path('.redo/log.5')]).status, 0);
  const { said, shown } = await damaged(it);
  assert.match(said, /log\.5: not a file\n/);
  assert.match(said, /log\.10: a symbolic link, and loglin follows none in a store\n/);
  assert.equal(said.split('\n').length, 3);
  assert.match(shown, /▸ src\/c\.o\ncompiling c\.c\n *✗ src\/c\.o \(SIGTERM\)\n/);
  assert.doesNotMatch(await it.show('-b', '-1'), /secret/);
  fs.rmSync(it.path('.redo/db.sqlite3'));
  assert.equal(spawnSync('mkfifo', [it.path('.redo/db.sqlite3')]).status, 0);
  assert.match((await it.loglin('import', 'redo')).stderr, /db\.sqlite3: not a file\n/);
});

test('import redo: without the sqlite3 program, the logs are imported, and a message names it', async (t) => {
  const it = imported(t);
  if (!it) return;
  fs.mkdirSync(it.path('bin'));
  for (const tool of ['sh', 'node', 'readlink', 'cat']) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' });
    fs.symlinkSync(stdout.trim(), it.path(`bin/${tool}`));
  }
  const { said, shown } = await damaged(it, { PATH: it.path('bin') });
  assert.match(said, /db\.sqlite3: to read it, install sqlite3\n$/);
  assert.match(shown, /▸ log\.10\n/);
});

// -- the real one ----------------------------------------------------------------------------------------

const PROJECT = {
  'all.do': 'echo all begins >&2\nredo-ifchange prog docs src/lib.a\necho all ends >&2\n',
  'prog.do': 'redo-ifchange gen.h src/lib.a\necho linking prog >&2\ncat gen.h src/lib.a\n',
  'gen.h.do': 'echo generating gen.h >&2\nsleep 0.1\necho x\n',
  'docs.do': 'redo-always\nredo-ifchange gen.h\necho the manual >&2\n',
  'src/lib.a.do':
    'echo archiving >&2\nredo-ifchange ../gen.h a.o\nprintf "half, " >&2\nredo-ifchange b.o\necho done >&2\ncat a.o b.o\n',
  'src/default.o.do': 'redo-ifchange ../gen.h\necho "compiling $2" >&2\necho $2\n',
  'ko.do': 'redo-ifchange gen.h bad\n',
  'bad.do': 'echo bad things >&2\nexit 3\n',
  'slow.do': `echo it begins >&2\necho >&2 again\nwhile ! test -e go; do sleep 0.02; done\necho it ends >&2\n`,
};
const LINES = [
  'all begins',
  'all ends',
  'archiving',
  'compiling a',
  'compiling b',
  'generating gen.h',
  'half, done',
  'linking prog',
  'the manual',
];

function project(t: TestContext): Tree | undefined {
  return wants(t, 'redo') && needs(t, 'sqlite3') ? tree(t, PROJECT) : undefined;
}

const clean = (it: Tree): void => {
  for (const name of ['.redo', 'prog', 'gen.h', 'docs', 'src/lib.a', 'src/a.o', 'src/b.o'])
    fs.rmSync(it.path(name), { recursive: true, force: true });
};

const text = (shown: string): string[] =>
  shown
    .split('\n')
    .filter((line) => line !== '' && !/^ *▸/.test(line))
    .sort();

test('redo: each line appears once, live and again, the same however many run at once', async (t) => {
  const it = project(t);
  if (!it) return;
  const shown = new Set<string>();
  for (const jobs of ['-j1', '-j2', '-j8', '-j8']) {
    clean(it);
    const { end, stdout, stderr } = await it.loglin('redo', jobs, 'all');
    assert.equal(stderr, '');
    assert.equal(end, 'exit 0');
    assert.deepEqual(text(stdout), LINES, stdout);
    shown.add(await it.show());
  }
  assert.equal(shown.size, 1);
  assert.match([...shown][0]!, /^▸ all\n {2}▸ prog\n {4}▸ gen\.h\ngenerating gen\.h\n {4}▸ src\/lib\.a\n/);
  await it.nothingLeft();
});

test('redo: there is nothing to do afterwards, also for plain redo', async (t) => {
  const it = project(t);
  if (!it) return;
  await it.loglin('redo', 'prog');
  const { stderr } = await it.run(['redo-ifchange', 'prog']);
  assert.doesNotMatch(stderr, /linking/);
  const { end, stdout } = await it.loglin('redo-ifchange', 'prog');
  assert.equal(end, 'exit 0');
  assert.doesNotMatch(stdout, /linking/);
});

test('redo: a line is seen while its target runs', async (t) => {
  const it = project(t);
  if (!it) return;
  const started = it.start([LOGLIN, 'redo', 'slow']);
  let seen = '';
  started.child.stdout?.on('data', (bytes: Buffer) => (seen += bytes.toString()));
  await until('the line is seen', () => seen.includes('▸ slow\nit begins\nagain\n'));
  it.write({ go: '' });
  const { end, stdout } = await started.ended;
  assert.equal(end, 'exit 0');
  assert.equal(stdout, '▸ slow\nit begins\nagain\nit ends\n');
});

test('redo: a target that fails and one without a rule are reported', async (t) => {
  const it = project(t);
  if (!it) return;
  const { end, stdout } = await it.loglin('redo', '-j4', 'ko');
  assert.equal(end, 'exit 1');
  assert.match(stdout, /▸ bad\nbad things\n *✗ bad \(exit 3\)\n/);
  assert.match(stdout, /✗ ko \(exit 1\)/);
  assert.match(stdout, /\n✗ bad \(exit 3\)\n {2}ko → bad\nbad things\n {2}loglin show bad\n$/);
  const none = await it.loglin('redo', 'nothing');
  assert.equal(none.end, 'exit 1');
  assert.match(none.stdout, /no rule to redo 'nothing'/);
});

test('redo: Ctrl-C ends it', async (t) => {
  const it = project(t);
  if (!it) return;
  const started = it.start([LOGLIN, 'redo', 'slow']);
  let seen = '';
  started.child.stdout?.on('data', (bytes: Buffer) => (seen += bytes.toString()));
  await until('it runs', () => seen.includes('again'));
  process.kill(-started.pid, 'SIGINT');
  const { end } = await started.ended;
  assert.ok(end === 'SIGINT' || end === 'exit 200', end);
  await it.nothingLeft();
  assert.match((await it.loglin('ls')).stdout, /interrupted/);
});

test('redo: it is one job with --no-log and --no-hooks=redo, with the same text', async (t) => {
  const it = project(t);
  if (!it) return;
  for (const args of [
    ['redo', '--no-log', 'prog'],
    ['--no-hooks=redo', 'redo', 'prog'],
  ]) {
    clean(it);
    const { stdout } = await it.loglin(...args);
    assert.match(stdout, /^redo {2}prog\n/);
    assert.doesNotMatch(stdout, /▸/);
  }
});

test('redo: the import of its logs equals the live record', async (t) => {
  const it = project(t);
  if (!it) return;
  await it.loglin('redo', '-j4', 'all');
  const live = await it.show();
  fs.rmSync(it.path('.loglin'), { recursive: true });
  assert.equal((await it.loglin('import', 'redo')).end, 'exit 0');
  assert.equal(await it.show(), live);
});
