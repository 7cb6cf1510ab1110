// Signals to a command that was started.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { sendSignal } from '../../src/capture/launch/started.ts';

test('a signal to a process that has ended is no failure', () => {
  const { pid } = spawnSync('true');
  assert.throws(() => process.kill(pid, 'SIGTERM'), { code: 'ESRCH' });
  sendSignal(pid, 'SIGTERM');
});
