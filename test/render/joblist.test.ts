import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import { type JobRow, commandsOf, jobTable, jobTableFor, outcome } from '../../src/render/joblist.ts';
import { displayWidth, elideMiddle } from '../../src/render/width.ts';
import { Story } from '../rig/story.ts';

const story = new Story('make')
  .start('src/a.o')
  .step('src/a.o', 'cc -c a.c')
  .step('src/a.o', 'touch it')
  .say('src/a.o', 'x'.repeat(1234))
  .end('src/a.o')
  .start('b\n.o')
  .step('b\n.o', "printf 'one\ntwo'")
  .end('b\n.o', { exit: 2 })
  .start('日本語')
  .end('日本語', { exit: 1 }, true)
  .start('killed')
  .end('killed', { signal: 11 })
  .start('late');
const jobs = story.build.jobs.slice(1);

const rows = jobs.map((job): JobRow => ({
  job,
  name: job.name,
  state: job.ended === undefined ? 'running' : 'ended',
  ms: job.ended === undefined ? undefined : 1230,
  commands: commandsOf(job),
}));

const room = (columns: number) => ({ columns, width: displayWidth, elide: elideMiddle });

test('the outcome of a job', () => {
  assert.deepEqual(
    rows.map(({ job, state }) => outcome(job, state)),
    ['ok', 'exit 2', 'exit 1 ignored', 'SIGSEGV', 'running'],
  );
  assert.equal(outcome({ ...jobs[0]!, status: undefined } satisfies Job, 'ended'), 'unknown');
});

test('without a width, names and commands are complete, one line per job', () => {
  assert.deepEqual(
    [...jobTable(rows, false)],
    [
      "ok               1.23s  1.2k  src/a.o  'cc -c a.c'; 'touch it'",
      String.raw`exit 2           1.23s     0  b\n.o    'printf '\''one\ntwo'\'''`,
      'exit 1 ignored   1.23s     0  日本語',
      'SIGSEGV          1.23s     0  killed',
      'running              ?     0  late',
    ],
  );
});

test('on a terminal, a heading, sizes with their unit, and the first command', () => {
  assert.deepEqual(
    [...jobTableFor(room(60), rows, false)],
    [
      'result            time   size  job      command',
      "ok               1.23s  1.2kB  src/a.o  'cc -c a.c'",
      String.raw`exit 2           1.23s     0B  b\n.o    'printf '\''one ...`,
      'exit 1 ignored   1.23s     0B  日本語',
      'SIGSEGV          1.23s     0B  killed',
      'running              ?     0B  late',
    ],
  );
  assert.equal([...jobTableFor(room(40), rows, false)][0], 'result            time   size  job');
  const silent = rows.map((row) => ({ ...row, commands: [] }));
  assert.equal([...jobTableFor(room(80), silent, false)][0], 'result            time   size  job');
});

test('no line exceeds its width, and every line has the status', () => {
  for (let columns = 40; columns < 120; columns += 7)
    for (const [i, line] of [...jobTableFor(room(columns), rows, false)].slice(1).entries()) {
      assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
      assert.ok(line.startsWith(outcome(jobs[i]!, rows[i]!.state)));
    }
});

test('a very long name leaves half of the width to the command', () => {
  const long = { ...rows[0]!, name: `src/${'x'.repeat(200)}.o` };
  const [, line = ''] = jobTableFor(room(100), [long], false);
  assert.match(line, /^ok {6} 1\.23s  1\.2kB  src\/x+\.\.\.x+\.o {2}'cc -c a.c'$/);
  assert.equal(displayWidth(/src.*\.o/.exec(line)![0]), (100 - 6 - 6 - 5 - 6) >> 1);
});

test('colour marks the status, dim if it is ok, the name, the command', () => {
  for (const [ok = '', bad = '', , , running = ''] of [
    [...jobTable(rows, true)],
    [...jobTableFor(room(80), rows, true)].slice(1),
  ]) {
    assert.match(ok, /^\x1b\[2mok {12}\x1b\[0m/);
    assert.match(ok, /\x1b\[1msrc\/a\.o\x1b\[0m {2}\x1b\[2m'cc/);
    assert.match(bad, /^\x1b\[31mexit 2 +\x1b\[0m/);
    assert.match(running, /^\x1b\[35mrunning +\x1b\[0m/);
  }
  assert.match([...jobTableFor(room(80), rows, true)][0]!, /^\x1b\[2mresult .*\x1b\[0m$/);
});

test('an empty table has no lines', () => {
  assert.deepEqual([...jobTable([], false), ...jobTableFor(room(80), [], false)], []);
});
