// One list from the problems of many jobs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import type { ByteOffset } from '../../src/model/ids.ts';
import { ProblemList, fingerprint } from '../../src/problems/problemlist.ts';
import type { Problem } from '../../src/problems/problem.ts';
import { Story } from '../rig/story.ts';

const story = new Story('make').start('sub').start('a.o', { parent: 'sub' }).start('b.o', { parent: 'sub' });
const job = (name: string): Job => story.build.jobs[story.id(name)]!;

function problem(message: string, also: Partial<Problem> = {}): Problem {
  const range = { from: 0 as ByteOffset, to: 1 as ByteOffset, at: 0 as ByteOffset, entered: undefined };
  return {
    severity: 'error',
    summary: false,
    tool: 'cc',
    file: 'a.h',
    line: 1,
    column: 2,
    code: undefined,
    message,
    notes: [],
    ...range,
    ...also,
  };
}

const summary = (message: string): Problem => problem(message, { summary: true, tool: 'make' });

function listed(problems: ProblemList): string[] {
  return problems
    .list()
    .map(({ problem: { message }, jobs }) => `${message}: ${jobs.map(({ name }) => name).join()}`);
}

test('a message of several jobs is one problem; another line, column or severity is another problem', () => {
  const all = new ProblemList();
  for (const name of ['a.o', 'b.o']) {
    all.add(job(name), problem('x', { severity: 'warning' }));
    all.add(job(name), problem('x', { severity: 'warning' }));
    all.add(job(name), problem('x'));
  }
  all.add(job('b.o'), problem('x', { line: 2 }));
  assert.deepEqual(listed(all), ['x: a.o,b.o', 'x: b.o', 'x: a.o,b.o']);
  assert.deepEqual(
    all.list().map((found) => found.problem.severity),
    ['error', 'error', 'warning'],
  );
});

test('a line that repeats a failure is omitted if the job, or one below, gives the reason', () => {
  const all = new ProblemList();
  all.add(job('make'), summary('make'));
  all.add(job('sub'), summary('sub'));
  all.add(job('a.o'), problem('reason'));
  all.add(job('a.o'), summary('a.o'));
  all.add(job('b.o'), summary('b.o'));
  all.add(job('b.o'), problem('a warning', { severity: 'warning' }));
  assert.deepEqual(listed(all), ['reason: a.o', 'b.o: b.o', 'a warning: b.o']);
});

test('a line that repeats a failure is listed if nothing else explains it', () => {
  const all = new ProblemList();
  all.add(job('make'), summary('make'));
  all.add(job('sub'), summary('sub'));
  all.add(job('sub'), { ...summary('6 warnings'), severity: 'warning' });
  assert.deepEqual(listed(all), ['sub: sub']);
});

test('a limited number is kept, and the rest counted', () => {
  const all = new ProblemList(2);
  for (const message of ['1', '2', '3', '1', '4']) all.add(job('a.o'), problem(message));
  assert.deepEqual(listed(all), ['1: a.o', '2: a.o']);
  assert.equal(all.dropped, 2);
});

test('the fingerprint of a problem does not depend on its line', () => {
  const one = problem('x', { code: '-Wx' });
  assert.equal(fingerprint(one), fingerprint({ ...one, line: 99, column: undefined }));
  for (const other of [
    { message: 'y' },
    { code: undefined },
    { file: 'b.h' },
    { severity: 'warning' as const },
  ])
    assert.notEqual(fingerprint(one), fingerprint({ ...one, ...other }));
});
