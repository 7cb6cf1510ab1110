// The output of `loglin time`, as far as it does not depend on a terminal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timetable } from '../../src/render/timetable.ts';
import { criticalPath } from '../../src/timing/critical.ts';
import { loadOf } from '../../src/timing/load.ts';
import { totalResources } from '../../src/timing/resources.ts';
import { type ByteOffset, type JobId, ROOT, START } from '../../src/model/ids.ts';
import { Story } from '../rig/story.ts';

test('the chart distinguishes moments with few running jobs from moments with none', () => {
  const story = new Story('sh');
  for (const [j, name, from, to] of [
    [1, 'long', 0, 5000],
    [2, 'short', 9990, 10_000],
  ] as const) {
    story.event({ e: 'start', t: from, j: j as JobId, name, parent: ROOT, at: START });
    story.event({ e: 'end', t: to, j: j as JobId, status: { exit: 0 }, size: 0 as ByteOffset });
  }
  story.event({ e: 'end', t: 10_000, j: ROOT, status: { exit: 0 }, size: 0 as ByteOffset });
  const { build } = story;
  const timing = criticalPath(build);
  const jobs = timing.jobs.map(({ job }) => job);
  const chart = (ascii: boolean): string | undefined => {
    const text = timetable(
      { timing, load: loadOf(build, jobs, timing.from, timing.to), used: totalResources(jobs) },
      {
        nameOf: ({ name }) => name,
        title: 'sh',
        root: build.jobs[ROOT],
        colour: false,
        ascii,
        // The chart takes six of them.
        columns: 10,
        fit: false,
        most: 10,
      },
    );
    return /^1 (.*)$/m.exec(text)?.[1];
  };
  assert.equal(chart(false), '│███  ▁');
  assert.equal(chart(true), '|###  .');
});

test('on a narrow terminal sentences are broken between words, and columns make room for names', () => {
  const story = new Story('sh');
  const name = 'folder/of/some/length/a.o';
  for (const [j, from, to] of [
    [1, 0, 5000],
    [2, 6000, 10_000],
  ] as const) {
    story.event({ e: 'start', t: from, j: j as JobId, name: `${name}${j}`, parent: ROOT, at: START });
    story.event({ e: 'end', t: to, j: j as JobId, status: { exit: 0 }, size: 0 as ByteOffset });
  }
  story.event({ e: 'end', t: 10_000, j: ROOT, status: { exit: 0 }, size: 0 as ByteOffset });
  const { build } = story;
  const timing = criticalPath(build);
  const jobs = timing.jobs.map(({ job }) => job);
  const lines = (columns: number): string[] =>
    timetable(
      { timing, load: loadOf(build, jobs, timing.from, timing.to), used: totalResources(jobs) },
      {
        nameOf: ({ name }) => name,
        title: 'sh',
        root: build.jobs[ROOT],
        colour: false,
        ascii: true,
        columns,
        fit: true,
        most: 10,
      },
    ).split('\n');
  for (let columns = 30; columns < 120; columns++)
    for (const line of lines(columns)) assert.ok(line.length <= columns, `${columns}: ${line}`);
  assert.ok(lines(80).includes(`start   took  share  job`), lines(80).join('\n'));
  assert.ok(lines(36).includes('start   took  job'), lines(36).join('\n'));
  assert.ok(lines(30).includes(' took  job'), lines(30).join('\n'));
  assert.ok(lines(30).includes('5.00s  folder/of...ength/a.o1'), lines(30).join('\n'));
});
