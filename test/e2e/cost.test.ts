// What loglin costs in processes, files and bytes, for fixed inputs: what the clock says of it differs from
// machine to machine, these do not. A change that makes one of them grow fails here, and is either mended or
// raises the limit with a reason. strace counts.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';
import { needs } from '../rig/tree.ts';

let box: Sandbox;

before(() => {
  box = new Sandbox();
  for (const folder of ['small/.loglin', 'jobs/.loglin']) fs.mkdirSync(box.path(folder), { recursive: true });
  box.write('small/Makefile', 'all: a\na: ; @echo one >$@; echo two\n');
  for (const count of [50, 150, 1150]) {
    const names = Array.from({ length: count }, (_, i) => `t${i}`);
    box.write(
      `jobs/${count}.mk`,
      `all: ${names.join(' ')}\n${names.map((name) => `${name}: ; @:;echo x\n`).join('')}`,
    );
  }
});
after(() => {
  box.remove();
});

interface Cost {
  /** Processes started, without threads. */
  readonly processes: number;
  /** Programs that processes became. */
  readonly programs: number;
  /** Files opened. */
  readonly opened: number;
  /** Calls of the system in all, but for those that depend on the time, such as waiting. */
  readonly calls: number;
  /** Bytes read, and written. */
  readonly read: number;
  readonly written: number;
}

/** Not counted: what polls and waits. */
const WAITING = /^(epoll_\w+|p?poll|p?select\d?|wait4|waitid)$/;
/** Nor are Node's own threads, its memory and its clock. */
const TRACED = '%file,%desc,%process';

/**
 * What a command costs, once it has run before, without the code that V8 compiled: how much of it is kept
 * depends on how long the run took that kept it.
 */
function cost(argv: readonly string[], cwd: string): Cost {
  const file = box.path('trace');
  const changes = { XDG_CACHE_HOME: '/dev/null', NODE_V8_COVERAGE: undefined };
  const options = ['-f', '-qq', '-o', file, '-e', `trace=${TRACED}`];
  for (let i = 0; i < 2; i++) {
    const traced = box.run(['strace', ...options, ...argv], changes, cwd);
    assert.equal(traced.status, 0, traced.stderr);
  }
  return counted(fs.readFileSync(file, 'latin1'));
}

/** Counts the calls in a trace; one that another process interrupts stands in two lines. */
function counted(trace: string): Cost {
  const begun = new Map<string, string>();
  const sums = { processes: 0, programs: 0, opened: 0, calls: 0, read: 0, written: 0 };
  for (const line of trace.split('\n')) {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(pid, rest);
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    const call = resumed === undefined ? rest : (begun.get(pid) ?? '') + resumed;
    const [, name = '', result = '-1'] = /^(\w+)\(.*= (-?\d+)/.exec(call) ?? [];
    const value = Number(result);
    if (name !== '' && !WAITING.test(name)) sums.calls++;
    if (value < 0) continue;
    if (name === 'execve') sums.programs++;
    else if (/^(clone3?|v?fork)$/.test(name)) sums.processes += call.includes('CLONE_THREAD') ? 0 : 1;
    else if (name.startsWith('open')) sums.opened++;
    else if (name.includes('read')) sums.read += value;
    else if (name.includes('write')) sums.written += value;
  }
  return sums;
}

/** @throws unless each figure is at most the limit, and at least half of it: one far off guards nothing. */
function check(found: Cost, limits: Cost): void {
  for (const name of Object.keys(limits) as (keyof Cost)[]) {
    const told = `${name}: ${found[name]}, limit ${limits[name]}`;
    assert.ok(found[name] <= limits[name], told);
    assert.ok(found[name] * 2 >= limits[name], `${told}: lower the limit`);
  }
}

test('a build with nothing to do', (t) => {
  if (!needs(t, 'strace')) return;
  // sh, the note of its state, the channels, Node, the attendant, make: of these, three are processes of
  // their own. Most of the bytes are the bundle.
  check(cost([LOGLIN_BIN, 'make'], box.path('small')), {
    processes: 3,
    programs: 6,
    opened: 130,
    calls: 1300,
    read: 900_000,
    written: 7000,
  });
});

test('show of a small build', (t) => {
  if (!needs(t, 'strace')) return;
  check(cost([LOGLIN_BIN, 'show'], box.path('small')), {
    processes: 0,
    programs: 2,
    opened: 35,
    calls: 450,
    read: 550_000,
    written: 80,
  });
});

test('a job, beyond what it costs make', (t) => {
  if (!needs(t, 'strace')) return;
  const each = (wrapper: readonly string[]): Record<keyof Cost, number> => {
    const of = (count: number): Cost => cost([...wrapper, 'make', '-f', `${count}.mk`], box.path('jobs'));
    const [few, many] = [of(50), of(150)];
    const one = (name: keyof Cost): number => (many[name] - few[name]) / 100;
    return {
      processes: one('processes'),
      programs: one('programs'),
      opened: one('opened'),
      calls: one('calls'),
      read: one('read'),
      written: one('written'),
    };
  };
  const [ours, makes] = [each([LOGLIN_BIN]), each([])];
  const beyond = (name: keyof Cost): number => ours[name] - makes[name];
  check(
    {
      processes: beyond('processes'),
      programs: beyond('programs'),
      opened: beyond('opened'),
      calls: beyond('calls'),
      read: beyond('read'),
      written: beyond('written'),
    },
    // The library and the log; records and the text, read and written once more for the display.
    { processes: 0, programs: 0, opened: 6, calls: 52, read: 2000, written: 1400 },
  );
});

test('the objects that a job costs the recorder', () => {
  // A Node that has room for all objects, so that none is collected, and tells at its end how many bytes they
  // take.
  const heap = box.path('heap');
  box.write(
    'roomy/told.cjs',
    `process.on('exit', () => require('fs').writeFileSync('${heap}', \`\${process.memoryUsage().heapUsed}\`));`,
  );
  const options = '--min-semi-space-size=256 --max-semi-space-size=256';
  box.write(
    'roomy/node',
    `#!/bin/sh\nexec '${process.execPath}' ${options} -r '${box.path('roomy/told.cjs')}' "$@"\n`,
  );
  fs.chmodSync(box.path('roomy/node'), 0o755);
  const changes = {
    PATH: `${box.path('roomy')}:${process.env.PATH}`,
    XDG_CACHE_HOME: '/dev/null',
    NODE_V8_COVERAGE: undefined,
  };
  const bytes = (count: number): number => {
    const { status, stderr } = box.run([LOGLIN_BIN, 'make', '-f', `${count}.mk`], changes, box.path('jobs'));
    assert.equal(status, 0, stderr);
    return Number(fs.readFileSync(heap, 'utf8'));
  };
  const each = (bytes(1150) - bytes(150)) / 1000;
  assert.ok(each < 36_000, `${each} bytes a job`);
  assert.ok(each > 15_000, `${each} bytes a job: lower the limit`);
});
