// The tree that is built stays as it would be without loglin: git, packagers and every other reader of the
// whole tree find nothing of ours.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import { type Tree, LOGLIN, needs, tree } from '../rig/tree.ts';

const FILES = { Makefile: 'all: ; @echo made\n', '.gitignore': 'ignored\n' };
const GIT = 'git -c user.name=a -c user.email=a@b.c';

async function repository(t: TestContext): Promise<Tree | undefined> {
  if (!needs(t, 'git')) return undefined;
  const it = tree(t, FILES);
  await git(it, `init -q . && ${GIT} add -A && ${GIT} commit -qm first`);
  return it;
}

async function git(it: Tree, command: string, cwd = it.dir): Promise<string> {
  const { end, stdout, stderr } = await it.sh(`${GIT} ${command}`, { cwd });
  assert.equal(end, 'exit 0', stderr);
  return stdout;
}

async function makes(it: Tree, cwd = it.dir): Promise<void> {
  const { end, stdout, stderr } = await it.run([LOGLIN, 'make'], { cwd });
  assert.deepEqual([end, stdout, stderr], ['exit 0', '▸ all\nmade\n', '']);
  assert.equal((await it.run([LOGLIN, 'show'], { cwd })).stdout, '▸ all\nmade\n');
}

test('a git work tree stays clean, and its builds survive git clean and a move', async (t) => {
  const it = await repository(t);
  if (!it) return;
  const before = fs.readdirSync(it.dir).sort();
  await makes(it);
  assert.deepEqual(fs.readdirSync(it.dir).sort(), before);
  assert.equal(await git(it, 'status --porcelain --ignored'), '');
  await git(it, 'add -A');
  assert.equal(await git(it, 'diff --cached --name-only'), '');
  await git(it, 'clean -fdxq');
  assert.equal((await it.loglin('show')).stdout, '▸ all\nmade\n');
  const store = (await it.loglin('path')).stdout.trim();
  assert.equal(store, it.path('.git/loglin'));
  assert.equal(fs.statSync(store).mode & 0o777, 0o700);
  await git(it, 'fsck --strict');
  await git(it, 'gc -q');
  assert.equal((await it.loglin('show')).stdout, '▸ all\nmade\n');
  fs.mkdirSync(it.path('moved'));
  await it.sh('mv .git Makefile .gitignore moved');
  assert.equal((await it.run([LOGLIN, 'show'], { cwd: it.path('moved') })).stdout, '▸ all\nmade\n');
  assert.equal(
    (await it.run([LOGLIN, 'path'], { cwd: it.path('moved') })).stdout,
    `${it.path('moved/.git/loglin')}\n`,
  );
});

test('a worktree can be removed, and takes its builds with it', async (t) => {
  const it = await repository(t);
  if (!it) return;
  const there = `${it.dir}.worktree`;
  t.after(() => {
    fs.rmSync(there, { recursive: true, force: true });
  });
  await git(it, `worktree add -q --detach "${there}"`);
  await makes(it, there);
  assert.equal(await git(it, 'status --porcelain --ignored', there), '');
  const [own = ''] = fs.readdirSync(it.path('.git/worktrees'));
  assert.ok(it.has(`.git/worktrees/${own}/loglin/builds`));
  await git(it, `worktree remove "${there}"`);
  assert.ok(!it.has('.git/worktrees'));
});

test('git ignores a store in the tree, also one that an earlier version has made', async (t) => {
  const it = await repository(t);
  if (!it) return;
  for (const text of [undefined, '*\n!.gitignore\n!config.json\n', '*\n']) {
    fs.rmSync(it.path('.loglin'), { recursive: true, force: true });
    fs.mkdirSync(it.path('.loglin'));
    if (text !== undefined) it.write({ '.loglin/.gitignore': text });
    await makes(it);
    assert.ok(it.has('.loglin/builds'));
    assert.equal(it.read('.loglin/.gitignore'), '*\n');
    assert.equal(await git(it, 'status --porcelain'), '');
    await git(it, 'add -A');
    assert.equal(await git(it, 'diff --cached --name-only'), '');
  }
  // A line that somebody has written there stays.
  it.write({ '.loglin/.gitignore': '*\n!config.json\n' });
  await makes(it);
  assert.equal(it.read('.loglin/.gitignore'), '*\n!config.json\n');
});

test("beside Debian's packaging nothing is written into the tree", async (t) => {
  const it = tree(t, { ...FILES, 'debian/control': 'Source: a\n' });
  const env = { XDG_STATE_HOME: it.path('../state') };
  const state = fs.mkdtempSync(path.join(path.dirname(it.dir), 'loglin-state.'));
  t.after(() => {
    fs.rmSync(state, { recursive: true, force: true });
  });
  env.XDG_STATE_HOME = state;
  const { end, stderr } = await it.run([LOGLIN, 'make'], { env });
  assert.deepEqual([end, stderr], ['exit 0', '']);
  assert.deepEqual(fs.readdirSync(it.dir, { recursive: true }).sort(), [
    '.gitignore',
    'Makefile',
    'debian',
    'debian/control',
  ]);
  assert.equal((await it.run([LOGLIN, 'show'], { env })).stdout, '▸ all\nmade\n');
  assert.match((await it.run([LOGLIN, 'path'], { env })).stdout, new RegExp(`^${state}/loglin/%`));
  assert.match(
    (await it.run([LOGLIN, 'doctor'], { env })).stdout,
    new RegExp(`^ok {4}builds in ${state}/loglin/%`, 'm'),
  );
});
