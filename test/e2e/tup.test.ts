// tup: its commands are jobs, and tup itself works as without loglin.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import {
  type Ended,
  LOGLIN,
  type Start,
  type Started,
  type Tree,
  forWantOf,
  needs,
  tree,
  until,
} from '../rig/tree.ts';

/** A project in `p`, with the store of its builds outside, where tup does not look. */
class Project {
  readonly tree: Tree;
  readonly #options: Start;

  constructor(it: Tree) {
    this.tree = it;
    this.#options = { cwd: it.path('p'), env: { XDG_STATE_HOME: it.path('state') } };
  }

  start(argv: readonly string[], options: Start = {}): Started {
    return this.tree.start(argv, { ...this.#options, ...options });
  }

  run(...argv: readonly string[]): Promise<Ended> {
    return this.start(argv, { merge: true }).ended;
  }

  async loglin(...args: readonly string[]): Promise<string> {
    return (await this.run(LOGLIN, ...args)).stdout;
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) this.tree.write({ [`p/${name}`]: text });
  }

  /** Changes a file so that tup sees it: its times are in seconds. */
  async change(name: string, text: string): Promise<void> {
    const file = this.tree.path(`p/${name}`);
    const second = (ms: number): number => Math.floor(ms / 1000);
    await until('a second has passed', () => second(Date.now() - 50) > second(fs.statSync(file).ctimeMs));
    // At once: a monitor sees each change.
    fs.writeFileSync(this.tree.path('new'), text);
    fs.renameSync(this.tree.path('new'), file);
  }
}

/** @returns undefined if there is nothing to test. */
async function project(
  t: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<Project | undefined> {
  if (!fs.existsSync('/dev/fuse')) {
    t.skip(forWantOf('/dev/fuse'));
    return undefined;
  }
  if (!needs(t, 'tup', 'sqlite3', 'fusermount3')) return undefined;
  const it = new Project(tree(t, { 'p/Tupfile.ini': '' }));
  it.write(files);
  fs.rmSync(it.tree.path('p/Tupfile.ini'));
  const { end, stdout } = await it.run('tup', 'init');
  if (end === 'exit 0') return it;
  t.skip(`tup does not work here: ${stdout}`);
  return undefined;
}

/** The text without tup's times, which differ from run to run. */
const timeless = (text: string): string => text.replaceAll(/\[\d+\.\d{3}s\] /g, '');
const headers = (text: string): string[] => text.split('\n').filter((line) => /^ *[▸✗]/.test(line));

const lines = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !/^ *[▸✗]/.test(line))
    .sort();

/** What a plain run of tup leaves in its data base, but for times and numbers. */
function database(it: Project): string {
  const query = `create temp view path as with recursive path(id, name) as (
  select id, '' from node where id = 1
  union all select node.id, path.name || '/' || node.name from node, path where node.dir = path.id and node.id <> 1) select * from path;
select path.name, type, display, flags from node, path where node.id = path.id and type <> 5 order by 1;
select 'n', a.name, b.name from normal_link, path a, path b where from_id = a.id and to_id = b.id order by 2, 3;
select 's', a.name, b.name from sticky_link, path a, path b where from_id = a.id and to_id = b.id order by 2, 3;
select 'm', name from modify_list, path where path.id = modify_list.id order by 2;`;
  const { status, stdout, stderr } = spawnSync('sqlite3', [it.tree.path('p/.tup/db'), query], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** The files of a project, without tup's own. */
const files = (it: Project): Record<string, string> =>
  Object.fromEntries(
    Object.entries(it.tree.contents()).filter(
      ([name]) => name.startsWith('p/') && !name.startsWith('p/.tup'),
    ),
  );

/** 60 commands in six folders: a header each, eight files, and an archive; a program of all. */
function sixty(): Record<string, string> {
  const made: Record<string, string> = {
    Tupfile: `: d0/a.sum d1/a.sum d2/a.sum d3/a.sum d4/a.sum d5/a.sum |> ^ LINK %o^ echo linking; cat %f > %o |> prog\n`,
  };
  for (let d = 0; d < 6; d++) {
    made[`d${d}/Tupfile`] = `: |> ^ GEN %o^ echo header ${d} > %o |> gen.h
: foreach *.c | gen.h |> ^ CC %f^ echo "compiling ${d} %f"; echo "%f: warning: w" >&2; cat gen.h %f > %o |> %B.o
: *.o |> ^ SUM^ cat %f > %o; printf 'no end of line' |> a.sum
`;
    for (let c = 0; c < 8; c++) made[`d${d}/c${c}.c`] = `file ${d} ${c}\n`;
  }
  return made;
}

test('tup: 61 commands are jobs in the order of their needs, and tup leaves what it leaves alone', async (t) => {
  const [plain, it] = [await project(t, sixty()), await project(t, sixty())];
  if (!plain || !it) return;
  assert.equal((await plain.run('tup', '-j4')).end, 'exit 0');
  const live = await it.loglin('tup', '-j4');
  const compare = (what: string): void => {
    assert.deepEqual(files(it), files(plain), what);
    assert.equal(database(it), database(plain), what);
  };
  compare('first build');
  const first = await it.loglin('show');
  assert.equal(headers(first).filter((line) => !line.includes('resumed')).length, 61);
  assert.deepEqual(lines(live), lines(first), 'shown while it ran, in the order that was known');
  assert.match(
    timeless(first),
    /\[ tup \] Executing Commands\.\.\.\n▸ prog\n {2}▸ d0\/a\.sum\n {4}▸ d0\/c0\.o\n {6}▸ d0\/gen\.h\nGEN gen\.h\n {4}▸ d0\/c0\.o \(resumed\)\nCC c0\.c\ncompiling 0 c0\.c\nc0\.c: warning: w\n {4}▸ d0\/c1\.o\n/,
  );
  assert.match(timeless(first), / \(resumed\)\nLINK prog\nlinking\n\[ tup \] Updated\.\n$/);
  assert.doesNotMatch(first, /^ *~?\d+% +\d+\).* CC /m, 'banners are cut');
  assert.match(
    await it.loglin('show', 'd3/c2.o'),
    /^▸ d3\/c2\.o\n {2}▸ d3\/gen\.h\nGEN gen\.h\n▸ d3\/c2\.o \(resumed\)\nCC c2\.c\ncompiling 3 c2\.c\nc2\.c: warning: w\n$/,
  );
  for (let again = 0; again < 2; again++) {
    // All of it again, in another order of time.
    for (let d = 0; d < 6; d++) it.write({ [`d${d}/Tupfile`]: `${sixty()[`d${d}/Tupfile`]}# ${again}\n` });
    for (const name of fs.readdirSync(it.tree.path('p')).filter((name) => /^d\d$/.test(name)))
      for (const file of fs.readdirSync(it.tree.path(`p/${name}`)))
        if (/\.(?:o|h)$/.test(file)) fs.rmSync(it.tree.path(`p/${name}/${file}`));
    await it.loglin('tup', '-j8');
    const later: string = await it.loglin('show');
    assert.deepEqual(headers(later).length, headers(first).length);
    assert.equal(
      later.slice(later.indexOf('▸')).replace(/\[ tup.*/, ''),
      first.slice(first.indexOf('▸')).replace(/\[ tup.*/, ''),
    );
  }
});

test('tup: a build of what has changed, why, what has not, and nothing to do', async (t) => {
  const [plain, it] = [await project(t, sixty()), await project(t, sixty())];
  if (!plain || !it) return;
  await plain.run('tup');
  await it.loglin('tup');
  for (const one of [plain, it]) await one.change('d2/c1.c', 'changed\n');
  await plain.run('tup');
  const text = timeless(await it.loglin('tup'));
  assert.equal(database(it), database(plain));
  assert.deepEqual(files(it), files(plain));
  assert.equal(headers(text).filter((line) => !line.includes('resumed')).length, 3, text);
  assert.equal(await it.loglin('why', 'prog'), 'prog\n← d2/a.sum\n  ← d2/c1.o\n    ← d2/c1.c changed\n');
  const whole = await it.loglin('show', '-u');
  assert.equal(headers(whole).filter((line) => !line.includes('resumed')).length, 61);
  assert.match(whole, /CC c5\.c\ncompiling 4 c5\.c\n/);
  const idle = timeless(await it.loglin('tup'));
  assert.match(idle, /^\[ tup \] No commands to execute\.\n\[ tup \] Updated\.\n$/m);
  assert.doesNotMatch(idle, /▸/);
  assert.equal(headers(await it.loglin('show', '-u')).length, headers(whole).length);
});

test('tup: output comes while the command runs, also below a script, and with a quiet tup', async (t) => {
  const it = await project(t, {
    Tupfile: ': |> ^ SLOW^ echo begun; while ! test -e ../go; do sleep 0.05; done; echo ended > %o |> slow\n',
  });
  if (!it) return;
  const started = it.start([LOGLIN, 'sh', '-c', 'echo before; tup -q; echo after']);
  let text = '';
  started.child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await until('its first line is shown', () => text.includes('▸ slow\nSLOW\nbegun\n'));
  it.tree.write({ go: '' });
  const { end, stdout } = await started.ended;
  assert.equal(end, 'exit 0');
  assert.equal(stdout, 'before\n▸ slow\nSLOW\nbegun\nafter\n');
  assert.match(await it.loglin('jobs'), /^ok +[\d.]+s +11 +slow /m);
});

const FAILING = `: |> echo says; exit 3 |> bad
: |> kill -9 $$ |>
: |> ^ WRITES^ touch unknown |>
: bad |> cat %f > %o |> never
: |> ^ GOOD^ echo fine > %o |> good
`;

test('tup: failures, with what tup says of them; -k goes on', async (t) => {
  const [plain, it] = [await project(t, { Tupfile: FAILING }), await project(t, { Tupfile: FAILING })];
  if (!plain || !it) return;
  await plain.run('tup', '-k');
  const { end, stdout } = await it.run(LOGLIN, 'tup', '-k');
  assert.equal(end, 'exit 1');
  assert.equal(database(it), database(plain));
  const jobs = await it.loglin('jobs');
  assert.match(jobs, /^exit 3 .* bad /m);
  assert.match(jobs, /^SIGKILL .* kill -9 \$\$ /m);
  assert.match(jobs, /^exit 1 .* WRITES /m);
  assert.match(jobs, /^ok .* good /m);
  assert.doesNotMatch(jobs, /never/);
  assert.match(
    stdout,
    /\n▸ bad\necho says; exit 3\nsays\n \*\*\* tup messages \*\*\*\n.* failed with return value 3\n✗ bad /,
  );
  assert.match(stdout, /^WRITES\n \*\*\* tup messages \*\*\*\ntup error: .*\n/m);
  assert.match(stdout, /^ \*\*\* tup: 3 jobs failed\.$/m);
});

test('tup: ^o, ^t, groups and several outputs', async (t) => {
  const it = await project(t, {
    Tupfile: `: in |> ^o SAME^ head -c 1 %f > %o |> same
: same |> ^ AFTER^ cat %f > %o |> after
: in |> ^t GONE^ cat %f > %o |> gone
: gone |> ^ KEPT^ cat %f > kept; echo > other |> kept other <all>
: | <all> |> ^ ALL^ echo %<all>; cat kept > %o |> all.out
`,
    in: 'x one\n',
  });
  if (!it) return;
  await it.loglin('tup');
  const text = await it.loglin('show');
  assert.match(text, /▸ after\n {2}▸ same\nSAME\n▸ after \(resumed\)\nAFTER\n/);
  assert.match(
    text,
    /▸ all\.out\n {2}▸ kept\n {4}▸ gone\nGONE\n {2}▸ kept \(resumed\)\nKEPT\n▸ all\.out \(resumed\)\nALL\nkept other\n/,
  );
  assert.equal(it.tree.has('p/gone'), false);
  assert.match(await it.loglin('show', 'other'), /KEPT/);
  await it.change('in', 'x two\n');
  const next = timeless(await it.loglin('tup'));
  assert.match(next, /SAME/);
  assert.doesNotMatch(next, /AFTER/);
});

test('tup: variants have the paths of their outputs', async (t) => {
  const it = await project(t, {
    'src/Tupfile': ': in |> ^ COPY %f^ echo @(LEVEL) %f; cp %f %o |> out\n',
    'src/in': '',
    'build-a/tup.config': 'CONFIG_LEVEL=1\n',
    'build-b/tup.config': 'CONFIG_LEVEL=2\n',
  });
  if (!it) return;
  const text = await it.loglin('tup', '-j1');
  assert.match(text, /▸ build-a\/src\/out\nCOPY in\n1 in\n/);
  assert.match(text, /▸ build-b\/src\/out\nCOPY in\n2 in\n/);
});

test('tup: interrupted, it gets the signal that its terminal would send, though it has left the group', async (t) => {
  const it = await project(t, {
    // No program is started once the file is there: dash loses a signal that comes while it starts one (in
    // the window of its vfork), and then goes on, without loglin as well.
    Tupfile: ': |> echo begun; : >../runs; exec sleep 100 |> slow\n: |> ^ QUICK^ echo > %o |> quick\n',
  });
  if (!it) return;
  const started = it.start([LOGLIN, 'tup', '-j2'], { merge: true });
  await it.tree.file('runs');
  process.kill(-started.pid, 'SIGINT');
  const { stdout } = await started.ended;
  assert.match(stdout, /begun\n/);
  assert.match(stdout, / \*\*\* tup: signal caught - waiting for jobs to finish\.\n/);
  assert.match(await it.loglin('jobs'), /^SIGINT .* slow /m);
  await it.tree.nothingLeft();
});

test('tup: each update of a monitor is split', async (t) => {
  const it = await project(t, { Tupfile: ': in |> ^ COPY^ cat %f; cp %f %o |> out\n', in: 'one\n' });
  if (!it) return;
  await it.run('tup');
  const started = it.start([LOGLIN, 'tup', 'monitor', '-f', '-a'], { merge: true });
  let text = '';
  started.child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await until('it watches', () => text.includes('Initialized'));
  await it.change('in', 'two\n');
  await until('it has built', () => text.includes('▸ out\nCOPY\ntwo\n'));
  await it.change('in', 'three\n');
  await until('it has built again', () => text.includes('▸ out#2\nCOPY\nthree\n'));
  process.kill(-started.pid, 'SIGINT');
  await started.ended;
  await it.tree.nothingLeft();
});

test('tup: without sqlite3 it is one job, and says so', async (t) => {
  const it = await project(t, { Tupfile: ': |> ^ ONE^ echo one > %o |> one\n' });
  if (!it) return;
  it.tree.write({ 'bin/sqlite3': '#!/bin/sh\nexit 3\n' });
  const env = { PATH: `${it.tree.path('bin')}:${process.env.PATH}`, XDG_STATE_HOME: it.tree.path('state') };
  const { end, stdout } = await it.start([LOGLIN, 'tup'], { merge: true, env }).ended;
  assert.equal(end, 'exit 0');
  assert.match(stdout, / ONE\n/);
  assert.match(stdout, /\.tup\/db: sqlite3: exit 3; what tup runs is not split/);
});
