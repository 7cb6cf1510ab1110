// loglin time on a build with known times, and on one with a damaged record.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import type { BuildEvent } from '../../src/model/events.ts';
import { displayWidth } from '../../src/render/width.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { type TimedBuild, type TimedJob, recordPlan } from '../rig/schedule.ts';
import { storeBuild } from '../rig/stored.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';

const job = (name: string, ms: number): TimedJob => ({ name, work: [{ kind: 'own', ms }] });
const targets = [
  { name: 'src/gen.h', needs: [], job: job('src/gen.h', 400) },
  { name: 'src/a.o', needs: ['src/gen.h'], job: job('src/a.o', 2000) },
  { name: 'src/b.o', needs: ['src/gen.h'], job: job('src/b.o', 5000) },
  { name: 'src/c.o', needs: ['src/gen.h'], job: job('src/c.o', 300) },
  { name: 'prog', needs: ['src/a.o', 'src/b.o', 'src/c.o'], job: job('prog', 1000) },
  { name: 'odd\x1b[31m\nname', needs: [], job: job('odd\x1b[31m\nname', 100) },
  { name: 'all', needs: ['prog'], job: undefined },
];
const plan: TimedJob = { name: 'make', work: [{ kind: 'make', make: { head: 50, tail: 10, targets } }] };

/** b.o has to wait for a slot; each command has recorded resource usage. */
function known(): TimedBuild {
  const delays = [0, 500, 0, 0, 0];
  const recorded = recordPlan(plan, () => delays.shift() ?? 0);
  const steps = recorded.build.jobs
    .filter(({ name }) => name.endsWith('.o'))
    .flatMap(({ id: j, started, ended }): BuildEvent[] => [
      { e: 'step', t: started, j, s: 0, at: 0 as never, argv: ['cc'] },
      {
        e: 'stepend',
        t: ended!,
        j,
        s: 0,
        status: { exit: 0 },
        user: 250_000 * j,
        sys: 50_000,
        rss: 1000 * j,
      },
    ]);
  return { ...recorded, events: [...recorded.events, ...steps] };
}

const box = new Sandbox();
after(() => {
  box.remove();
});
const store = box.path('.loglin');
storeBuild(store, known(), { id: A });
storeBuild(store, recordPlan(job('sleep 1', 1000)), { id: B });

const time = (...args: string[]): ReturnType<Sandbox['loglin']> => box.loglin(['time', ...args]);

test('time prints the path with its waits, the slowest jobs, CPU use and parallelism', () => {
  const { stdout, stderr, status } = time('-b', A);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.equal(
    stdout,
    String.raw`make: 6 jobs in 6.96s
Their own time together: 8.80s; 1.26 ran on average, 2 at most.
Processor: 3.00s user, 0.15s system, of the 3 jobs that it is known of; largest process 5.1MB (src/b.o).

However many ran at once, it could not take less than 6.46s (93%), because of:
start   took  share  waited  job
0.00s  0.05s     1%          make
0.05s  0.40s     6%          src/gen.h
0.95s  5.00s    77%   0.50s  src/b.o
5.95s  1.00s    15%          prog
6.95s  0.01s     0%          make
One after the other but for 0.50s of waiting in between, until there was room for the next.

Slowest jobs
 took  start  slack    cpu  memory  job
5.00s  0.95s  0.00s  1.30s   5.1MB  src/b.o
2.00s  0.45s  3.00s  0.80s   3.1MB  src/a.o
1.00s  5.95s  0.00s                 prog
0.40s  0.05s  0.00s                 src/gen.h
0.30s  0.45s  4.70s  1.05s   4.1MB  src/c.o
0.10s  0.05s  6.30s                 odd\x1b[31m\nname

Jobs that ran, over time
2 │ ▅  ▁███▂ ▅███████████████▆
1 │▇██████████████████████████████████████████████████████████████████████████▇
   0.00s                                                                  6.96s

So many at once, for so long
   0    0.06s    1%
   1    5.00s   72%  █████████████████████████████
   2    1.90s   27%  ███████████

While others waited, one job ran alone for 4.00s (57%)
alone  job
3.50s  src/b.o
0.30s  src/gen.h
0.20s  src/a.o
`,
  );
});

test('time -n limits each list and sums up the rest', () => {
  const { stdout } = time('-b', A, '-n', '2');
  assert.match(
    stdout,
    /share {2}waited {2}job\n.* src\/b\.o\n.* prog\nand 3 shorter ones, 0\.46s together\n/,
  );
  assert.equal(stdout.split('\n').filter((line) => /s {2}.*(src|prog)/.test(line)).length, 6);
  assert.doesNotMatch(time('-b', A, '-n0').stdout, /src\/b\.o\n/);
  const wrong = time('-n', 'x');
  assert.deepEqual([wrong.stderr, wrong.status], ['loglin: -n x: want a number\n', 125]);
});

test('time TARGET counts only what the target needed', () => {
  const { stdout, status } = time('-b', A, 'b.o');
  assert.equal(status, 0);
  assert.match(stdout, /^b\.o: 2 jobs in 5\.90s\n/);
  assert.match(
    stdout,
    /less than 5\.40s \(92%\)[^\n]*\n[^\n]*\n0\.05s {2}0\.40s .* src\/gen\.h\n0\.95s {2}5\.00s .* src\/b\.o\n/,
  );
  assert.match(time('-b', A, 'all').stdout, /^all: 5 jobs in 6\.90s\n/);
  const none = time('-b', A, 'nothing');
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^loglin: nothing: no such target in this build/);
});

test('time --ascii prints only ASCII, and --color=always prints colours', () => {
  assert.match(time('-b', A, '--ascii').stdout, /^[ -~\n]*$/);
  assert.match(time('-b', A, '--color').stdout, /^\x1b\[1mmake: 6 jobs in 6\.96s\x1b\[0m\n/);
  for (const line of time('-b', A).stdout.split('\n')) assert.ok(displayWidth(line) <= 110);
});

test('time handles a build without jobs', () => {
  assert.equal(
    time().stdout,
    `sleep 1: 0 jobs in 1.00s

However many ran at once, it could not take less than 1.00s (100%), because of:
start   took  share  waited  job
0.00s  1.00s   100%          sleep 1
`,
  );
});

test('time --json has the documented records', () => {
  const records = time('-b', A, '--json')
    .stdout.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const [build, ...others] = records;
  assert.deepEqual(build, {
    type: 'build',
    from: 0,
    to: 6960,
    ms: 6960,
    least: 6460,
    work: 8800,
    running: [60, 5000, 1900],
    alone: 4000,
    user: 3_000_000,
    sys: 150_000,
    rss: 5000,
    known: 3,
  });
  assert.deepEqual(
    others.filter(({ type }) => type === 'path').map(({ name, at, ms, waited }) => [name, at, ms, waited]),
    [
      ['make', 0, 50, 0],
      ['src/gen.h', 50, 400, 0],
      ['src/b.o', 950, 5000, 500],
      ['prog', 5950, 1000, 0],
      ['make', 6950, 10, 0],
    ],
  );
  const jobs = others.filter(({ type }) => type === 'job');
  assert.equal(jobs.length, 7);
  assert.deepEqual(jobs[0], {
    type: 'job',
    job: 5,
    name: 'src/b.o',
    started: 950,
    ended: 5950,
    own: 5000,
    slack: 0,
    waited: 500,
    alone: 3500,
    user: 1_250_000,
    sys: 50_000,
    rss: 5000,
  });
});

test('time handles a damaged and a truncated record', () => {
  const file = box.path('.loglin/builds', A, 'journal.ndjson');
  const whole = fs.readFileSync(file, 'utf8');
  const lines = whole.split('\n');
  try {
    fs.writeFileSync(file, whole.slice(0, whole.indexOf('"e":"end"') + 5));
    const cut = time('-b', A);
    assert.equal(cut.status, 1);
    assert.match(cut.stdout, /^make \(interrupted\): 6 jobs in /);
    for (let i = 0; i < lines.length; i++) {
      fs.writeFileSync(file, lines.map((line, k) => (k === i ? 'x'.repeat(line.length) : line)).join('\n'));
      const { stdout, stderr } = time('-b', A, '--json');
      assert.doesNotMatch(stderr, /internal error/);
      assert.notEqual(stdout, '');
    }
  } finally {
    fs.writeFileSync(file, whole);
  }
});

test('time --trace writes a trace, limited to the targets if any are given', () => {
  const { stdout, stderr, status } = time('-b', A, '--trace', 'trace.json');
  assert.deepEqual([stdout, stderr, status], ['', '', 0]);
  const names = (): string[] =>
    (
      JSON.parse(fs.readFileSync(box.path('trace.json'), 'utf8')) as {
        traceEvents: { ph: string; name: string }[];
      }
    ).traceEvents
      .filter(({ ph }) => ph === 'X')
      .map(({ name }) => name);
  assert.equal(names().length, 7);
  assert.equal(time('-b', A, '--trace', 'trace.json', 'b.o').status, 0);
  assert.deepEqual(names(), ['src/gen.h', 'src/b.o']);
  const nowhere = time('-b', A, '--trace', 'no/trace.json');
  assert.deepEqual(
    [nowhere.stderr, nowhere.status],
    ['loglin: no/trace.json: no such file or directory\n', 125],
  );
});
