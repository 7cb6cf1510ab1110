// The bell of a recording, and that it is answered by a poll.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { Bell } from '../../src/capture/bell.ts';
import { startedByNode } from '../../src/capture/launch/started.ts';
import { pollUntilExit } from '../../src/capture/poll.ts';
import { tree } from '../rig/tree.ts';

test('whoever writes into the FIFO rings, as often as it likes', async (t) => {
  const it = tree(t, {});
  const fifo = it.path('bell');
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  const bell = new Bell(fifo);
  for (let i = 0; i < 3; i++) {
    const rung = new Promise<void>((resolve) => {
      bell.onRing = resolve;
    });
    fs.writeFileSync(fifo, '!');
    // The test ends in failure if it does not come.
    const waiting = setTimeout(() => undefined, 60_000);
    await rung;
    clearTimeout(waiting);
  }
  bell.close();
});

test('a ring is answered by a poll at once, and by frequent ones for a while', async (t) => {
  const it = tree(t, {});
  const fifo = it.path('bell');
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  const bell = new Bell(fifo);
  // Time stands still.
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const child = spawn('cat');
  let polls = 0;
  const ended = pollUntilExit(startedByNode(child), 'make', () => (polls++, 0), bell);
  assert.equal(polls, 1);
  bell.onRing();
  assert.equal(polls, 2);
  t.mock.timers.tick(1);
  assert.equal(polls, 3);
  bell.onRing();
  bell.onRing();
  assert.equal(polls, 5);
  t.mock.timers.tick(1);
  assert.equal(polls, 6);
  child.stdin.end();
  assert.deepEqual(await ended, { exit: 0 });
  t.mock.timers.tick(1);
  assert.equal(polls, 6);
  bell.close();
});
