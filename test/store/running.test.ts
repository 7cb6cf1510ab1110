// Is a process still there? Not if its number is another's by now.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { liveness, thisProcess } from '../../src/store/running.ts';
import { until } from '../rig/tree.ts';

const own = thisProcess();

test('this process is there; of another start, of another boot, or of number 0 none is', () => {
  assert.equal(liveness(own), 'running');
  assert.equal(liveness({ pid: process.pid }), 'running');
  assert.equal(liveness({ pid: 0 }), 'gone');
  if (own.ticks === undefined) return;
  assert.equal(liveness({ ...own, ticks: own.ticks + 1 }), 'gone');
  assert.equal(liveness({ ...own, boot: 'another' }), 'gone');
});

test('one that has ended is not, also while nobody has asked for its end', async () => {
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
    await until('the child is told to have ended', () => liveness({ pid: child }) === 'gone');
  } finally {
    parent.kill('SIGKILL');
  }
});
