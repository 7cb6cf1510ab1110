// Whether a process still exists; not if another process has its number by now.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { liveness, thisProcess } from '../../src/store/running.ts';
import { until } from '../rig/tree.ts';

const own = thisProcess();

test('this process is alive; one of another start, another boot or number 0 is not', () => {
  assert.equal(liveness(own), 'running');
  assert.equal(liveness({ pid: process.pid }), 'running');
  assert.equal(liveness({ pid: 0 }), 'gone');
  if (own.ticks === undefined) return;
  assert.equal(liveness({ ...own, ticks: own.ticks + 1 }), 'gone');
  assert.equal(liveness({ ...own, boot: 'another' }), 'gone');
});

test('an ended process is gone, even before it is reaped', async () => {
  const { pid } = spawnSync('true');
  assert.equal(liveness({ pid }), 'gone');
  // The shell becomes a program that never waits for its child.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 100'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const child = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (bytes: Buffer) => {
        resolve(Number(bytes.toString()));
      });
    });
    await until('the child counts as ended', () => liveness({ pid: child }) === 'gone');
  } finally {
    parent.kill('SIGKILL');
  }
});
