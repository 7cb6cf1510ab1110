import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import { type JobRow, commandsOf, jobTable, outcome } from '../../src/render/joblist.ts';
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

test('no line exceeds its width, and every line has the status', () => {
  for (let columns = 40; columns < 120; columns += 7)
    for (const [i, line] of [...jobTable(rows, false, room(columns))].entries()) {
      assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
      assert.ok(line.startsWith(outcome(jobs[i]!, rows[i]!.state)));
    }
});

test('a very long name leaves half of the width to the command', () => {
  const [line = ''] = jobTable([{ ...rows[0]!, name: `src/${'x'.repeat(200)}.o` }], false, room(100));
  assert.equal(displayWidth(line), 72);
  assert.match(line, /\.\.\.x+\.o {2}'cc -c a.c'$/);
});

test('colour marks the status unless it is ok, the name, the command', () => {
  const [ok = '', bad = ''] = jobTable(rows, true);
  assert.match(ok, /^ok {15}/);
  assert.match(ok, /\x1b\[1msrc\/a\.o\x1b\[0m {2}\x1b\[2m'cc/);
  assert.match(bad, /^\x1b\[31mexit 2 +\x1b\[0m/);
});

test('an empty table has no lines', () => {
  assert.deepEqual([...jobTable([], false)], []);
});
