// The jobs of earlier builds that stand in for targets that did not run.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { type ByteOffset, type InstanceId, type JobId, ROOT, START } from '../../src/model/ids.ts';
import { historyFile } from '../../src/store/layout.ts';
import { EarlierBuilds } from '../../src/view/earlierbuilds.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';

const box = new Sandbox();
after(() => {
  box.remove();
});

/**
 * A script that calls make with each of these argument lists in turn.
 * @param targets what each make builds.
 */
function script(calls: readonly string[], targets: readonly string[]): Story {
  const story = new Story('sh');
  for (const [i, word] of calls.entries()) {
    const instance = { i: i as InstanceId, tool: 'make', j: ROOT, cwd: '', argv: ['make', word] };
    story.event({ e: 'tool', t: 0, ...instance });
    for (const name of targets) {
      const j = story.build.jobs.length as JobId;
      story.event({ e: 'start', t: 0, j, name, parent: ROOT, at: START, i: instance.i });
      story.event({ e: 'end', t: 1, j, status: { exit: 0 }, size: 0 as ByteOffset });
    }
    story.event({ e: 'toolend', t: 1, i: instance.i, exit: 0 });
  }
  return story.end('sh');
}

test('a target that several makes built is taken from the make with the same call, else from the last one', () => {
  const store = box.path('.loglin');
  storeBuild(store, script(['one', 'two', '-j4', 'three'], ['a', 'b', 'a']), { id: A });
  const now = script(['two', 'one', 'other'], []);
  storeBuild(store, now, { id: B });
  const earlier = new EarlierBuilds({ root: box.folder, store }, B, now.build);
  const found = (name: string, i: number): number[] | undefined =>
    earlier.unchanged(name, now.build.instances[i])?.map(({ id }) => id);
  assert.deepEqual(found('a', 0), [4, 6], 'both rules of its own');
  assert.deepEqual(found('a', 1), [1, 3]);
  assert.deepEqual(found('b', 1), [2]);
  assert.deepEqual(found('a', 2), [10, 12]);
  assert.deepEqual(found('c', 0), []);
});

/** How many descriptors of this process are of a file. */
function descriptors(file: string): number {
  return fs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false;
    }
  }).length;
}

test('the history is open until the earlier builds are closed', () => {
  const store = box.path('closed/.loglin');
  storeBuild(store, script(['one'], ['a']), { id: A });
  const now = script(['one'], []);
  storeBuild(store, now, { id: B });
  const look = (): EarlierBuilds => {
    const earlier = new EarlierBuilds({ root: box.folder, store }, B, now.build);
    assert.equal(earlier.unchanged('a', now.build.instances[0])?.length, 1);
    return earlier;
  };
  // The first one writes the file.
  look().close();
  const earlier = look();
  const file = fs.realpathSync(historyFile(store));
  assert.equal(descriptors(file), 1);
  earlier.close();
  assert.equal(descriptors(file), 0);
});
