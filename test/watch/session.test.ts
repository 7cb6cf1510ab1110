// When a watch builds again where no graph tells the inputs, with builds that the test begins and ends.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type EndedBuild, WatchSession } from '../../src/watch/session.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { needs, until } from '../rig/tree.ts';

interface Watched {
  readonly box: Sandbox;
  /** The reasons of the builds that have begun, by the names of what changed. */
  readonly begun: string[];
  readonly warnings: string[];
  interrupts: number;
  /** Ends the running build. */
  end(): Promise<void>;
  /** Waits for builds to have begun. */
  builds(count: number): Promise<void>;
}

interface Options {
  readonly git?: true;
  readonly restart?: true;
}

async function watched(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  { git, restart = false as never }: Options = {},
): Promise<Watched> {
  const box = new Sandbox();
  for (const [name, text] of Object.entries(files)) box.write(name, text);
  const run = (...words: string[]): void => void spawnSync('git', words, { cwd: box.folder });
  if (git) {
    run('init', '-q');
    run('add', '-A');
  }
  let end: ((ended: EndedBuild) => void) | undefined;
  let ends = 0;
  const it: Watched = {
    box,
    begun: [],
    warnings: [],
    interrupts: 0,
    end: async () => {
      const count = ends + 1;
      end?.({ id: undefined, hopeless: false });
      await until('the end is seen', () => ends === count);
    },
    builds: (count) => until(`${count} builds have begun`, () => it.begun.length === count),
  };
  const session = new WatchSession({
    place: { root: box.folder, store: box.path('.loglin'), ...(git && { git: box.path('.git') }) },
    argv: ['./build.sh'],
    cwd: '',
    restart,
    ignored: (name) => name.endsWith('.tmp'),
    reported: () => undefined,
    build: ({ changes }) => {
      it.begun.push(changes.map(({ name, gone }) => (gone ? `-${name}` : name)).join(' '));
      return { ended: new Promise((resolve) => (end = resolve)), interrupt: () => it.interrupts++ };
    },
    watching: () => ends++,
    warn: (text) => it.warnings.push(text),
  });
  const over = session.run();
  t.after(async () => {
    session.stop();
    end?.({ id: undefined, hopeless: false });
    await over;
    box.remove();
  });
  await it.builds(1);
  return it;
}

/** Waits for a change to have been seen: the one that is made after it. */
async function seen(it: Watched, name: string, expected: string): Promise<void> {
  it.box.write(name, String(it.begun.length));
  await it.builds(it.begun.length + 1);
  assert.equal(it.begun.at(-1), expected);
  await it.end();
}

test('new files count, also in new folders; hidden ones, dependencies and ignored ones do not', async (t) => {
  const it = await watched(t, { 'build.sh': 'x', 'src/a': 'a', 'node_modules/x/y': 'x' });
  await it.end();
  await seen(it, 'src/b', 'src/b');
  await seen(it, 'new/deep/er/c', 'new/deep/er/c');
  // Watched from now on.
  await seen(it, 'new/deep/er/c', 'new/deep/er/c');
  await seen(it, 'new/deep/er/d', 'new/deep/er/d');
  for (const name of ['.hidden', 'x.tmp', 'node_modules/x/z', 'target/o', '__pycache__/p', '.cache/deep/x'])
    it.box.write(name, 'x');
  await seen(it, 'src/a', 'src/a');
  // Folders that were empty.
  for (const name of ['empty', 'src/empty/er']) fs.mkdirSync(it.box.path(name), { recursive: true });
  await seen(it, 'src/a', 'src/a');
  await seen(it, 'empty/x', 'empty/x');
  await seen(it, 'src/empty/er/y', 'src/empty/er/y');
  fs.rmSync(it.box.path('src/b'));
  await it.builds(10);
  assert.equal(it.begun.at(-1), '-src/b');
});

test('with git, files count that it does not ignore', async (t) => {
  if (!needs(t, 'git')) return;
  const it = await watched(t, { 'build.sh': 'x', 'src/a': 'a', '.gitignore': 'out\n*.log\n' }, { git: true });
  await it.end();
  for (const name of ['out/x', 'src/y.log', 'new/out/x']) it.box.write(name, 'x');
  await seen(it, 'src/b', 'src/b');
  await seen(it, 'new/deep/c', 'new/deep/c');
  await seen(it, '.gitignore', '.gitignore');
});

test('while git holds its index, nothing begins; a lock that was left behind does not hold it up', async (t) => {
  if (!needs(t, 'git')) return;
  const it = await watched(t, { 'build.sh': 'x', a: 'a', b: 'b' }, { git: true });
  await it.end();
  const lock = it.box.write('.git/index.lock', '');
  it.box.write('a', 'aa');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(it.begun.length, 1);
  it.box.write('b', 'bb');
  fs.rmSync(lock);
  await it.builds(2);
  assert.equal(it.begun[1], 'a b');
  await it.end();
  it.box.write('.git/index.lock', '');
  const old = Date.now() / 1000 - 120;
  fs.utimesSync(lock, old, old);
  it.box.write('a', 'aaa');
  await it.builds(3);
});

test('a file that each build writes is in the end no reason for another', async (t) => {
  const it = await watched(t, { 'build.sh': 'x', a: 'a', log: '' });
  let heard = 0;
  const listener = fs.watch(it.box.folder, () => heard++);
  t.after(() => {
    listener.close();
  });
  for (let i = 1; i <= 5; i++) {
    heard = 0;
    it.box.write('log', 'x'.repeat(i));
    // The watch hears of it at the same time.
    await until('it is heard of', () => heard > 0);
    await it.end();
    if (i < 5) await it.builds(i + 1);
  }
  await until('it is said', () => it.warnings.length === 1);
  assert.match(it.warnings[0] ?? '', /^log: each build writes it/);
  it.box.write('log', 'once more');
  await seen(it, 'a', 'a');
});

test('a running build is interrupted for an input, once, and not for what it writes itself', async (t) => {
  if (!needs(t, 'git')) return;
  const files = { 'build.sh': 'x', a: 'a', b: 'b' };
  const it = await watched(t, files, { git: true, restart: true });
  it.box.write('made', 'x');
  // The change of `a` is collected after that of `made`, so that both were looked at.
  it.box.write('a', 'aa');
  await until('it is interrupted', () => it.interrupts === 1);
  it.box.write('b', 'bb');
  await it.end();
  await it.builds(2);
  assert.equal(it.interrupts, 1);
  assert.equal(it.begun[1], 'a b made');

  const without = await watched(t, files, { restart: true });
  without.box.write('made', 'x');
  without.box.write('a', 'aa');
  await without.end();
  await without.builds(2);
  assert.deepEqual([without.begun[1], without.interrupts], ['a made', 0]);
});
