// Which builds exceed the limits, and which of their logs are the last ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import { setGraph } from '../../src/model/reduce.ts';
import { LatestLogs } from '../../src/store/latestlogs.ts';
import { type Occupant, beyond } from '../../src/store/retention.ts';
import { graphOf, Story } from '../rig/story.ts';

function builds(count: number, changes: Readonly<Record<number, Partial<Occupant>>> = {}): Occupant[] {
  return Array.from({ length: count }, (_, i) => ({
    id: String(i),
    bytes: 10,
    held: false,
    inside: false,
    ...changes[i],
  }));
}

function gone(found: readonly Occupant[], count: number, bytes: number): string {
  return beyond(found, { builds: count, bytes })
    .map(({ id }) => id)
    .join(' ');
}

test('the limit that is reached first counts', () => {
  assert.equal(gone(builds(5), 3, 1000), '0 1');
  assert.equal(gone(builds(5), 30, 30), '0 1');
  assert.equal(gone(builds(5), 2, 30), '0 1 2');
  assert.equal(gone(builds(5), 5, 50), '');
  assert.equal(gone([], 0, 0), '');
});

test('builds older than one that does not fit do not fit either', () => {
  assert.equal(gone(builds(5, { 2: { bytes: 1000 } }), 30, 100), '0 1 2');
});

test('the last build and builds that are held stay', () => {
  assert.equal(gone(builds(3), 0, 0), '0 1');
  assert.equal(gone(builds(3, { 0: { held: true } }), 1, 1000), '1');
  // A build recorded inside another is not the last build.
  assert.equal(gone(builds(3, { 2: { inside: true } }), 0, 0), '0 2');
  assert.equal(gone(builds(2, { 0: { inside: true }, 1: { inside: true } }), 0, 0), '0');
});

test('builds inside others are not counted and are removed by age', () => {
  assert.equal(gone(builds(6, { 1: { inside: true }, 4: { inside: true } }), 2, 1000), '0 1 2');
});

/** A make that ran these targets; its graph has `graph`, if given. */
function ran(targets: string, graph?: Readonly<Record<string, string>>, goals = ['all']): Story {
  const story = new Story('make').make('make', goals);
  for (const target of targets.split(' ').filter(Boolean))
    story.start(target, { make: 'make' }).say(target, 'x\n').end(target);
  if (graph) story.graph('make', graph);
  return story.makeEnds('make').end('make');
}

/** What is kept of each build that is removed, the newest first. @param kept the newest first. */
function last(kept: readonly Story[], gone: readonly Story[], exists = true): string[] {
  const all = [...kept, ...gone];
  const ranIn = (story: Story, job: Job): boolean =>
    story.build.jobs.some(({ name, instance }) => name === job.name && instance?.tool === job.instance?.tool);
  let asked = 0;
  const logs = new LatestLogs({
    newest: (job) => String(all.findIndex((story) => ranIn(story, job))),
    exists: () => exists,
    kept: () => {
      asked++;
      return kept.map(({ build }) => build);
    },
  });
  for (const { build } of kept)
    logs.keep(
      build.instances.flatMap(({ tool, cwd, argv, goals, graph }) =>
        graph ? [{ tool, cwd, argv, goals, graph }] : [],
      ),
    );
  const names = gone.map((story, i) => {
    const ids = logs.lastOf(String(kept.length + i), story.build);
    return story.build.jobs
      .filter(({ id }) => ids.has(id))
      .map(({ name }) => name)
      .join(' ');
  });
  assert.ok(asked <= 1);
  return names;
}

const GRAPH = { all: 'a b c', a: '', b: '', c: '' };

test('last logs are those that no newer build has, of targets in the newest graph', () => {
  const kept = [ran('', GRAPH), ran('b', GRAPH)];
  const gone = [ran('a b', GRAPH), ran('a b c other', { ...GRAPH, other: '' })];
  // A log that one of them keeps is not the last one in an older build.
  assert.deepEqual(last(kept, gone), ['a', 'c']);
});

test('a target that is not in the newest graph has no last log', () => {
  assert.deepEqual(last([ran('', { all: 'a', a: '' }), ran('', GRAPH)], [ran('a b', GRAPH)]), ['a']);
});

test('the goals of all kept builds count; without a graph among them, the newest build counts', () => {
  const check = ran('', { check: 'a', a: '' }, ['check']);
  assert.deepEqual(last([check, ran('', GRAPH)], [ran('a b', GRAPH)]), ['a b']);
  const nothingToDo = ran('');
  const gone = [ran('a b', { all: 'a', a: '' }), ran('b c', GRAPH)];
  assert.deepEqual(last([nothingToDo], gone), ['a', '']);
  assert.deepEqual(last([new Story('sh').end('sh')], gone), ['a', '']);
});

test('a tool whose folder was deleted has no targets', () => {
  assert.deepEqual(last([ran('', GRAPH)], [ran('a b', GRAPH)], false), ['']);
});

test('targets that share their commands share their last log', () => {
  const story = ran('');
  setGraph(story.build, story.build.instances[0]!, graphOf({ all: 'p' }, { all: ['twin'] }));
  assert.deepEqual(last([story], [ran('twin', GRAPH)]), ['twin']);
});

test('without a graph, targets that newer builds ran or needed count, or all if none knows the tool', () => {
  const app = new Story('cargo').make('cargo').start('app', { make: 'cargo', needs: 'lib util' }).end('app');
  app.makeEnds('cargo').end('cargo');
  assert.deepEqual(last([app], [ran('lib util other')]), ['lib util']);
  assert.deepEqual(last([new Story('sh').end('sh')], [ran('lib')]), ['lib']);
});

test('in scripts, jobs that newer builds link to and the jobs they launched count, unless they ran since', () => {
  const kept = [new Story('sh').need('sh', 'docs').start('inner').end('inner').end('sh')];
  const script = new Story('sh').start('docs').start('inner', { parent: 'docs' }).end('inner');
  script.start('deep', { parent: 'docs' }).end('deep').end('docs').start('other').end('other').end('sh');
  const older = new Story('sh').start('docs').end('docs').end('sh');
  assert.deepEqual(last(kept, [script, older]), ['docs deep', '']);
});

test('two jobs of one target in a build both have its last log', () => {
  const story = new Story('make').make('make', ['all']);
  story.start('a', { make: 'make' }).end('a').start('a', { make: 'make', as: 'a2' }).end('a2');
  story.graph('make', GRAPH).makeEnds('make').end('make');
  assert.deepEqual(last([], [story]), ['a a']);
});
