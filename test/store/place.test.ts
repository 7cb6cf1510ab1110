// Where a project's builds are kept: the table of cases, on real folders; with users and mounts if the test
// may create them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Place, findPlace, placeToRecord } from '../../src/store/place.ts';
import { type Outcome, Sandbox } from '../rig/sandbox.ts';

let box: Sandbox;
const before = { HOME: process.env.HOME, XDG_STATE_HOME: process.env.XDG_STATE_HOME };
beforeEach(() => {
  box = new Sandbox();
  process.env.HOME = box.path('home');
  delete process.env.XDG_STATE_HOME;
  folder('home');
});
afterEach(() => {
  process.env.HOME = before.HOME;
  if (before.XDG_STATE_HOME === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = before.XDG_STATE_HOME;
  box.remove();
});

function folder(name: string): string {
  fs.mkdirSync(box.path(name), { recursive: true });
  return box.path(name);
}

function git(...args: string[]): void {
  const { status, stderr } = spawnSync('git', ['-c', 'protocol.file.allow=always', ...args], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}

/** Root and store, relative to the sandbox. */
function found({ root, store }: Place): [string, string] {
  return [path.relative(box.folder, root), path.relative(box.folder, store)];
}

test('an empty folder is its own root', () => {
  const here = folder('a/b');
  assert.deepEqual(found(findPlace(here)), ['a/b', 'a/b/.loglin']);
  assert.deepEqual(found(placeToRecord(here)), ['a/b', 'a/b/.loglin']);
});

test('--store is relative to the current folder and does not change the project', () => {
  git('init', '-q', box.path('a'));
  assert.deepEqual(found(findPlace(folder('a/b'), '../store')), ['a', 'a/store']);
});

test('an existing store in a parent folder is used, but not one above the git root', () => {
  folder('a/.loglin');
  assert.deepEqual(found(findPlace(folder('a/b/c'))), ['a', 'a/.loglin']);
  git('init', '-q', box.path('a/b'));
  assert.deepEqual(found(findPlace(box.path('a/b/c'))), ['a/b', 'a/b/.git/loglin']);
  folder('a/b/.loglin');
  assert.deepEqual(found(findPlace(box.path('a/b/c'))), ['a/b', 'a/b/.loglin'], 'at the git root it is');
});

test('the store of a git work tree is in the git directory', () => {
  git('init', '-q', box.path('a'));
  assert.deepEqual(found(findPlace(folder('a/src/deep'))), ['a', 'a/.git/loglin']);
});

test('a worktree and a submodule use their own git directory', () => {
  const commit = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-q', '--allow-empty', '-m', 'x'];
  for (const name of ['a', 'library']) {
    git('init', '-q', box.path(name));
    git('-C', box.path(name), ...commit);
  }
  git('-C', box.path('a'), 'worktree', 'add', '-q', box.path('tree'));
  assert.deepEqual(found(findPlace(box.path('tree'))), ['tree', 'a/.git/worktrees/tree/loglin']);
  git('-C', box.path('a'), 'submodule', '--quiet', 'add', box.path('library'), 'lib');
  assert.deepEqual(found(findPlace(box.path('a/lib'))), ['a/lib', 'a/.git/modules/lib/loglin']);
});

test('a .git that is no git directory ends the search and holds no store', () => {
  folder('.loglin');
  folder('a/.git');
  assert.deepEqual(found(findPlace(folder('a/b'))), ['a', 'a/.loglin']);
  box.write('c/.git', 'gitdir: /nowhere\n');
  assert.deepEqual(found(findPlace(folder('c/d'))), ['c', 'c/.loglin']);
  folder('e');
  spawnSync('mkfifo', [box.path('e/.git')]);
  assert.deepEqual(found(findPlace(box.path('e'))), ['e', 'e/.loglin'], 'and nobody waits for it');
});

test('$HOME is the root of no project below it, only of itself', () => {
  folder('home/.loglin');
  assert.deepEqual(found(findPlace(folder('home/p1'))), ['home/p1', 'home/p1/.loglin']);
  assert.deepEqual(found(findPlace(box.path('home'))), ['home', 'home/.loglin']);
});

test('a world-writable folder, as /tmp, is no root of projects below it either', () => {
  folder('tmp/.loglin');
  fs.chmodSync(box.path('tmp'), 0o1777);
  assert.deepEqual(found(findPlace(folder('tmp/p1'))), ['tmp/p1', 'tmp/p1/.loglin']);
});

test('the folder of another user ends the search, and the store of another user is not used', (t) => {
  if (process.getuid?.() !== 0) {
    t.skip('needs root, to make folders of other users');
    return;
  }
  folder('bob/.loglin');
  fs.chownSync(box.path('bob'), 1234, 1234);
  fs.chownSync(box.path('bob/.loglin'), 1234, 1234);
  assert.deepEqual(found(findPlace(folder('bob/ours'))), ['bob/ours', 'bob/ours/.loglin']);
  folder('p/.loglin');
  fs.chownSync(box.path('p/.loglin'), 1234, 1234);
  assert.deepEqual(found(findPlace(folder('p/q'))), ['p/q', 'p/q/.loglin']);
  // In a user's folder, root uses that user's store.
  assert.deepEqual(found(findPlace(box.path('bob'))), ['bob', 'bob/.loglin']);
});

test('.loglin.json marks a root; below a git root its builds are apart from the others', () => {
  git('init', '-q', box.path('a'));
  box.write('a/part/.loglin.json', '{}');
  assert.deepEqual(found(findPlace(folder('a/part/src'))), ['a/part', 'a/.git/loglin/projects/part']);
  box.write('b/.loglin.json', '{}');
  assert.deepEqual(found(findPlace(folder('b/c'))), ['b', 'b/.loglin']);
});

test('a workspace of many repositories is found from a folder below it', () => {
  box.write('w/.loglin.json', '// ours\n{ "problems": {"workspace": false}, /* yes */ "workspace": true }');
  git('init', '-q', box.path('w/one'));
  assert.deepEqual(found(findPlace(folder('w/one/src'))), ['w', 'w/.loglin']);
  folder('w/one/.loglin');
  assert.deepEqual(found(findPlace(box.path('w/one/src'))), ['w/one', 'w/one/.loglin'], 'a nearer store');
  for (const no of [
    '{"workspace": false}',
    '{"keep": {"workspace": true}}',
    '{"x": "\\"workspace\\": true"}',
    '[',
  ]) {
    fs.rmSync(box.path('w/one/.loglin'), { recursive: true, force: true });
    box.write('w/.loglin.json', no);
    assert.deepEqual(found(findPlace(box.path('w/one/src'))), ['w/one', 'w/one/.git/loglin'], no);
  }
});

test("beside Debian's packaging, the store is in the user's state folder, unless there are builds or git", () => {
  const here = folder('a/debian');
  folder('a/.loglin');
  const [, store] = found(findPlace(box.path('a')));
  assert.equal(store, path.join('home/.local/state/loglin', box.path('a').replaceAll('/', '%')));
  process.env.XDG_STATE_HOME = box.path('state');
  assert.equal(path.dirname(findPlace(box.path('a')).store), box.path('state/loglin'));
  process.env.XDG_STATE_HOME = 'relative';
  assert.equal(path.dirname(findPlace(box.path('a')).store), box.path('home/.local/state/loglin'));
  folder('a/.loglin/builds');
  assert.deepEqual(found(findPlace(box.path('a'))), ['a', 'a/.loglin']);
  fs.rmSync(box.path('a/.loglin'), { recursive: true });
  git('init', '-q', box.path('a'));
  assert.deepEqual(found(findPlace(here)), ['a', 'a/.git/loglin']);
});

test('a name too long for the file system is shortened and stays unique', () => {
  const long = `${'d'.repeat(200)}/${'e'.repeat(200)}`;
  const names = ['1', '2'].map((last) => {
    folder(`${long}/${last}/debian`);
    return path.basename(findPlace(box.path(`${long}/${last}`)).store);
  });
  assert.notEqual(names[0], names[1]);
  for (const name of names) assert.ok(Buffer.byteLength(name) < 256);
});

test('a folder that cannot be written is passed over and reported', (t) => {
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) {
    t.skip('needs a mount namespace of its own');
    return;
  }
  git('init', '-q', box.path('a'));
  folder('home/.local/state');
  // Root can write everything except a read-only mount.
  const script = `mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" && shift && exec "$@"`;
  const loglin = path.join(import.meta.dirname, '../../bin/loglin');
  const run = (...args: string[]): Outcome =>
    box.run(['unshare', '-m', 'sh', '-c', script, 'sh', box.path('a'), loglin, ...args], {
      HOME: box.path('home'),
    });
  const { stderr, status } = run('true');
  const state = path.join(box.path('home/.local/state/loglin'), box.path('a').replaceAll('/', '%'));
  assert.equal(status, 0);
  assert.equal(
    stderr,
    `loglin: ${box.path('a/.git/loglin')}: cannot be written; the build is kept in ${state}\n`,
  );
  assert.equal(findPlace(box.path('a')).store, state, 'who looks finds them');
  assert.equal(placeToRecord(box.path('a')).store, box.path('a/.git/loglin'), 'where it can be written');
  assert.equal(fs.readdirSync(path.join(state, 'builds')).length, 1);
  // The store has builds from before it became read-only; builds recorded since then count.
  folder('a/.git/loglin/builds');
  assert.match(run('ls').stdout, / {2}ok {2}0 jobs {2}true\n$/);
  assert.equal(findPlace(box.path('a')).store, box.path('a/.git/loglin'));
});
