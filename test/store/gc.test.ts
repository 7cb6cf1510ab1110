// Builds removed and thinned on disk; also after an interruption, by two processes at once, and with
// obstacles.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { chooseBuild, listBuilds } from '../../src/store/builds.ts';
import { openBuild } from '../../src/store/reader.ts';
import { type Collected, collect, isDue, removeBuild } from '../../src/store/gc.ts';
import {
  buildFolder,
  buildsFolder,
  journalFile,
  logFile,
  sizeFile,
  thinnedFile,
} from '../../src/store/layout.ts';
import { tryLock } from '../../src/store/lock.ts';
import { REMOVED_BY_GC } from '../../src/store/logs.ts';
import { thisProcess } from '../../src/store/running.ts';
import { buildSize } from '../../src/store/sizes.ts';
import type { ByteOffset, JobId } from '../../src/model/ids.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { type StoreOptions, storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const GRAPH = { all: 'a b', a: '', b: '' };

function ran(targets: string): Story {
  const story = new Story('make').make('make', ['all']);
  story.say('make', "make: 'all'\n");
  for (const target of targets.split(' ').filter(Boolean))
    story.start(target, { make: 'make' }).say(target, `${target}\n`).end(target);
  return story.graph('make', GRAPH).makeEnds('make').end('make');
}

const idOf = (n: number): string => `2026010${n}-000000000-aaaa`;

class Store {
  readonly box = new Sandbox();
  readonly store = this.box.path('.loglin');
  readonly place = { root: this.box.folder, store: this.store };

  constructor(t: TestContext) {
    t.after(() => {
      this.box.remove();
    });
  }

  add(n: number, targets: string, options: StoreOptions = {}): string {
    return storeBuild(this.store, ran(targets), { id: idOf(n), ...options });
  }

  collect(builds: number, options: { dry?: boolean; again?: boolean; bytes?: number } = {}): Collected {
    const { dry = false, again = true, bytes = 2 ** 40 } = options;
    const collected = collect(this.place, { builds, bytes }, { dry, again });
    assert.ok(collected);
    return collected;
  }

  actions(collected: Collected): string[] {
    assert.deepEqual(collected.problems, []);
    return collected.removals.map(({ id, action, logs }) => `${id[7] ?? ''} ${action} ${logs}`);
  }

  /** The builds, with the logs that they have. */
  left(): string[] {
    return listBuilds(this.store).map(
      (id) => `${id[7] ?? ''}: ${fs.readdirSync(path.join(buildFolder(this.store, id), 'logs')).join(' ')}`,
    );
  }
}

function old(file: string, hours = 3): void {
  const then = new Date(Date.now() - hours * 3600_000);
  fs.utimesSync(file, then, then);
}

test('old builds are removed, those with last logs are thinned, and a dry run only reports it', (t) => {
  const at = new Store(t);
  at.add(1, 'a');
  at.add(2, 'a b');
  at.add(3, 'a');
  at.add(4, '');
  assert.deepEqual(at.actions(at.collect(2, { dry: true })), ['1 removed 0', '2 thinned 1']);
  assert.equal(at.left().length, 4);
  const collected = at.collect(2);
  assert.deepEqual(at.actions(collected), ['1 removed 0', '2 thinned 1']);
  assert.deepEqual(at.left(), ['2: 2.log', '3: 0.log 1.log', '4: 0.log']);
  assert.equal(collected.builds, 3);
  assert.equal(
    collected.bytes,
    listBuilds(at.store).reduce((sum, id) => sum + buildSize(buildFolder(at.store, id)), 0),
  );
  assert.deepEqual(at.actions(at.collect(2)), []);
});

test('a thinned build lacks only logs that newer builds have, and it is removed when its last log is superseded', (t) => {
  const at = new Store(t);
  at.add(1, 'a b');
  at.add(2, 'a');
  at.collect(1);
  const { problems, thinned, build, logs } = openBuild(at.store, idOf(1));
  assert.deepEqual(problems, []);
  assert.ok(thinned);
  assert.equal(build.jobs.length, 3);
  const buffer = Buffer.alloc(10);
  assert.equal(logs.read(2 as JobId, 0 as ByteOffset, buffer), 2);
  assert.equal(logs.read(1 as JobId, 0 as ByteOffset, buffer), 0);
  assert.equal(logs.trouble(1 as JobId), REMOVED_BY_GC);
  logs.close();
  at.add(3, 'b');
  // Build 2 now has the last log of a.
  assert.deepEqual(at.actions(at.collect(1, { again: false })), ['2 thinned 1']);
  assert.deepEqual(at.actions(at.collect(1)), ['1 removed 0']);
  assert.deepEqual(at.left(), ['2: 1.log', '3: 0.log 1.log']);
});

test('builds are removed by size', (t) => {
  const at = new Store(t);
  for (let n = 1; n < 5; n++) at.add(n, 'a b');
  const each = buildSize(buildFolder(at.store, idOf(1)));
  assert.equal(fs.readFileSync(sizeFile(buildFolder(at.store, idOf(1))), 'utf8'), `${each}\n`);
  assert.deepEqual(at.actions(at.collect(30, { bytes: 3 * each })), ['1 removed 0']);
  assert.deepEqual(at.actions(at.collect(30, { bytes: 3 * each - 1 })), ['2 removed 0']);
  // If a noted size is invalid, the logs are measured.
  fs.writeFileSync(sizeFile(buildFolder(at.store, idOf(3))), 'x');
  assert.equal(buildSize(buildFolder(at.store, idOf(3))), each);
});

test('thinned builds alone give gc nothing to do', (t) => {
  const at = new Store(t);
  at.add(1, 'a b');
  at.add(2, 'a');
  const unlimited = 2 ** 40;
  assert.equal(isDue(at.store, { builds: 2, bytes: unlimited }), false);
  assert.equal(isDue(at.store, { builds: 1, bytes: unlimited }), true);
  assert.equal(isDue(at.store, { builds: 30, bytes: 1 }), true);
  at.collect(1);
  assert.equal(isDue(at.store, { builds: 1, bytes: unlimited }), false);
  assert.equal(isDue(at.store, { builds: 30, bytes: 1 }), false);
  assert.equal(isDue(at.box.path('none'), { builds: 0, bytes: 0 }), false);
});

test('builds that run, may run or have another version stay, and interrupted builds go', (t) => {
  const at = new Store(t);
  at.add(1, 'a', { close: false, first: { ...thisProcess() } });
  at.add(2, 'a', { close: false });
  at.add(3, 'a', { first: { v: 2 } });
  fs.mkdirSync(buildFolder(at.store, idOf(4)));
  fs.mkdirSync(buildFolder(at.store, idOf(5)));
  old(buildFolder(at.store, idOf(5)));
  const interrupted = at.add(6, 'a', { close: false });
  old(journalFile(interrupted));
  old(journalFile(buildFolder(at.store, idOf(1))));
  at.add(7, 'a b');
  at.add(8, 'a b');
  assert.deepEqual(at.actions(at.collect(1)), ['5 removed 0', '6 removed 0', '7 removed 0']);
  assert.deepEqual(listBuilds(at.store), [1, 2, 3, 4, 8].map(idOf));
});

test('a build whose process cannot be seen stays for a day', (t) => {
  const at = new Store(t);
  // In a container that shares no temp folder with us.
  const unseen = { ...thisProcess(), ns: 1, workspace: path.join(at.store, 'nowhere') };
  for (const [n, hours] of [
    [1, 23],
    [2, 25],
  ] as const)
    old(journalFile(at.add(n, 'a', { close: false, first: unseen })), hours);
  at.add(3, 'a');
  assert.deepEqual(at.actions(at.collect(1)), ['2 removed 0']);
});

test('a damaged build is removed like others, and its intact parts count', (t) => {
  const at = new Store(t);
  const folder = at.add(1, 'a b');
  const records = fs.readFileSync(journalFile(folder), 'utf8').split('\n');
  fs.writeFileSync(journalFile(folder), ['{"e":"bui', ...records.slice(1)].join('\n'));
  old(journalFile(folder));
  const nothing = at.add(2, 'a b');
  fs.writeFileSync(journalFile(nothing), 'x');
  old(journalFile(nothing));
  at.add(3, 'a');
  assert.deepEqual(at.actions(at.collect(1)), ['1 thinned 1', '2 removed 0']);
});

test('gc removes what a killed gc left: a hidden folder, a lock, a half-thinned build', (t) => {
  const at = new Store(t);
  const folder = at.add(1, 'a b');
  at.add(2, 'a');
  fs.writeFileSync(thinnedFile(folder), '');
  fs.mkdirSync(path.join(buildsFolder(at.store), '.removed-1-1-x/logs'), { recursive: true });
  fs.writeFileSync(path.join(at.store, 'gc.lock'), JSON.stringify({ ...thisProcess(), ticks: 1 }));
  at.collect(1);
  assert.deepEqual(at.left(), ['1: 2.log', '2: 0.log 1.log']);
  assert.deepEqual(fs.readdirSync(buildsFolder(at.store)).sort(), [idOf(1), idOf(2)]);
  assert.ok(!fs.existsSync(path.join(at.store, 'gc.lock')));
});

test('gc does nothing while another process runs it, and takes over an abandoned lock once it is old', (t) => {
  const at = new Store(t);
  at.add(1, 'a');
  at.add(2, 'a');
  const file = path.join(at.store, 'gc.lock');
  const lock = tryLock(file);
  assert.ok(lock);
  assert.equal(tryLock(file), undefined);
  const limits = { builds: 1, bytes: 2 ** 40 };
  assert.equal(collect(at.place, limits, { dry: false, again: true }), undefined);
  assert.equal(collect(at.place, limits, { dry: true, again: true })?.removals.length, 1);
  lock.release();
  fs.writeFileSync(file, '');
  assert.equal(tryLock(file), undefined);
  old(file);
  tryLock(file)?.release();
  assert.ok(!fs.existsSync(file));
});

test('each build is removed by one of four parallel gc processes', async (t) => {
  const at = new Store(t);
  for (let n = 1; n < 10; n++) at.add(n, 'a b');
  const bin = path.join(import.meta.dirname, '../../bin/loglin');
  const outputs = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(bin, ['gc', '--keep', '2', '--json'], {
        cwd: at.box.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let text = '';
      let errors = '';
      child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
      child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
      const status = await new Promise((resolve) => child.on('close', resolve));
      if (status !== 0) assert.match(errors, /^loglin: .*: another gc is removing builds now; .*\n$/);
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { id: string }).id);
    }),
  );
  assert.deepEqual(outputs.flat().sort(), [1, 2, 3, 4, 5, 6, 7].map(idOf));
  assert.deepEqual(listBuilds(at.store), [8, 9].map(idOf));
});

test('a build that is deleted by hand in the meantime is no error', (t) => {
  const at = new Store(t);
  at.add(1, 'a');
  removeBuild(at.store, idOf(1));
  removeBuild(at.store, idOf(1));
  assert.throws(() => chooseBuild(at.store), /no builds/);
});

test('a build that cannot be removed is reported and stays as it is', (t) => {
  if (process.getuid?.() === 0) {
    t.skip('root may remove anything');
    return;
  }
  const at = new Store(t);
  const folder = at.add(1, 'a');
  at.add(2, 'a');
  fs.chmodSync(path.join(folder, 'logs'), 0o500);
  const { problems, removals } = at.collect(1);
  fs.chmodSync(path.join(folder, 'logs'), 0o700);
  assert.deepEqual(problems, [`${folder}: permission denied`]);
  assert.deepEqual(removals, []);
  assert.ok(fs.existsSync(logFile(folder, 1 as JobId)));
});
