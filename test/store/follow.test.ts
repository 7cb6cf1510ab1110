// A journal that is read while it is written, in chunks of any size.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { FollowedBuild } from '../../src/store/follow.ts';
import { GrowingFile } from '../../src/store/growingfile.ts';
import { journalFile, logFile, thinnedFile } from '../../src/store/layout.ts';
import { thisProcess } from '../../src/store/running.ts';
import { Tail } from '../../src/record/tail.ts';
import { appendGraph } from '../../src/store/graphs.ts';
import type { InstanceId, JobId } from '../../src/model/ids.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { Random } from '../rig/seeded.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

function sandbox(t: TestContext): Sandbox {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  return box;
}

test('each line is read once, when it is complete, however it was split', (t) => {
  const box = sandbox(t);
  const lines = ['', 'one', 'zwölf ✗', 'x'.repeat(3_000_000), 'last'];
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const random = new Random(7);
  const file = box.path('grows');
  const tail = new Tail(new GrowingFile(file));
  const found: string[] = [];
  const take = (): boolean => tail.read((line) => found.push(line.toString()));
  assert.equal(take(), false);
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(at < 20 ? 5 : 700_000);
    fs.appendFileSync(file, bytes.subarray(at, at + size));
    at += size;
    while (take());
  }
  assert.deepEqual(found, lines);
  assert.equal(String(tail.begun), 'undefined');
  fs.appendFileSync(file, 'begun');
  while (take());
  assert.equal(String(tail.begun), 'begun');
  // A deleted log is read to its end.
  fs.appendFileSync(file, '\n');
  fs.rmSync(file);
  while (take());
  assert.equal(found.at(-1), 'begun');
  tail.close();
});

const STORY = new Story('make').make('make', ['all']).start('a', { make: 'make' }).say('a', 'text\n');

function running(box: Sandbox): string {
  return storeBuild(box.path('.loglin'), STORY, { close: false, first: { ...thisProcess() } });
}

function followedIn(folder: string): FollowedBuild {
  return new FollowedBuild(path.resolve(folder, '../..'), path.basename(folder));
}

test('records and graphs are read as they arrive, until the last record', (t) => {
  const folder = running(sandbox(t));
  const followed = followedIn(folder);
  assert.ok(followed.update());
  assert.ok(!followed.update());
  assert.equal(followed.state, 'running');
  assert.equal(followed.build.jobs[1]?.size, 5);
  appendGraph(folder, 0 as InstanceId, {
    tool: 'make',
    cwd: '',
    argv: [],
    goals: ['all'],
    nodes: [{ name: 'a', needs: [], recipe: true }],
  });
  followed.update();
  assert.ok(followed.build.instances[0]?.graph?.has('a'));
  fs.appendFileSync(journalFile(folder), '{"e":"note","t":3,"te');
  assert.ok(!followed.update());
  fs.appendFileSync(journalFile(folder), 'xt":"x"}\nnonsense\n{"e":"why","t":3,"j":99,"why":""}\n');
  assert.ok(followed.update());
  assert.deepEqual(followed.build.notes, ['x']);
  assert.deepEqual(
    followed.problems.map((problem) => problem.replace(/^.*journal\.ndjson/, '')),
    [`:${STORY.events.length + 2}: not a record of a journal`, ': job 99 is unknown'],
  );
  fs.appendFileSync(journalFile(folder), '{"e":"close","t":9,"status":{"exit":2},"jobs":1,"failed":0}\n');
  assert.ok(followed.update());
  assert.equal(followed.state, 'ended');
  assert.ok(!followed.update());
  followed.close();
});

test('a build whose recorder is gone ends with what is in the logs', (t) => {
  const box = sandbox(t);
  const folder = storeBuild(box.path('.loglin'), STORY, { close: false });
  fs.appendFileSync(logFile(folder, 1 as JobId), 'more\n');
  const followed = followedIn(folder);
  assert.ok(followed.update());
  assert.equal(followed.state, 'running');
  assert.ok(followed.update());
  assert.equal(followed.state, 'interrupted');
  assert.equal(followed.build.jobs[1]?.size, 10);
  assert.ok(followed.build.jobs.every(({ ended }) => ended !== undefined));
  followed.close();
  assert.ok(!fs.existsSync(thinnedFile(folder)));
});

test('a journal of another version is refused', (t) => {
  const box = sandbox(t);
  const folder = storeBuild(box.path('.loglin'), STORY, { first: { v: 2 } });
  assert.throws(() => followedIn(folder).update(), /journal of version 2, this loglin reads version 1/);
});
