// A tree from elsewhere whose store was made to do harm: links that lead out of it, pipes that nobody writes
// to, patterns that take for ever, names that an editor takes for commands. Whatever command is run, nothing
// outside is read, written or removed, no program is started, and the command comes to an end.
// (docs/security-names.md)

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import zlib from 'node:zlib';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { screen } from '../rig/tmux.ts';
import { LOGLIN, type Ended, type Tree, needs, tree } from '../rig/tree.ts';

const ID = '20260101-000000000-aaaa';
const OLDER = '20251231-000000000-bbbb';
const SECRET = 'the-secret-of-somebody-else';

/**
 * Two builds of a make with a failed job, in `project/`; beside it `outside/`, which belongs to the user
 * alone.
 */
function foreign(t: TestContext, config = '{}'): Tree {
  const it = tree(t, {
    'project/Makefile': 'all: ; @echo made\n',
    'project/.loglin/config.json': config,
    'outside/secret': `${SECRET}\n`,
    'outside/1.log': `${SECRET}\n`,
    'outside/2.log': `${SECRET}\n`,
    'outside/work/file': `${SECRET}\n`,
    // A folder named like a build: old, with nothing in it that a build has.
    [`outside/builds/${OLDER}/file`]: `${SECRET}\n`,
  });
  for (const id of [OLDER, ID]) {
    const story = new Story('make').make('make', ['all']);
    for (const name of ['$(touch hit)', 'b.o'])
      story
        .start(name, { make: 'make' })
        .step(name, 'cc')
        .say(name, 'b.c:1:1: error: no\n')
        .end(name, { exit: 1 });
    story.graph('make', { all: 'b.o', 'b.o': '' }).makeEnds('make').end('make', { exit: 2 });
    storeBuild(it.path('project/.loglin'), story, { id, close: { status: { exit: 2 } } });
  }
  // A time long ago, so that nothing is taken for a build that may still run.
  for (const name of [`outside/builds/${OLDER}`, 'outside/work', 'outside/builds'])
    fs.utimesSync(it.path(name), 1e9, 1e9);
  return it;
}

const COMMANDS: readonly (readonly string[])[] = [
  ...[
    ['ls'],
    ['ls', '--json'],
    ['show'],
    ['show', '-u'],
    ['show', '--raw'],
    ['show', '-f'],
    ['show', '-b', '-1'],
  ],
  ...[['show', '--failed'], ['jobs'], ['why', 'b.o'], ['why', '--tree'], ['diff'], ['diff', '-b', '-1..']],
  ...[
    ['grep', 'e'],
    ['grep', '--all-builds', 'e'],
    ['problems'],
    ['problems', '--new', '--snippets'],
    ['time'],
  ],
  ...[
    ['time', '--trace', '../trace.json'],
    ['path', 'b.o'],
    ['export', '-o', '../export.tar.gz'],
  ],
  ...[
    ['completion', '--targets', '', '--'],
    ['completion', '--builds', '--'],
    ['gc', '-n', '--keep', '1'],
  ],
  ...[
    ['gc', '--keep', '1'],
    ['sh', '-c', 'echo hi; exit 3'],
    ['gc', '--auto'],
    ['rm', '-1'],
    ['gc', '--max', '1'],
  ],
];

/** Everything in a folder: names, contents, and times of the last change. */
function snapshot(folder: string): string[] {
  return [
    folder,
    ...fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
  ]
    .map((file) => {
      const stat = fs.lstatSync(file);
      return `${file} ${stat.mode} ${stat.mtimeMs} ${stat.isFile() ? fs.readFileSync(file, 'utf8') : ''}`;
    })
    .sort();
}

/**
 * Runs every command in the tree. None may hang, fail by a mistake of ours, reveal the secret, or change what
 * is outside.
 */
async function survives(it: Tree): Promise<Map<string, Ended>> {
  const outside = snapshot(it.path('outside'));
  const all = new Map<string, Ended>();
  for (const args of COMMANDS) {
    const ran = await it.run([LOGLIN, ...args], {
      cwd: it.path('project'),
      env: { HOME: it.path('home') },
    });
    const name = args.join(' ');
    all.set(name, ran);
    assert.match(ran.end, /^exit (0|1|3|125)$/, `${name}: ${ran.stderr}`);
    assert.doesNotMatch(ran.stdout + ran.stderr, new RegExp(`internal error|${SECRET}`), name);
    assert.deepEqual(snapshot(it.path('outside')), outside, name);
  }
  if (it.has('export.tar.gz')) {
    const archive = zlib.gunzipSync(fs.readFileSync(it.path('export.tar.gz')));
    assert.ok(!archive.includes(SECRET));
  }
  assert.ok(!it.has('hit') && !it.has('project/hit'));
  return all;
}

/** Replaces a file or a folder of the store by something else. */
function instead(it: Tree, name: string, make: (file: string) => void): void {
  const file = it.path(`project/.loglin/${name}`);
  fs.rmSync(file, { recursive: true, force: true });
  make(file);
}

const BUILD = `builds/${ID}`;

/** The links that lead out, by name in the store, grouped as far as one does not hide another. */
const LINKS: readonly Readonly<Record<string, string>>[] = [
  {
    history: 'outside/not-there',
    'gc.lock': 'outside/secret',
    '.gitignore': 'outside/not-there',
    [`${BUILD}/graph.ndjson`]: 'outside/secret',
    [`${BUILD}/size`]: 'outside/secret',
    [`${BUILD}/thinned`]: 'outside/not-there',
    [`${BUILD}/logs/1.log`]: 'outside/secret',
    [`builds/${OLDER}/logs`]: 'outside',
    [`builds/${OLDER}/size`]: 'outside/not-there',
  },
  { history: 'outside/secret', 'gc.lock': 'outside/not-there', [`${BUILD}/logs`]: 'outside' },
  { 'config.json': 'outside/secret' },
  { [`${BUILD}/journal.ndjson`]: 'outside/secret' },
  { [`builds/${OLDER}`]: 'outside/work' },
  { builds: 'outside/builds' },
  { builds: 'outside/not-there' },
];

for (const links of LINKS)
  test(`foreign tree: links replace ${Object.keys(links).join(', ')}`, async (t) => {
    const it = foreign(t);
    for (const [name, target] of Object.entries(links))
      instead(it, name, (file) => {
        fs.symlinkSync(it.path(target), file);
      });
    await survives(it);
  });

test('foreign tree: a store that is a link is neither read nor written, unless the user asks for it', async (t) => {
  const it = foreign(t);
  fs.renameSync(it.path('project/.loglin'), it.path('outside/store'));
  fs.symlinkSync('../outside/store', it.path('project/.loglin'));
  const all = await survives(it);
  assert.match(
    all.get('ls')?.stderr ?? '',
    /^loglin: .*\/\.loglin: a symbolic link, .*--store DIR, or LOGLIN_STORE\n$/,
  );
  const wrapped = all.get('sh -c echo hi; exit 3');
  assert.deepEqual([wrapped?.end, wrapped?.stdout], ['exit 3', 'hi\n']);
  assert.match(wrapped?.stderr ?? '', /the build runs unrecorded\n$/);
  const { stdout } = await it.run([LOGLIN, 'ls', '--store', '.loglin'], { cwd: it.path('project') });
  assert.equal(stdout.split('\n').length, 3);
});

test('foreign tree: a history that is a link is replaced by a file', async (t) => {
  const it = foreign(t);
  instead(it, 'history', (file) => {
    fs.symlinkSync(it.path('outside/not-there'), file);
  });
  await survives(it);
  assert.ok(fs.lstatSync(it.path('project/.loglin/history')).isFile());
});

test('foreign tree: gc keeps or removes only builds of this store', async (t) => {
  const it = foreign(t, '{"keep": {"builds": 0, "bytes": 0}}');
  fs.mkdirSync(it.path('project/.loglin/builds/not a build'));
  instead(it, 'builds/20240101-000000000-cccc', (file) => {
    fs.symlinkSync(it.path('outside/work'), file);
  });
  const all = await survives(it);
  assert.ok(it.has('project/.loglin/builds/not a build'));
  assert.doesNotMatch(all.get('ls')?.stdout ?? '', /not a build|cccc/);
});

for (const names of [
  ['history', 'gc.lock', `${BUILD}/graph.ndjson`, `${BUILD}/size`, `${BUILD}/logs/1.log`],
  ['config.json'],
  [`${BUILD}/journal.ndjson`],
])
  for (const kind of ['pipes', 'devices'] as const)
    test(`foreign tree: ${kind} replace ${names.join(', ')}`, async (t) => {
      const it = foreign(t);
      let made = true as boolean;
      for (const name of names)
        instead(it, name, (file) => {
          const argv = kind === 'pipes' ? [file] : [file, 'c', '1', '5']; // /dev/zero
          made &&= spawnSync(kind === 'pipes' ? 'mkfifo' : 'mknod', argv).status === 0;
        });
      if (!made) t.skip('only root makes devices');
      else await survives(it);
    });

test('foreign tree: a revision is the name of a commit, not the text of a file outside', async (t) => {
  const it = foreign(t);
  for (const [name, text] of [
    ['HEAD', `ref: ${path.relative(it.path('project/.git'), it.path('outside/secret'))}\n`],
    ['HEAD', `${SECRET}\n`],
    ['packed-refs', `${SECRET} refs/heads/x\n`],
  ] as const) {
    it.write({ 'project/.git/HEAD': 'ref: refs/heads/x\n', [`project/.git/${name}`]: text });
    await it.run([LOGLIN, 'true'], { cwd: it.path('project') });
    const { stdout } = await it.run([LOGLIN, 'ls', '--json', '-n1'], { cwd: it.path('project') });
    assert.equal((JSON.parse(stdout) as { revision: unknown }).revision, null, text);
  }
  it.write({ 'project/.git/HEAD': `${'0a'.repeat(20)}\n` });
  await it.run([LOGLIN, 'true'], { cwd: it.path('project') });
  const { stdout } = await it.run([LOGLIN, 'ls', '--json', '-n1'], { cwd: it.path('project') });
  assert.equal((JSON.parse(stdout) as { revision: unknown }).revision, '0a'.repeat(20));
});

test('foreign tree: patterns that take for ever are given up with a message, and the others still count', async (t) => {
  const it = tree(t, {});
  const line = `${'a'.repeat(60)}!`;
  const story = new Story('sh').start('j').say('j', `note: one\n${line}\n${'b'.repeat(4000)}\nnote: two\n`);
  storeBuild(it.path('.loglin'), story.end('j', { exit: 1 }).end('sh'), { id: ID });
  it.write({
    '.loglin/config.json': `{ "problems": [
  { "name": "good", "pattern": "^note: (?<message>.*)$", "severity": "warning" },
  { "name": "exponential", "pattern": "^(a+)+$" },
  { "name": "polynomial", "pattern": ".*.*.*.*x$" },
] }`,
  });
  for (const args of [['problems'], ['problems', '--format=sarif'], ['diff', '-b', '-0..']]) {
    const { end, stderr, stdout } = await it.loglin(...args);
    if (args[0] === 'diff') continue;
    assert.equal(end, 'exit 1');
    assert.deepEqual(stderr.split('\n'), [
      ...['3: problems[1]', '4: problems[2]'].map(
        (at) =>
          `loglin: ${it.path('.loglin/config.json')}:${at}.pattern: takes too long on what was logged; the log is read on without it`,
      ),
      '',
    ]);
    for (const found of ['one', 'two']) assert.ok(stdout.includes(found), stdout);
  }
  // The report of a failed build looks for them too.
  it.write({ 'fail.sh': `#!/bin/sh\nprintf '%s\\n' '${line}' 'note: three'\nexit 1\n` });
  const { end, stdout } = await it.loglin('sh', '-c', '"$LOGLIN_BIN" -t j ./fail.sh');
  assert.equal(end, 'exit 1');
  assert.match(stdout, /✗ j \(exit 1\)/);
});

test('foreign tree: slow patterns are given up after three, and a pattern that is too long is refused', async (t) => {
  const it = tree(t, {});
  const story = new Story('sh')
    .start('j')
    .say('j', `${'ab'.repeat(2000)}\n`.repeat(50))
    .end('j')
    .end('sh');
  storeBuild(it.path('.loglin'), story, { id: ID });
  const slow = { name: 'slow', pattern: '^(?:a|b|ab)*x' };
  it.write({ '.loglin/config.json': JSON.stringify({ problems: Array.from({ length: 2000 }, () => slow) }) });
  const { stderr } = await it.loglin('problems');
  assert.equal(stderr.split('\n').length, 4, 'three are named, then none is tried');
  it.write({
    '.loglin/config.json': JSON.stringify({ problems: [{ name: 'x', pattern: 'a'.repeat(5000) }] }),
  });
  assert.match(
    (await it.loglin('problems')).stderr,
    /problems\[0\]\.pattern: want 4096 characters at most, found 5000\n$/,
  );
});

test("foreign tree: redo's data base runs nothing", async (t) => {
  if (!needs(t, 'sqlite3')) return;
  const it = tree(t, { '.redo/log.1': 'text\n' });
  const column = "edit('x', 'touch hit; true')";
  for (const files of [
    `create table f(x); insert into f values(1); create view Files as select 'a' as name, 0 as is_generated, ${column} as changed_runid, 0 as failed_runid, 0 as checked_runid, '' as csum from f;`,
    // sqlite3 itself would not create a table with such a column.
    `create table Files(name, is_generated, changed_runid as (lower(name)), failed_runid, checked_runid, csum); insert into Files values('a', 0, 0, 0, ''); pragma writable_schema = on; update sqlite_schema set sql = replace(sql, 'lower(name)', '${column.replaceAll("'", "''")}') where name = 'Files';`,
  ]) {
    fs.rmSync(it.path('.redo/db.sqlite3'), { force: true });
    const made = spawnSync('sqlite3', [
      it.path('.redo/db.sqlite3'),
      `create table Schema(version); insert into Schema values(2); create table Runid(id); insert into Runid values(1); create table Deps(target, source); ${files}`,
    ]);
    assert.equal(made.status, 0, made.stderr.toString());
    const { end, stderr } = await it.loglin('import', 'redo');
    assert.equal(end, 'exit 1');
    assert.match(stderr, /^loglin: .*db\.sqlite3: .*(unsafe use of edit\(\)|malformed database schema .*)\n/);
    assert.ok(!it.has('hit'));
  }
});

test("foreign tree: redo's logs and data base must be files", async (t) => {
  if (!needs(t, 'sqlite3')) return;
  const it = tree(t, { secret: `${SECRET}\n`, '.redo/log.1': 'text\n', '.redo/x': '' });
  fs.symlinkSync('../secret', it.path('.redo/log.2'));
  spawnSync('mkfifo', [it.path('.redo/log.3'), it.path('.redo/db.sqlite3')]);
  const { stderr } = await it.loglin('import', 'redo');
  for (const what of ['log.2: a symbolic link', 'log.3: not a file', 'db.sqlite3: not a file'])
    assert.ok(stderr.includes(what), stderr);
  assert.equal((await it.show()).includes(SECRET), false);
});

test('foreign tree: doctor runs no program of the tree to learn what it is', async (t) => {
  const names = ['make', 'gmake', 'ninja', 'cargo', 'npm', 'yarn', 'scons', 'parallel'];
  const script = '#!/bin/sh\npwd >>"$ASKED"\necho 1.2.3\n';
  const it = tree(t, Object.fromEntries(names.map((name) => [`bin/${name}`, script])));
  const env = { ASKED: it.path('asked'), PATH: `${it.path('bin')}:${process.env.PATH ?? ''}` };
  await it.run([LOGLIN, 'doctor'], { env });
  // doctor tries tools in folders of its own, which are nowhere near.
  const asked = new Set(it.read('asked').split('\n'));
  const near = [...asked].filter(
    (folder) => !/\/loglin-doctor-\w{6}\/\d+$/.test(folder) || folder.startsWith(it.dir),
  );
  assert.deepEqual(near, ['/', '']);
});

test('foreign tree: a file whose name is a command of the editor is edited', async (t) => {
  if (!needs(t, 'tmux')) return;
  const files = ['-c !touch hit', '+!touch hit', '--cmd', '-S evil', '+', '-'];
  const it = tree(t, {
    ...Object.fromEntries(files.map((name) => [name, 'text\n'])),
    editor: '#!/bin/sh\nprintf "%s\\n" "$#" "$@" >edited.new && mv edited.new edited\n',
    '.loglin/config.json': String.raw`{"problems": [{"name": "n", "pattern": "^AT (?<file>.*):(?<line>\\d+) (?<message>.*)"}]}`,
  });
  const story = new Story('sh').start('j');
  for (const name of files) story.say('j', `AT ${name}:7 wrong\n`);
  storeBuild(it.path('.loglin'), story.end('j', { exit: 1 }).end('sh'), { id: ID });
  const terminal = await screen(t, it, 80, 24, { EDITOR: './editor', VISUAL: '' });
  terminal.type('"$LOGLIN_BIN" tui');
  await terminal.see(/j/);
  terminal.press('p');
  for (const [i, name] of files.entries()) {
    await terminal.shows('Problems');
    await terminal.shows(`${name}:7: error: wrong`);
    fs.rmSync(it.path('edited'), { force: true });
    terminal.press(i === 0 ? 'o' : 'jo');
    await it.file('edited');
    assert.equal(it.read('edited'), `2\n+7\n./${name}\n`);
  }
  await terminal.shows('Problems');
  terminal.press('q');
  assert.equal(await terminal.status(), '0');
  assert.ok(!it.has('hit'));
});
