// The process beside Node that starts the command (src/capture/launch/attendant.c): it ends with loglin,
// loglin survives it, and nobody else's is taken for it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';

let box: Sandbox;

before(() => {
  box = new Sandbox();
});
after(() => {
  box.remove();
});

const GUARD_MS = 20_000;

/** Waits until there is something. @throws Error after a while. */
async function until<T>(found: () => T | undefined): Promise<T> {
  const end = Date.now() + GUARD_MS;
  for (;;) {
    const value = found();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error('it did not come');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const read = (file: string): string | undefined => {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]);

/** Running, and not a zombie. */
const isAlive = (pid: number): boolean => /^State:\s*[^ZX\s]/m.test(read(`/proc/${pid}/status`) ?? '');

/**
 * Starts a command below loglin that waits until `go` exists.
 * @param then what it does after that.
 * @returns its process and the attendant's.
 */
async function running(
  folder: string,
  then = ':',
): Promise<{ loglin: ChildProcess; command: number; attendant: number }> {
  fs.mkdirSync(folder);
  fs.mkdirSync(path.join(folder, '.loglin'));
  const script = `echo $$ >pid.new; mv pid.new pid; until [ -e go ]; do sleep 0.02; done; ${then}; echo over >over; exit 3`;
  const loglin = spawn(LOGLIN_BIN, ['sh', '-c', script], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const command = Number(await until(() => read(path.join(folder, 'pid'))));
  return { loglin, command, attendant: parentOf(command) };
}

const ended = (child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> =>
  new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      resolve([code, signal]);
    });
  });

test('the command is started beside Node, and the attendant ends with the build', async () => {
  const folder = box.path('ends');
  const { loglin, attendant } = await running(folder);
  assert.equal(fs.readlinkSync(`/proc/${attendant}/exe`).endsWith('/loglin-launch'), true);
  assert.equal(parentOf(attendant), loglin.pid);
  fs.writeFileSync(path.join(folder, 'go'), '');
  assert.deepEqual(await ended(loglin), [3, null]);
  assert.equal(isAlive(attendant), false);
});

test('a loglin that is killed takes the attendant with it, not the command', async () => {
  const folder = box.path('killed');
  const { loglin, command, attendant } = await running(folder);
  const over = ended(loglin);
  loglin.kill('SIGKILL');
  assert.deepEqual(await over, [null, 'SIGKILL']);
  await until(() => (isAlive(attendant) ? undefined : true));
  assert.equal(isAlive(command), true);
  fs.writeFileSync(path.join(folder, 'go'), '');
  await until(() => read(path.join(folder, 'over')));
});

test('an attendant that is killed ends the recording with a message, not the command', async () => {
  const folder = box.path('alone');
  const { loglin, command, attendant } = await running(folder);
  let said = '';
  loglin.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const over = ended(loglin);
  process.kill(attendant, 'SIGKILL');
  assert.deepEqual(await over, [126, null]);
  assert.match(said, /^loglin: sh: the process that started it was killed\n/);
  assert.equal(isAlive(command), true);
  fs.writeFileSync(path.join(folder, 'go'), '');
  await until(() => read(path.join(folder, 'over')));
});

test('an attendant that is killed while a FIFO is full ends the recording with the same message', async () => {
  const folder = box.path('full');
  const { loglin, attendant } = await running(folder, 'yes | head -c 100000');
  let said = '';
  loglin.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const over = ended(loglin);
  loglin.kill('SIGSTOP');
  fs.writeFileSync(path.join(folder, 'go'), '');
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(attendant, 'SIGKILL');
  loglin.kill('SIGCONT');
  assert.deepEqual(await over, [126, null]);
  assert.match(said, /^loglin: sh: the process that started it was killed\n/);
});

test('signals that come to the group and are not for it do not end the attendant', () => {
  fs.mkdirSync(box.path('signals/.loglin'), { recursive: true });
  const script = 'kill -ALRM $PPID; kill -USR2 $PPID; kill -PIPE $PPID; kill -CHLD $PPID; exit 5';
  const { status } = box.loglin(['sh', '-c', script], {}, box.path('signals'));
  assert.equal(status, 5);
});

test('the attendant is not stopped: loglin, which is stopped later, could wait for its answer', async () => {
  const folder = box.path('stopped');
  const { loglin, attendant } = await running(folder);
  const over = ended(loglin);
  for (const signal of ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) process.kill(attendant, signal);
  assert.equal(isAlive(attendant), true);
  fs.writeFileSync(path.join(folder, 'go'), '');
  assert.deepEqual(await over, [3, null]);
});

test('a LOGLIN_ATTENDANT of the environment has no effect, and the command does not see ours', () => {
  fs.mkdirSync(box.path('forged/.loglin'), { recursive: true });
  for (const forged of ['0 1 0 1', '1 1 1 1', '3 4 5 6', '97 98 99 100', '0 1 1', 'x', '']) {
    const { status, stdout } = box.loglin(
      ['sh', '-c', 'echo "${LOGLIN_ATTENDANT-none}"'],
      { LOGLIN_ATTENDANT: forged },
      box.path('forged'),
    );
    assert.deepEqual([status, stdout], [0, 'none\n']);
    const direct = box.run(
      [process.execPath, path.join(LOGLIN_BIN, '../../dist/main.cjs'), 'echo', 'x'],
      { LOGLIN_ATTENDANT: forged },
      box.path('forged'),
    );
    assert.deepEqual([direct.status, direct.stdout], [0, 'x\n']);
  }
});

test("the processor time of the command counts as loglin's", () => {
  fs.mkdirSync(box.path('times/.loglin'), { recursive: true });
  // A second, more than loglin itself takes.
  const burn =
    'until times >times && grep -q "^0m[1-9]" times; do i=0; while [ $i -lt 9999 ]; do i=$((i + 1)); done; done';
  const { stdout } = box.run(
    ['sh', '-c', '"$0" sh -c "$1"; times >all; tail -n 1 all', LOGLIN_BIN, burn],
    {},
    box.path('times'),
  );
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s/.exec(stdout) ?? [];
  assert.ok(60 * Number(minutes) + Number(seconds) >= 1, stdout);
});
